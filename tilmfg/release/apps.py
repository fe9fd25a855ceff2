from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "tilmfg.release"
    label = "release"

    def ready(self):
        from . import effects, listeners  # noqa: F401
