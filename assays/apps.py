from django.apps import AppConfig


class AssaysConfig(AppConfig):
    name = "assays"
    label = "assays"

    def ready(self):
        from . import effects  # noqa: F401
