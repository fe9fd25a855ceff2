"""Each signature is sealed, was written by its signer, and nothing of it has changed since."""

from types import SimpleNamespace

from psycopg import sql

from ..seal import SEALED, digest_of, sealed_digest
from .declared import Signatures
from .reading import stream
from .report import Break, Findings

SIGNATURES = """
    SELECT s.id, s.content, s.digest, p.{username}, e.seq, e.actor, {sealed}
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
        sealed=sql.SQL(", ").join(sql.Identifier("s", column) for column in SEALED),
    )
    for page in stream(reading, query, (signatures.table,)):
        found.examined["signatures"] += len(page)
        for key, content, digest, signer, seq, actor, *sealed in page:
            row = SimpleNamespace(**dict(zip(SEALED, sealed, strict=True)))
            for is_wrong, message in (
                (
                    digest_of(content) != row.content_digest,
                    "its content is not what was signed",
                ),
                (
                    sealed_digest(row) != digest,
                    "its digest is not that of the record, name and meaning beside it",
                ),
                (actor is not None and actor != signer, f"it is {signer}'s, but {actor} wrote it"),
            ):
                if is_wrong:
                    found.add(Break("signatures", message, row.chain, seq or 0, signatures.table, str(key)))
    return found
