from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "tilmfg.demonstration"
    label = "demonstration"
