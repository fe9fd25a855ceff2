from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "tilmfg.shell"
