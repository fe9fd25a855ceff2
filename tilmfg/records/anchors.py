"""Anchors: every ten minutes the heads of all chains are signed and laid down outside the database.

Whoever can rewrite the database can give it new hashes throughout; not what was signed before, with a key that the
database never sees, in a folder that should lie on write-once storage.
"""

from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection, transaction

from . import timestamps
from .anchor_files import (
    FORMAT,
    Anchor,
    MerkleTree,
    anchor_files,
    digest,
    parse,
    path_of,
    period_of,
    private_key,
    read,
    signed,
    write_once,
)
from .errors import UnableTo, require

log = structlog.get_logger()

# One index look-up per chain instead of a walk over all events.
HEADS = """
    WITH RECURSIVE head AS (
      (SELECT chain, seq, hash FROM audit.event ORDER BY chain DESC, seq DESC LIMIT 1)
      UNION ALL
      SELECT e.* FROM head, LATERAL (
        SELECT chain, seq, hash FROM audit.event WHERE chain < head.chain ORDER BY chain DESC, seq DESC LIMIT 1) e)
    SELECT chain, seq, encode(hash, 'hex') FROM head ORDER BY chain
"""


class UnableToAnchor(UnableTo):
    """Nothing was anchored."""


def write_anchor() -> Path | None:
    """The anchor of this period; None if there is one already. Of several who try at once one writes."""
    require(
        settings.TILMFG_ANCHOR_KEY,
        UnableToAnchor("TILMFG_ANCHOR_KEY is not set; nothing outside the database confirms its records."),
    )
    folder = Path(settings.TILMFG_ANCHOR_FOLDER)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('records.anchor', 0))")
        cursor.execute("SELECT clock_timestamp()")
        [now] = cursor.fetchone()
        file = path_of(folder, period_of(now))
        if file.exists():
            return None
        cursor.execute(HEADS)
        anchor = anchor_of(cursor.fetchall(), now=now, folder=folder)
        if not write_once(file, signed(anchor, private_key(settings.TILMFG_ANCHOR_KEY))):
            return None
    log.info("anchor.written", file=file.name, chains=anchor.chains, root=anchor.root)
    return file


def anchor_of(heads, *, now, folder) -> Anchor:
    """What there is to say after the anchors of today."""
    files = anchor_files(folder)
    previous = digest(read(files[-1])[0]) if files else ""
    period = period_of(now)
    tree, known = MerkleTree(), {}
    for file in files:
        if file.parent == path_of(folder, period).parent:
            for head in parse(read(file)[0]).heads:
                tree.put(head)
                known[head[0]] = head
    changed = [head for head in heads if known.get(head[0]) != head]
    for head in changed:
        tree.put(head)
    return Anchor(
        format=FORMAT,
        period=f"{period:%Y-%m-%dT%H:%M:%SZ}",
        made_at=f"{now:%Y-%m-%dT%H:%M:%S.%fZ}",
        previous=previous,
        is_complete=not known,
        heads=changed,
        chains=len(tree.places),
        root=tree.root,
    )


def attach_token() -> Path | None:
    """An authority's word that the day's complete anchor existed; asked for again until it is there."""
    if not settings.TILMFG_TSA_URL:
        return None
    files = anchor_files(Path(settings.TILMFG_ANCHOR_FOLDER))
    complete = next((file for file in reversed(files) if file == min(file.parent.glob("*.anchor"))), None)
    if complete is None or (token := timestamps.file_of(complete)).exists():
        return None
    line, _ = read(complete)
    write_once(token, timestamps.request(settings.TILMFG_TSA_URL, line.encode()))
    log.info("anchor.timestamped", file=token.name)
    return token
