from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    name = "tilmfg.treatment"
    label = "treatment"
