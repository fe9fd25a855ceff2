from django.apps import AppConfig


class ValidationConfig(AppConfig):
    name = "tilmfg.validation"
    label = "validation"
