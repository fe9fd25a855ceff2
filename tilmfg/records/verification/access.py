"""As whom verification reads, and from where."""

from django.conf import settings
from django.db import connection


def reader_parameters() -> dict[str, object]:
    """The verifier's own login where there is one, else the application's."""
    login = connection.settings_dict | settings.TILMFG_VERIFIER
    words = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    return {word: login[name] for word, name in words.items() if login[name]} | login["OPTIONS"]
