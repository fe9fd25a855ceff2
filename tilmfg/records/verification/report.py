"""What a verification found."""

from collections import Counter
from dataclasses import asdict, dataclass, field

# In the order in which they are asked; the first break that is named belongs to the first of them that failed.
CHECKS = ("chains", "rows", "actors", "signatures", "anchors", "catalogue")
SHOWN = 100  # a broken table may have millions of broken rows


@dataclass(frozen=True)
class Break:
    """One place where the records are not what they should be."""

    check: str
    message: str
    chain: str = ""
    seq: int = 0
    relation: str = ""
    key: str = ""

    @property
    def position(self):
        return CHECKS.index(self.check), self.chain, self.seq, self.relation, self.key

    def __str__(self):
        named = {"chain": self.chain, "sequence": self.seq, "table": self.relation, "key": self.key}
        place = ", ".join(f"{word} {value}" for word, value in named.items() if value)
        return f"{self.check}: {place}: {self.message}" if place else f"{self.check}: {self.message}"


@dataclass
class Findings:
    """What one piece of work looked at, and what it found broken."""

    examined: Counter = field(default_factory=Counter)
    breaks: list[Break] = field(default_factory=list)
    more_breaks: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, found):
        if len(self.breaks) < SHOWN:
            self.breaks.append(found)
        else:
            self.more_breaks += 1

    def absorb(self, other):
        self.examined += other.examined
        self.more_breaks += other.more_breaks
        self.notes += other.notes
        for found in other.breaks:
            self.add(found)

    @property
    def first(self):
        return min(self.breaks, key=lambda found: found.position, default=None)

    def as_dict(self):
        return {
            "intact": not self.breaks,
            "examined": dict(self.examined),
            "first": asdict(self.first) if self.first else None,
            "breaks": [asdict(found) for found in sorted(self.breaks, key=lambda found: found.position)],
            "more_breaks": self.more_breaks,
            "notes": self.notes,
        }
