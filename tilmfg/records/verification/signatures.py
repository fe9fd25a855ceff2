"""Each signature says what was signed, was written by its signer, and stands where it was given."""

from hashlib import sha256

from psycopg import sql

from .declared import Signatures
from .reading import stream
from .report import Break, Findings

SIGNATURES = """
    SELECT s.id, s.chain, s.subject_kind, s.subject_id, s.content, s.digest, p.{username}, e.seq, e.actor
    FROM {signatures} s JOIN {people} p ON p.id = s.signer_id
    LEFT JOIN audit.event e ON e.relation = %s AND e.key = s.id::text AND e.op = 'INSERT'
    ORDER BY s.id
"""


def check_signatures(reading, signatures: Signatures) -> Findings:
    found = Findings()
    query = sql.SQL(SIGNATURES).format(
        signatures=sql.Identifier("public", signatures.table),
        people=sql.Identifier("public", signatures.people),
        username=sql.Identifier(signatures.username),
    )
    subjects: dict[tuple[str, str], int] = {}
    for page in stream(reading, query, (signatures.table,)):
        found.examined["signatures"] += len(page)
        for key, chain, kind, subject, content, digest, signer, seq, actor in page:
            signed_before = subjects.setdefault((kind, digest), subject)
            for is_wrong, message in (
                (sha256(content.encode()).hexdigest() != digest, "its digest is not that of its content"),
                (actor is not None and actor != signer, f"it is {signer}'s, but {actor} wrote it"),
                (signed_before != subject, f"it repeats what was signed for {kind} {signed_before}"),
            ):
                if is_wrong:
                    found.add(Break("signatures", message, chain, seq or 0, signatures.table, str(key)))
    return found
