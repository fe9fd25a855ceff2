from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tilmfg.accounts"
    label = "accounts"

    def ready(self):
        from . import effects, sessions  # noqa: F401 - what happens at sign-in, and after a lock
