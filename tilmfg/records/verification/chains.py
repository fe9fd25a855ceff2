"""AUD-1: every chain recomputed from the text that was hashed.

An event's hash is SHA-256 over its predecessor's hash and its own text, so a chain can be cut into stretches that
different processes recompute at once: each begins with the predecessor that the stretch before it ends with.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from .exact import EXACT, row_after
from .reading import stream
from .report import Break, Findings

STRETCH = 20_000  # events

SIZES = "SELECT chain, max(seq), count(*) FROM audit.event GROUP BY chain ORDER BY chain"
PREDECESSOR = "SELECT to_json(at)::text, hash FROM audit.event WHERE (chain, seq) = (%s, %s)"
# A time as JSON text sorts as the time does. The concatenation is what the hashed text says of the columns,
# unless one of them holds a sign that JSON escapes.
EVENTS = """
    SELECT chain, seq, to_json(at)::text,
      concat('", "', concat_ws('", "', actor, verb, reason, request, op, relation, key), '", '),
      op, relation, key, content, hash FROM audit.event
    WHERE (chain, seq) >= (%s, %s) AND (chain, seq) <= (%s, %s) ORDER BY chain, seq
"""
COLUMNS = """
    SELECT chain, seq, to_json(at), actor, verb, reason, request, op, relation, key FROM audit.event
    WHERE (chain, seq) = (%s, %s)
"""
DECODER = json.JSONDecoder()
NAMES = ("chain", "seq", "at", "actor", "verb", "reason", "request", "op", "relation", "key")
ROW_BEFORE = """
    SELECT content FROM audit.event WHERE relation = %s AND key = %s AND to_json(at)::text < %s
    ORDER BY at DESC, seq DESC LIMIT 1
"""


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
    """Links, numbers, times, columns and rows of the events of a stretch."""
    walk = Walk(reading, *stretch.first)
    for page in stream(reading, EVENTS, (*stretch.first, *stretch.last)):
        walk.found.examined["events"] += len(page)
        for event in page:
            walk.step(event)
    return walk.found


class Walk:
    """From event to event, knowing the predecessor and what each row of the chain was last.

    Mostly texts are compared as they stand, which is several times quicker than reading them; only where that does
    not settle it, they are read.
    """

    def __init__(self, reading, chain, seq):
        self.reading = reading
        self.found = Findings()
        self.moment: str
        self.previous: bytes
        self.enter(chain)
        self.expected = seq
        predecessor = reading.execute(PREDECESSOR, (chain, seq - 1)).fetchone()
        self.moment, self.previous = predecessor or ("", b"")

    def enter(self, chain):
        self.chain, self.opening = chain, f"[{json.dumps(chain, ensure_ascii=False)}, "
        self.expected, self.moment, self.previous = 1, "", b""
        self.rows: dict[tuple[str, str], str] = {}  # the text of each row as its last event left it

    def step(self, event):
        chain, seq, moment, columns, op, relation, key, content, digest = event
        if chain != self.chain:
            self.enter(chain)
        if seq != self.expected:
            self.say("this event is missing", self.expected, relation, key)
        elif sha256(self.previous + content.encode()).digest() != digest:
            self.say("its hash is not that of its predecessor's hash and its own text", seq, relation, key)
        if moment < self.moment:
            self.say("it is older than its predecessor", seq, relation, key)
        self.expected, self.moment, self.previous = seq + 1, moment, digest

        beginning = f'{self.opening}{seq}, {moment}, "'
        start = content.find('", ', content.find('", "', len(beginning)) + 4)  # behind transaction and login
        if content.startswith(beginning) and content.startswith(columns, start):
            self.follow_row(relation, key, op, moment, seq, content, start + len(columns))
        elif start := self.compare_columns(chain, seq, relation, key, content):
            self.follow_row(relation, key, op, moment, seq, content, start)

    def compare_columns(self, chain, seq, relation, key, content) -> int:
        """One by one, where the texts did not settle it. Where in the text the row begins; 0 if it cannot be read."""
        said, position = [], 1
        try:
            for _ in range(12):
                value, end = DECODER.raw_decode(content, position)
                said.append(value)
                position = end + 2
        except ValueError as problem:
            self.say(f"its text cannot be read ({problem})", seq, relation, key)
            return 0
        del said[3:5]  # transaction and login, which are no columns
        stored = self.reading.execute(COLUMNS, (chain, seq)).fetchone()
        for name, in_text, in_column in zip(NAMES, said, stored, strict=True):
            if in_text != in_column:
                self.say(
                    f"its column {name} says something else than the text that was hashed", seq, relation, key
                )
        return position

    def follow_row(self, relation, key, op, moment, seq, content, start):
        """`old` is what the row's event before left as `new`: nobody changed it in between, past the trigger."""
        before = self.rows.get((relation, key))
        if op == "INSERT":
            if before not in (None, "null"):
                self.say("the row that it inserts was there already", seq, relation, key)
            before = "null"
        if before and content.startswith(before, start) and content.startswith(", ", start + len(before)):
            self.rows[relation, key] = content[start + len(before) + 2 : -1]
            return
        try:
            old, end = EXACT.raw_decode(content, start)
            was = EXACT.decode(before) if before else self.look_back(relation, key, moment)
        except ValueError as problem:
            self.say(f"its row, or that of the event before, cannot be read ({problem})", seq, relation, key)
            self.rows.pop((relation, key), None)
            return
        self.rows[relation, key] = content[end + 2 : -1]
        if fields := altered(was, old):
            self.say(f"before it, {fields} was changed without an event", seq, relation, key)

    def look_back(self, relation, key, moment):
        """What the row was before this stretch, in whatever chain."""
        event = self.reading.execute(ROW_BEFORE, (relation, key, moment)).fetchone()
        return row_after(event[0]) if event else None

    def say(self, message, seq, relation, key):
        self.found.add(Break("chains", message, self.chain, seq, relation, key))


def altered(before, old) -> str:
    """Names of fields that differ; a field that only one of them has came or went with a migration."""
    if before is None or old is None:
        return "" if before is old else "the whole row"
    return ", ".join(sorted(name for name in before.keys() & old.keys() if before[name] != old[name]))
