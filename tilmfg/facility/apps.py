from django.apps import AppConfig


class FacilityConfig(AppConfig):
    name = "tilmfg.facility"
    label = "facility"
