"""AUD-1: every chain recomputed from the text that was hashed.

An event's hash is SHA-256 over its predecessor's hash and its own text, so a chain can be cut into stretches that
different processes recompute at once: each begins with the predecessor that the stretch before it ends with.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json.encoder import encode_basestring as quoted

from .reading import stream
from .report import Break, Findings

STRETCH = 20_000  # events

SIZES = "SELECT chain, max(seq), count(*) FROM audit.event GROUP BY chain ORDER BY chain"
PREDECESSOR = "SELECT at, hash FROM audit.event WHERE (chain, seq) = (%s, %s)"
EVENTS = """
    SELECT chain, seq, at, actor, verb, reason, request, op, relation, key, content, hash FROM audit.event
    WHERE (chain, seq) >= (%s, %s) AND (chain, seq) <= (%s, %s) ORDER BY chain, seq
"""
# What the text begins with; two of these are no columns of the table.
FIELDS = (
    "chain", "seq", "at", "transaction", "login", "actor", "verb", "reason", "request", "op", "relation", "key",
)  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """Events of one chain, or of several that follow each other; both ends included."""

    first: tuple[str, int]
    last: tuple[str, int]
    events: int


def cut(sizes) -> Iterator[Stretch]:
    """Stretches of about equal work that together cover every event."""
    first, events = None, 0
    for chain, last_seq, count in sizes:
        seq = 1
        while seq <= last_seq:
            first = first or (chain, seq)
            step = last_seq - seq + 1
            if count == last_seq:  # else there are gaps, and numbers say nothing about size
                step = min(step, STRETCH - events)
            seq, events = seq + step, events + min(step, count)
            if events >= STRETCH:
                yield Stretch(first, (chain, seq - 1), events)
                first, events = None, 0
    if first:
        yield Stretch(first, (chain, last_seq), events)


def check_sizes(reading, sizes) -> Findings:
    """A chain is registered with its first event, counts from 1 and loses none."""
    found = Findings()
    registered = {chain for (chain,) in reading.execute("SELECT chain FROM audit.chain")}
    for chain in sorted(registered - {chain for chain, *_ in sizes}):
        found.add(Break("chains", "all its events are gone", chain=chain, seq=1))
    for chain, last_seq, count in sizes:
        if chain not in registered:
            found.add(Break("chains", "it is not registered in audit.chain", chain=chain, seq=1))
        if count > last_seq:
            found.add(Break("chains", "it has events numbered below 1", chain=chain, seq=1))
    found.examined["chains"] = len(sizes)
    return found


def check_stretch(reading, stretch: Stretch) -> Findings:
    """Links, numbers, times and columns of the events of a stretch."""
    found = Findings()
    chain, seq = stretch.first
    expected, opening = seq, f"[{quoted(chain)}, "
    moment, previous = reading.execute(PREDECESSOR, (chain, seq - 1)).fetchone() or (None, b"")
    for page in stream(reading, EVENTS, (*stretch.first, *stretch.last)):
        found.examined["events"] += len(page)
        for event in page:
            this, seq, at, actor, verb, reason, request, op, relation, key, content, digest = event
            if this != chain:
                chain, expected, opening, moment, previous = this, 1, f"[{quoted(this)}, ", None, b""
            if seq != expected:
                found.add(Break("chains", "this event is missing", chain, expected, relation, key))
            elif sha256(previous + content.encode()).digest() != digest:
                words = "its hash is not that of its predecessor's hash and its own text"
                found.add(Break("chains", words, chain, seq, relation, key))
            if moment and at < moment:
                found.add(Break("chains", "it is older than its predecessor", chain, seq, relation, key))
            beginning = f'{opening}{seq}, "{spelled(at)}", "'
            rest = (
                f'", {quoted(actor)}, {quoted(verb)}, {quoted(reason)}, {quoted(request)}, {quoted(op)}, '
                f"{quoted(relation)}, {quoted(key)}, "
            )
            login = content.find('", "', len(beginning)) + 4
            if not (content.startswith(beginning) and content.startswith(rest, content.find('", ', login))):
                for message in differences(content, event):
                    found.add(Break("chains", message, chain, seq, relation, key))
            expected, moment, previous = seq + 1, at, digest
    return found


def spelled(at: datetime) -> str:
    """As PostgreSQL writes a time into JSON: without trailing zeros."""
    text = at.isoformat()
    return text if at.microsecond % 10 or not at.microsecond else text[:26].rstrip("0") + text[26:]


def differences(content: str, event) -> list[str]:
    """Read in full, when the quick comparison of texts did not settle it."""
    try:
        hashed = dict(zip(FIELDS, json.loads(content), strict=False))
        hashed["at"] = datetime.fromisoformat(hashed["at"])
    except (ValueError, TypeError, KeyError) as problem:
        return [f"its text cannot be read ({problem})"]
    columns = dict(
        zip([field for field in FIELDS if field not in ("transaction", "login")], event, strict=False)
    )
    return [
        f"its column {name} says something else than the text that was hashed"
        for name, value in columns.items()
        if hashed.get(name) != value
    ]
