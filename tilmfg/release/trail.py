"""What a reviewer of a lot's audit trail must look at, and what is signed of it. Pure."""

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

KIND = "release.trail"
REASONS = ("reason", "again", "acceptance")


class Group(StrEnum):
    """Why an event needs an eye, the gravest first."""

    REMOVED = "Removed"
    MISMATCH = "Mismatched scan"
    CHANGED = "Changed after first entry"
    DEVIATION = "Deviation"
    SUPERSEDED = "Replaced by a newer value"
    LATE = "Entered late"
    VOIDED = "Decision voided"
    EXPLAINED = "Explained by a person"
    RUN = "Run rejected or unusual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """One event that needs an eye, in words."""

    sequence: int
    group: Group
    what: str
    record: str
    who: str
    at: datetime
    reason: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualRun:
    """Of the laboratory's own chain: a run with this lot's samples that did not go the usual way."""

    run: int
    state: str
    findings: tuple[str, ...]
    acceptance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotTrail:
    """The trail of one lot up to its `last_sequence`. `broken_at` is where its chain is not as it was written."""

    chain: str
    last_sequence: int
    last_hash: str
    events: int
    records: int
    noticed: tuple[Noticed, ...]
    runs: tuple[UnusualRun, ...]
    broken_at: int | None

    @property
    def content(self) -> dict:
        """What a signature under the review covers; through the last hash, every event before it."""
        return asdict(self)

    @property
    def noticed_count(self) -> int:
        return len(self.noticed) + len(self.runs)

    @property
    def counts(self) -> dict[Group, int]:
        """How many of each kind there are, the gravest first."""
        counted = Counter({Group.RUN: len(self.runs)} | Counter(noticed.group for noticed in self.noticed))
        return {group: counted[group] for group in Group if counted[group]}

    @property
    def not_found(self) -> list[Group]:
        """What was looked for in vain."""
        return [group for group in Group if group not in self.counts]


def group_of(
    *, relation: str, operation: str, old: Mapping | None, new: Mapping | None, moved_by_verbs: Set[str]
) -> Group | None:
    """Which kind of exception an event is; None if it is the ordinary course."""
    if operation == "DELETE":
        return Group.REMOVED
    if operation == "UPDATE":
        return _of_change(relation, old or {}, new or {}, moved_by_verbs)
    return _of_new_row(relation, new or {})


def _of_change(relation: str, old: Mapping, new: Mapping, moved_by_verbs: Set[str]) -> Group | None:
    if relation == "release_disposition":
        return Group.VOIDED if new.get("state") == "void" else None
    changed = {column for column, value in new.items() if old.get(column) != value}
    return Group.CHANGED if changed - moved_by_verbs else None


def _of_new_row(relation: str, new: Mapping) -> Group | None:
    if relation.startswith(("release_", "records_")):  # a signature's reason explains the signature
        return None
    if relation == "identity_scan" and new.get("matches") is False:
        return Group.MISMATCH
    if relation == "quality_deviation":
        return Group.DEVIATION
    if new.get("supersedes_id"):
        return Group.SUPERSEDED
    if new.get("late_entry_reason"):
        return Group.LATE
    return Group.EXPLAINED if reason_in(new) else None


def reason_in(row: Mapping) -> str:
    """What a person gave as a reason in the row itself."""
    given = (value for column, value in row.items() if column in REASONS or column.endswith("_reason"))
    return " ".join(filter(None, given))
