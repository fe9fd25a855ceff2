"""AUD-3: what was signed and laid down outside still stands in the database, unchanged."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature

from .. import timestamps
from ..anchor_files import Anchor, Head, MerkleTree, anchor_files, digest, parse, public_keys, read
from .report import Break, Findings

BATCH = 5000
LATE = timedelta(hours=1)
NEVER = timedelta(days=1)

ANCHORED = """
    SELECT a.chain, a.seq, a.hash, e.chain IS NULL, coalesce(e.relation, ''), coalesce(e.key, '')
    FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS a (chain, seq, hash)
    LEFT JOIN audit.event e ON e.chain = a.chain AND e.seq = a.seq
    WHERE encode(e.hash, 'hex') IS DISTINCT FROM a.hash
"""
UNANCHORED = """
    SELECT min(e.at), count(*) FROM audit.chain c
    LEFT JOIN unnest(%s::text[], %s::bigint[]) AS a (chain, seq) ON a.chain = c.chain
    JOIN audit.event e ON e.chain = c.chain AND e.seq > coalesce(a.seq, 0)
    HAVING min(e.at) < now() - %s::interval
"""
OLDEST = "SELECT min(at) FROM audit.event HAVING min(at) < now() - %s::interval"


@dataclass(frozen=True)
class Trust:
    """Whose word counts: the folder, Ed25519 keys in base64, and PEM certificates of time-stamp authorities."""

    folder: Path
    keys: str
    certificates: bytes


def check_anchors(reading, trust: Trust) -> Findings:
    found = Findings()
    claims: dict[tuple[str, int], tuple[str, str]] = {}  # what stood where, and which anchor says so
    heads: dict[str, int] = {}
    replay = Replay(trust)
    for file in anchor_files(trust.folder):
        found.examined["anchors"] += 1
        try:
            anchor = replay.next(file)
            found.examined["timestamps"] += replay.check_token(file)
        except (ValueError, TypeError, KeyError, InvalidSignature) as problem:
            words = "its signature is nobody's we trust" if isinstance(problem, InvalidSignature) else problem
            found.add(Break("anchors", f"{file.name}: {words}"))
            continue
        for chain, seq, hashed in anchor.heads:
            claims.setdefault((chain, seq), (hashed, file.name))
            heads[chain] = seq
    for batch in batches([(chain, seq, hashed) for (chain, seq), (hashed, _) in claims.items()]):
        for chain, seq, _, is_gone, relation, key in reading.execute(ANCHORED, columns(batch)):
            words = "is gone" if is_gone else "is another one now"
            said = claims[chain, seq][1]
            found.add(Break("anchors", f"the event anchored in {said} {words}", chain, seq, relation, key))
    if replay.keys and not found.examined["anchors"] and reading.execute(OLDEST, [NEVER]).fetchone():
        words = f"there is none in {trust.folder}: whoever rewrote everything, or cut off its end, would not be seen"
        found.add(Break("anchors", words))
    if replay.silences:
        begun, ended = max(replay.silences, key=lambda silence: silence[1] - silence[0])
        found.notes.append(
            f"anchors were silent for more than an hour {len(replay.silences)} times, the longest from "
            f"{begun:%Y-%m-%d %H:%M} to {ended:%Y-%m-%d %H:%M} UTC; did the worker not run then?"
        )
    late = reading.execute(UNANCHORED, [list(heads), list(heads.values()), LATE]).fetchone()
    if late:
        found.notes.append(
            f"{late[1]:,} events since {late[0]:%Y-%m-%d %H:%M} UTC are not anchored; does the worker run?"
        )
    return found


class Replay:
    """Follows the anchors through time; each must fit those before it."""

    def __init__(self, trust: Trust):
        self.trust = trust
        self.keys = list(public_keys(trust.keys))
        self.tree = MerkleTree()
        self.previous = ""
        self.period = ""
        self.line = ""
        self.silences: list[tuple[datetime, datetime]] = []

    def next(self, file: Path) -> Anchor:
        self.line, signature = read(file)
        self.require_signature(signature)
        anchor = parse(self.line)
        before, self.previous = self.previous, digest(self.line)
        if anchor.is_complete:
            self.tree = MerkleTree()
        for head in anchor.heads:
            self.tree.put(head)
        if anchor.previous != before:
            raise ValueError("the anchor before it is missing or another one")
        if anchor.period <= self.period:
            raise ValueError("it is not later than the anchor before it")
        if self.period:
            self.note_silence(datetime.fromisoformat(self.period), datetime.fromisoformat(anchor.period))
        self.period = anchor.period
        if (anchor.chains, anchor.root) != (len(self.tree.places), self.tree.root):
            raise ValueError("its root is not that of the heads it names")
        return anchor

    def note_silence(self, begun: datetime, ended: datetime) -> None:
        """Anchors at the end that were taken away with what they were about leave one, once others follow."""
        if ended - begun > LATE:
            self.silences.append((begun, ended))

    def require_signature(self, signature: bytes) -> None:
        for key in self.keys:
            try:
                return key.verify(signature, self.line.encode())
            except InvalidSignature:
                continue
        raise InvalidSignature

    def check_token(self, file: Path) -> int:
        """How many tokens were checked: one, if there is one and we know an authority."""
        token = timestamps.file_of(file)
        if not token.exists() or not self.trust.certificates:
            return 0
        timestamps.confirmed_at(token.read_bytes(), self.line.encode(), certificates=self.trust.certificates)
        return 1


def batches(heads: list[Head]):
    return (heads[start : start + BATCH] for start in range(0, len(heads), BATCH))


def columns(heads: list[Head]) -> list[list]:
    return [list(column) for column in zip(*heads, strict=True)]
