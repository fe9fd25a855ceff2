from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "tilmfg.home"
    label = "home"
