"""Electronic signatures: bound to a person by re-authentication and to the content by its digest."""

import hashlib

from .canonical import canonical_json
from .errors import UnableTo, require
from .models import Signature


class UnableToSign(UnableTo):
    """The signature is refused; nothing is signed."""


def sign(*, subject, kind, content, meaning, reason, password, by):
    """Sign `content` as shown. Call inside the verb that acts on the signature."""
    require(by.is_active and not by.is_service, UnableToSign("Only a person with an active account signs."))
    require(
        by.check_password(password),
        UnableToSign("The password is not right; nothing was signed.", field="password"),
    )
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
