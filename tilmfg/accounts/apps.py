from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tilmfg.accounts"
    label = "accounts"

    def ready(self):
        from . import sessions  # noqa: F401 - registers what happens at sign-in
