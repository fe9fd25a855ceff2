from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "tilmfg.batches"
    label = "batches"

    def ready(self):
        from . import services  # noqa: F401  they say what is signed
