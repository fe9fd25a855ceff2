from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tilmfg.accounts"
    label = "accounts"
