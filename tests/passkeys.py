"""A security key of software: it makes keys and signs with them, byte by byte as WebAuthn writes it."""

import json
import secrets
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from fido2 import cbor
from fido2.utils import websafe_encode

from tests.cast import person
from tilmfg.accounts import passkeys
from tilmfg.accounts.models import Passkey
from tilmfg.accounts.passkeys import Answer
from tilmfg.records.context import acting

PRESENT, ATTESTED = 0x01, 0x40


class SecurityKey:
    """It holds one key pair; `counter` is what it shows next."""

    def __init__(self, counter=1):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.counter = counter

    def make(self, options, *, origin=None, **said):
        """What a browser sends after it was asked for a new key."""
        asked = options["publicKey"]
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor.encode(self._public())
        shown = self._shown(asked["rp"]["id"], PRESENT | ATTESTED) + credential
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": shown})
        client = self._client("webauthn.create", asked, origin, said)
        return self._sent(clientDataJSON=client, attestationObject=attestation)

    def answer(self, options, *, origin=None, flags=PRESENT, rp_id=None, **said):
        """What a browser sends after it was asked to use the key."""
        asked = options["publicKey"]
        shown = self._shown(rp_id or asked["rpId"], flags)
        client = self._client("webauthn.get", asked, origin, said)
        signature = self.private.sign(shown + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._sent(clientDataJSON=client, authenticatorData=shown, signature=signature)

    def _public(self):
        numbers = self.private.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}

    def _shown(self, rp_id, flags):
        shown = sha256(rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")
        self.counter += 1 if self.counter else 0
        return shown

    def _client(self, kind, asked, origin, said):
        told = {"type": kind, "challenge": asked["challenge"], "origin": origin or settings.TILMFG_ORIGIN}
        return json.dumps(told | {"crossOrigin": False} | said).encode()

    def _sent(self, **response):
        coded = {name: websafe_encode(part) for name, part in response.items()}
        key = websafe_encode(self.id)
        return json.dumps({"id": key, "rawId": key, "type": "public-key", "response": coded})


def with_passkey(username, *, name="Blue key", counter=1):
    """The person's security key, added to their account."""
    user, key = person(username), SecurityKey(counter)
    options, asked = passkeys.ask_for_new(username=username, printed_name=user.printed_name, held=[])
    made = passkeys.read_new(Answer(key.make(options), asked))
    with acting(actor="tests", verb="tests.passkeys"):
        Passkey.objects.create(
            user=user,
            name=name,
            credential_id=made.credential_id,
            attested=made.attested,
            counter=made.counter,
        )
    return key


def answer_of(key, username, **said):
    """As the page hands it on: what the key answered to what this person was just asked."""
    held = person(username).passkeys.filter(removed_at=None).values_list("attested", flat=True)
    options, asked = passkeys.ask_for_one_of(held)
    return Answer(key.answer(options, **said), asked)
