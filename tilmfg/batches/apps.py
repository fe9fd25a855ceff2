from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "tilmfg.batches"
    label = "batches"
