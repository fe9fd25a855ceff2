"""As whom verification reads, from where, and whom it trusts."""

from pathlib import Path

from django.conf import settings
from django.db import connection

from ..anchor_files import public_key_of
from .anchors import Trust


def reader_parameters() -> dict[str, object]:
    """The verifier's own login where there is one, else the application's."""
    login = connection.settings_dict | settings.TILMFG_VERIFIER
    words = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    return {word: login[name] for word, name in words.items() if login[name]} | login["OPTIONS"]


def trust() -> Trust:
    """The present anchor key, the past ones, and the time-stamp authorities."""
    keys = [settings.TILMFG_ANCHOR_PUBLIC_KEYS]
    if settings.TILMFG_ANCHOR_KEY:
        keys.append(public_key_of(settings.TILMFG_ANCHOR_KEY))
    certificates = settings.TILMFG_TSA_CERTIFICATES
    return Trust(
        folder=Path(settings.TILMFG_ANCHOR_FOLDER),
        keys=",".join(keys),
        certificates=Path(certificates).read_bytes() if certificates else b"",
    )
