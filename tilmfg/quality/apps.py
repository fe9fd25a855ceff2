from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "tilmfg.quality"
    label = "quality"
