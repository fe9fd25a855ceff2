"""Codes of authenticator apps (RFC 6238: six digits, 30 s, SHA-1) and recovery codes; their secrets, sealed."""

import base64
import hashlib
import hmac
import secrets
import time

import zxingcpp
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings

STEP_SECONDS, DIGITS = 30, 6
GRACE_SECONDS = 5  # for a code typed in its last moment
ISSUER = "tilmfg"
RECOVERY_CODES = 10
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that is mistaken for something else


def new_secret() -> str:
    """Sealed, as it is kept."""
    return _fernet().encrypt(secrets.token_bytes(20)).decode()


def step_of(sealed: str, code: str, *, now: float | None = None) -> int | None:
    """The 30 seconds that the code belongs to, if these are now."""
    now = time.time() if now is None else now
    for step in {int(now // STEP_SECONDS), int((now - GRACE_SECONDS) // STEP_SECONDS)}:
        if hmac.compare_digest(code_at(sealed, step), code.encode()):
            return step
    return None


def code_at(sealed: str, step: int) -> bytes:
    return _totp(sealed).generate(step * STEP_SECONDS)


def is_like_a_code(text: str) -> bool:
    return len(text) == DIGITS and text.isascii() and text.isdecimal()


def address_of(sealed: str, *, username: str) -> str:
    """What an authenticator app reads from the picture."""
    return _totp(sealed).get_provisioning_uri(f"{username}", ISSUER)


def typed_secret(sealed: str) -> str:
    """For an app without a camera, in groups of four."""
    text = base64.b32encode(_fernet().decrypt(sealed)).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def picture_of(text: str) -> str:
    """A QR code, as the address of an image."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    svg = zxingcpp.write_barcode_to_svg(symbol)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def new_recovery_codes() -> list[str]:
    """Each of 49 bits, so that a plain digest keeps them."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]


def new_invitation() -> str:
    """Of 98 bits, to be copied from paper."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def new_token() -> str:
    """Of 137 bits: on a badge, or in the browser of a tablet. Scanners read capitals and digits fastest."""
    return "".join(secrets.choice(ALPHABET) for _ in range(28))


def digest_of(code: str) -> str:
    """Of a recovery code, an invitation, a badge, a tablet, however it was typed."""
    text = code.replace(" ", "").replace("-", "").upper()
    return hashlib.sha256(f"tilmfg.code:{text}".encode()).hexdigest()


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    return _fernet().decrypt(sealed).decode()


def seal_anew(sealed: str) -> str:
    """The same secret under the newest key; unchanged if it is that already."""
    newest = Fernet(settings.TILMFG_VAULT_KEY.split(",")[0].strip())
    try:
        newest.decrypt(sealed)
    except InvalidToken:
        return _fernet().rotate(sealed).decode()
    return sealed


def _totp(sealed: str) -> TOTP:
    return TOTP(_fernet().decrypt(sealed), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 (what every app computes)


def _fernet() -> MultiFernet:
    """The newest key seals, each opens."""
    return MultiFernet([Fernet(key.strip()) for key in settings.TILMFG_VAULT_KEY.split(",")])
