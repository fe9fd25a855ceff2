"""What identifies a person, sealed: encryption and the blind index. Who may open it is asked in services.

TILMFG_VAULT_KEY holds one Fernet key, or several with the newest first: the newest seals and indexes, each opens and
finds. `manage.py rotate_vault_key` then seals everything anew, so that the older ones can be taken away.
"""

import base64
import hashlib
import hmac
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import date

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_SPACING = re.compile(r"[\s\-\u2010-\u2015\u2212_./]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a pseudonym is."""

    name: str
    birth_date: date
    hospital_number: str

    def agrees_with(self, other: "Identity") -> dict[str, bool]:
        """Field by field, as people write: case and spacing do not count."""
        return {
            "name": _as_written(self.name) == _as_written(other.name),
            "birth_date": self.birth_date == other.birth_date,
            "hospital_number": normalise(self.hospital_number) == normalise(other.hospital_number),
        }


def normalise(wristband: str) -> str:
    """A hospital number as it is compared: capitals, no spaces, dashes or dots."""
    return _SPACING.sub("", unicodedata.normalize("NFKC", wristband)).upper()


def seal(identity: Identity) -> bytes:
    fields = asdict(identity) | {"birth_date": identity.birth_date.isoformat()}
    return _fernet().encrypt(json.dumps(fields, ensure_ascii=False).encode())


def unseal(sealed: bytes | memoryview) -> Identity:
    fields = json.loads(_fernet().decrypt(bytes(sealed)))
    return Identity(**fields | {"birth_date": date.fromisoformat(fields["birth_date"])})


def is_sealed_by_the_newest(sealed: bytes | memoryview) -> bool:
    try:
        Fernet(_keys()[0]).decrypt(bytes(sealed))
    except InvalidToken:
        return False
    return True


def wristband_index(site_code: str, wristband: str) -> str:
    """A keyed digest: equal wristbands of one hospital are equal, and nobody without the key can try numbers out.

    Two hospitals may give the same number to two people, hence the site.
    """
    return wristband_indexes(site_code, wristband)[0]


def wristband_indexes(site_code: str, wristband: str) -> list[str]:
    """Under which a person may be found: one for each key, the newest first."""
    text = f"{site_code}\n{normalise(wristband)}".encode()
    return [hmac.new(_index_key(key), text, hashlib.sha256).hexdigest() for key in _keys()]


def _keys() -> list[str]:
    return [key.strip() for key in settings.TILMFG_VAULT_KEY.split(",")]


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in _keys()])


def _index_key(key: str) -> bytes:
    derive = HKDF(SHA256(), length=32, salt=None, info=b"tilmfg.identity.wristband_index")
    return derive.derive(base64.urlsafe_b64decode(key))


def _as_written(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
