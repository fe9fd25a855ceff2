from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "tilmfg.identity"
    label = "identity"
