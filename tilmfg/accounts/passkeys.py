"""Passkeys (WebAuthn): what a browser is asked, and what its answer shows. See decisions/0007."""

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

LASTS_SECONDS = 300  # from the question to the answer
LONGEST = 20_000
HOW_WELL = UserVerificationRequirement.PREFERRED  # the password is the other factor; decisions/0007
# What a library that reads foreign bytes may stumble over.
UNREADABLE = (
    ArithmeticError,
    UnsupportedAlgorithm,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


class UnableToRead(Exception):
    """The answer is no answer to what was asked. Why is nobody's to know."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent, and what this session had asked it: nothing, if that was never or long ago."""

    text: str
    asked: Mapping[str, Any] | None

    @property
    def challenge(self) -> str:
        return self.asked["challenge"] if self.asked else ""


@dataclass(frozen=True, slots=True)
class Key:
    """One passkey as its device shows it; `attested` is its public half."""

    credential_id: str
    attested: str
    counter: int


def ask_for_new(*, username: str, printed_name: str, held: Iterable[str]) -> tuple[dict, dict]:
    """What the browser is given to make a key, on none of the devices that hold one, and what we remember of it."""
    who = PublicKeyCredentialUserEntity(name=username, id=username.encode(), display_name=printed_name)
    options, asked = _server().register_begin(
        who,
        [_attested(attested) for attested in held],
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,  # we say which keys we know
        user_verification=HOW_WELL,
    )
    return _for_json(options), _for_json(asked)


def ask_for_one_of(held: Iterable[str]) -> tuple[dict, dict]:
    known = [_attested(attested) for attested in held]
    options, asked = _server().authenticate_begin(known, user_verification=HOW_WELL)
    return _for_json(options), _for_json(asked)


def read_new(answer: Answer) -> Key:
    """The key that was made, from this origin, for what this session asked."""
    try:
        response = RegistrationResponse.from_dict(_read(answer))
        _require_own_page(response.response.client_data)
        shown = _server().register_complete(answer.asked, response)
        attested = shown.credential_data
        if attested is None or attested.public_key.get(3) not in CoseKey.supported_algorithms():
            raise UnableToRead
    except UNREADABLE as problem:
        raise UnableToRead from problem
    return Key(websafe_encode(attested.credential_id), websafe_encode(attested), shown.counter)


def read(answer: Answer, *, held: Iterable[str]) -> tuple[str, int]:
    """Which of the keys held answered (its credential id), and the counter that it showed."""
    try:
        response = AuthenticationResponse.from_dict(_read(answer))
        _require_own_page(response.response.client_data)
        known = [_attested(attested) for attested in held]
        used = _server().authenticate_complete(answer.asked, known, response)
        shown: AuthenticatorData = response.response.authenticator_data
    except UNREADABLE as problem:
        raise UnableToRead from problem
    return websafe_encode(used.credential_id), shown.counter


def _read(answer: Answer) -> Mapping[str, Any]:
    if answer.asked is None or len(answer.text) > LONGEST:
        raise UnableToRead
    return json.loads(answer.text)


def _require_own_page(said: CollectedClientData) -> None:
    """Not asked from within somebody else's page."""
    if said.cross_origin is not False:
        raise UnableToRead


def _attested(text: str) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(text))


def _server() -> Fido2Server:
    """Keys hang on the host; what they sign names the page's whole origin, which is ours or wrong."""
    host = urlsplit(settings.TILMFG_ORIGIN).hostname
    server = Fido2Server(
        PublicKeyCredentialRpEntity(name="tilmfg", id=host),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin == settings.TILMFG_ORIGIN,
    )
    server.timeout = LASTS_SECONDS * 1000  # type: ignore[assignment]  # an attribute without a type of its own
    return server


def _for_json(found: Any) -> dict:
    return json.loads(json.dumps(dict(found)))
