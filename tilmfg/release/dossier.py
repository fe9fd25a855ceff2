"""What a signer sees of a lot, as frozen values: one content, one digest, signed by both."""

import types
import typing
from collections.abc import Iterator
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from assays.attributes import ATTRIBUTES
from tilmfg.records.canonical import digest

from .rules import Criterion, Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    username: str
    printed_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    lot_number: str
    coi_id: str
    check_character: str
    patient: str
    site: str
    indication: str
    procurement: str
    needed_by_date: date | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Dates are the facility's."""

    definition: str
    definition_version: int
    definition_digest: str
    started_at: datetime
    planned_harvest_date: date
    harvest_date: date | None
    state: str
    late_entry_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`corrects` says that an earlier reading of the parameter was replaced by this one.

    `confirmed_by` is the second person, where the step had been verified before it was corrected.
    """

    parameter: str
    label: str
    value: Decimal | None
    text: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    within_limits: bool
    computed: bool
    corrects: bool
    reason: str
    recorded_by: Person
    confirmed_by: Person | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    slot: str
    code: str
    name: str
    lot_number: str
    expiry_date: date
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    slot: str
    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    code: str
    name: str
    performed_by: Person
    performed_at: datetime
    in_window: bool
    window_reason: str
    late_entry_reason: str
    state: str
    verified_by: Person | None
    verified_at: datetime | None
    readings: tuple[Reading, ...]
    materials: tuple[Material, ...]
    equipment: tuple[Device, ...]

    @property
    def outside_count(self) -> int:
        return sum(not reading.within_limits for reading in self.readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReading:
    """What another analyst read of the same slide, without having seen the first reading."""

    text: str
    read_by: Person
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One reported result, superseded ones included: the originals stay in sight."""

    id: int
    attribute: str
    stage: str
    sample: str
    drawn_by: str
    method: str
    method_name: str
    method_version: int
    run: int | None
    analyst: str
    qualifier: str
    value: Decimal | None
    raw_value: Decimal | None
    decimals: int
    text: str
    unit: str
    missing: str
    notes: str
    performed_at: datetime
    late_entry_reason: str
    recorded_by: Person
    reviewed_by: Person | None
    state: str
    supersedes: int | None
    reason: str
    retest_of: int | None = None
    second_reading: SecondReading | None = None

    @property
    def name(self) -> str:
        """The word for its attribute."""
        known = ATTRIBUTES.get(self.attribute)
        return known.name if known else self.attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    number: str
    kind: str
    title: str
    state: str
    classification: str
    impact: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    template: str
    copy: int
    reprint_reason: str
    state: str
    printed_by: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a container was filled from."""

    code: str
    volume_ml: Decimal | None
    viable_cells: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    kind: str
    gave: str
    took: Person
    second: Person | None
    place: str
    temperature_c: Decimal | None
    temperature_reason: str
    condition: str
    late_entry_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    code: str
    kind: str
    number: int
    group_size: int
    state: str
    volume_ml: Decimal | None
    viable_cells: Decimal | None
    expiry_date: date | None
    labels: tuple[Label, ...]
    origins: tuple[Origin, ...]
    handovers: tuple[Handover, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    purpose: str
    expected: str
    read: str
    matches: bool
    scanned_by: Person
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """The approved version that the lot is held against."""

    id: int
    code: str
    version: int
    name: str
    digest: str
    product: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything a decision about a lot rests on.

    `record_version` counts the audit trail of the order below this room. Whatever changes raises it, so a
    signature does not come back to life when a change is undone.
    """

    record_version: int
    order: Order
    batch: Batch | None
    steps: tuple[Step, ...]
    results: tuple[Result, ...]
    specification: Specification | None
    evaluation: Evaluation | None
    deviations: tuple[Deviation, ...]
    containers: tuple[Container, ...]
    scans: tuple[Scan, ...]

    @property
    def content(self) -> dict:
        """What a dossier learnt to say later stands in it only where there is something to say: what was signed
        before that still reads the same."""
        content = asdict(self)
        for result in content["results"]:
            _leave_out_absent(result, "retest_of", "second_reading")
        for step in content["steps"]:
            for reading in step["readings"]:
                _leave_out_absent(reading, "confirmed_by", "confirmed_at")
        for criterion in (content["specification"] or {}).get("criteria", ()):
            _leave_out_absent(criterion, "alternatives")
        return content

    @property
    def digest(self) -> str:
        return digest(self.content)

    @property
    def evaluation_digest(self) -> str | None:
        if self.specification is None or self.evaluation is None:
            return None
        return self.evaluation.digest_against(self.specification.digest)

    @property
    def standing_results(self) -> tuple[Result, ...]:
        """What the lot is held against: retests of an investigation stand beside it and do not count."""
        return tuple(
            result for result in self.results if result.state != "superseded" and result.retest_of is None
        )

    @property
    def bags(self) -> tuple[Container, ...]:
        return tuple(item for item in self.containers if item.kind == "bag" and item.state != "labelled")

    @property
    def mismatch_count(self) -> int:
        return sum(not scan.matches for scan in self.scans)

    @property
    def readings(self) -> Iterator[tuple[Step, Reading]]:
        return ((step, reading) for step in self.steps for reading in step.readings)


def _leave_out_absent(part: dict, *names: str) -> None:
    for name in names:
        if not part[name]:
            del part[name]


def decision_content(dossier: Dossier, decision: str) -> dict:
    """What a signature under a decision covers."""
    return {"decision": decision, "dossier": dossier.content}


def read(kind: type, value: Any) -> Any:
    """A value of `kind` from its canonical JSON: what was signed, as it was signed."""
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: read(hints[name], item) for name, item in value.items()})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else read(arguments[0], value)
    if origin is tuple:
        return tuple(read(arguments[0], item) for item in value)
    if issubclass(kind, date):
        return kind.fromisoformat(value)
    if issubclass(kind, Decimal | Enum):
        return kind(value)
    return value
