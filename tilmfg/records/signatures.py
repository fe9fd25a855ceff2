"""Electronic signatures: bound to a person by re-authentication, and by a digest to one record as it was shown."""

from typing import Protocol

from django.db import connection

from .canonical import canonical_json
from .errors import UnableTo, require
from .models import AuditEvent, Signature
from .reasons import stated
from .seal import FORMAT, digest_of, sealed_digest


class UnableToSign(UnableTo):
    """The signature is refused; nothing is signed."""


class Credential(Protocol):
    """What came of asking the signer for their secrets, made by the room that knows people."""

    def refusal_of(self, by) -> UnableTo | None:
        """Why this does not prove that `by` is here; None if it does."""


def sign(*, subject, kind, content, meaning, reason, credential: Credential, by, version=None):
    """Sign `content` as shown. Call inside the verb that acts on the signature, after its other changes of `subject`.

    `version` is for a record of many rows that counts its changes itself; else those of the subject's row are counted.
    """
    require(by.is_active and not by.is_service, UnableToSign("Only a person with an active account signs."))
    if refusal := credential.refusal_of(by):
        raise UnableToSign(str(refusal), field=refusal.field)
    reason = stated(reason, UnableToSign, what="the reason for your signature")
    return write(
        subject=subject,
        kind=kind,
        version=version_of(subject) if version is None else version,
        content=content,
        meaning=meaning,
        reason=reason,
        by=by,
    )


def write(*, subject, kind, version, content, meaning, reason, by):
    """The row of a signature; the database asks again for all that makes it one."""
    text = canonical_json(content)
    signature = Signature(
        format=FORMAT,
        chain=subject.chain,
        subject_kind=kind,
        subject_id=subject.pk,
        subject_version=version,
        meaning=meaning,
        signer=by,
        printed_name=by.printed_name,
        reason=reason,
        signed_at=database_clock(),
        content=text,
        content_digest=digest_of(text),
    )
    signature.digest = sealed_digest(signature)
    signature.save(force_insert=True)
    return signature


def is_intact(signature) -> bool:
    """The row says what it said when it was signed."""
    return signature.content_digest == digest_of(signature.content) and signature.digest == sealed_digest(
        signature
    )


def version_of(row) -> int:
    """How often the row was written, as the audit trail counts it: it never goes back."""
    return AuditEvent.objects.filter(relation=row._meta.db_table, key=str(row.pk)).count()


def database_clock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
