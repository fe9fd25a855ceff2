from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "tilmfg.home"
    label = "home"

    def ready(self):
        from . import versions  # noqa: F401 (it hears a worker begin)
