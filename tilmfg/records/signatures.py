"""Electronic signatures: bound to a person by re-authentication and to the content by its digest."""

import hashlib
from typing import Protocol

from .canonical import canonical_json
from .errors import UnableTo, require
from .models import Signature


class UnableToSign(UnableTo):
    """The signature is refused; nothing is signed."""


class Credential(Protocol):
    """What came of asking the signer for their secrets, made by the room that knows people."""

    def refusal_of(self, by) -> UnableTo | None:
        """Why this does not prove that `by` is here; None if it does."""


def sign(*, subject, kind, content, meaning, reason, credential: Credential, by):
    """Sign `content` as shown. Call inside the verb that acts on the signature."""
    require(by.is_active and not by.is_service, UnableToSign("Only a person with an active account signs."))
    if refusal := credential.refusal_of(by):
        raise UnableToSign(str(refusal), field=refusal.field)
    require(reason.strip(), UnableToSign("State the reason for your signature.", field="reason"))
    text = canonical_json(content)
    return Signature.objects.create(
        chain=subject.chain,
        subject_kind=kind,
        subject_id=subject.pk,
        meaning=meaning,
        signer=by,
        printed_name=by.printed_name,
        reason=reason.strip(),
        content=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def is_intact(signature):
    """The stored text is the one that was digested."""
    return hashlib.sha256(signature.content.encode()).hexdigest() == signature.digest
