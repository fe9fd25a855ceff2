from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "tilmfg.records"
    label = "records"
