from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "tilmfg.release"
    label = "release"
