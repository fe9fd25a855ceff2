"""What the digest of a signature is of. Pure: verification reads it without Django."""

from hashlib import sha256

from .canonical import canonical_json

FORMAT = 1  # before, at 0, the digest was of the content alone
# By column: the very record, its version and content, and all that the signer stated. The constraint
# `signatures_are_sealed` spells the same text in SQL, in the alphabetical order of canonical JSON.
SEALED = (
    "chain", "content_digest", "format", "meaning", "printed_name", "reason", "signed_at", "signer_id", "subject_id",
    "subject_kind", "subject_version",
)  # fmt: skip


def sealed_digest(signature) -> str:
    if signature.format == 0:
        return signature.content_digest
    text = canonical_json({column: getattr(signature, column) for column in SEALED})
    return digest_of(text)


def digest_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()
