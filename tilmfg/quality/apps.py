from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "tilmfg.quality"
    label = "quality"

    def ready(self):
        from . import services  # noqa: F401  they say what is signed
