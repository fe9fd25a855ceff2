"""What each document says, as frozen values that the rooms fill and the templates print.

Times are aware; values that have a limit come as text, already rounded by the rule of their method;
amounts are Decimal with their unit beside them. None means "not recorded" and is printed as such.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    MISSING = "missing"
    PENDING = "pending"


class Tone(StrEnum):
    """How an outcome reads at a glance; the words beside it say the same."""

    NEUTRAL = "neutral"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands on every page, and the time that makes the bytes of a document repeatable."""

    document_id: str
    lot_number: str
    coi_id: str
    check_character: str
    generated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseHeading:
    """Of a document that is not about one lot."""

    document_id: str
    generated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One executed signature. `digest` is of the record that was signed, not of this document.

    `invalid` says why it does not count any more.
    """

    printed_name: str
    meaning: str
    signed_at: datetime
    reason: str
    digest: str
    invalid: str = ""


# ── Certificate of analysis ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionLine:
    attribute: str
    method: str
    stage: str
    limit: str
    result: str | None
    unit: str
    verdict: Verdict
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingTest:
    name: str
    method: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationLine:
    number: str
    title: str
    classification: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOfAnalysis:
    heading: Heading
    manufacturer: str
    product: str
    indication: str
    process: str
    specification: str
    patient_pseudonym: str
    dates: tuple[tuple[str, date | datetime | None], ...]
    containers: tuple[str, ...]
    criteria: tuple[CriterionLine, ...]
    pending_tests: tuple[PendingTest, ...]
    deviations: tuple[DeviationLine, ...]
    disposition: str
    disposition_tone: Tone
    disposition_statement: str
    covers: str
    signatures: tuple[SignatureLine, ...]


# ── Chain-of-identity report ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    kind: str
    value: str
    assigned_by: str
    assigned_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    occurred_at: datetime
    actor: str
    event: str
    subject: str
    place: str
    outcome: str
    tone: Tone = Tone.NEUTRAL
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLine:
    """One labelled thing, with what it held when it was filled."""

    code: str
    name: str
    volume_ml: Decimal | None
    viable_cells: Decimal | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What went from a parent into a child container."""

    parent_code: str
    child_code: str
    volume_ml: Decimal | None
    viable_cells: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLine:
    scanned_at: datetime
    actor: str
    place: str
    purpose: str
    expected: str
    read: str
    matches: bool
    resolution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLine:
    """One printed copy of a label, until it is on its container or destroyed."""

    container_code: str
    template_version: str
    copy: int
    printed_at: datetime
    printed_by: str
    applied_at: datetime | None
    applied_by: str
    verified_by: str
    destroyed_at: datetime | None
    destroyed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyLine:
    handed_over_at: datetime
    given_by: str
    taken_by: str
    place: str
    subject: str
    condition: str
    temperature_c: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainOfIdentityReport:
    heading: Heading
    product: str
    site: str
    state: str
    identifiers: tuple[Identifier, ...]
    events: tuple[EventLine, ...]
    containers: tuple[ContainerLine, ...]
    transfers: tuple[Transfer, ...]
    scans: tuple[ScanLine, ...]
    labels: tuple[LabelLine, ...]
    custody: tuple[CustodyLine, ...]
    signatures: tuple[SignatureLine, ...]


# ── Record: any other report ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    """Places of the columns that are set flush right, counted from 0."""
    widths: tuple[int, ...] = ()
    """How wide the columns are beside each other; all alike if nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`svg` as it is drawn, `words` for who cannot see it."""

    svg: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    text: str = ""
    pictures: tuple[Picture, ...] = ()
    facts: tuple[tuple[str, str | None], ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    heading: Heading | HouseHeading
    title: str
    subtitle: str
    sections: tuple[Section, ...]
    signatures: tuple[SignatureLine, ...] = ()


# ── Container label ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelContent:
    """One label of one container. `payload` is the exact text of its Data Matrix.

    `provisional`: the facility number of the id is not one that ICCBBA assigned.
    """

    payload: str
    coi_id: str
    check_character: str
    provisional: bool
    container_code: str
    container_name: str
    number: int
    of: int
    product: str
    contents: str
    lot_number: str
    patient_pseudonym: str
    dates: tuple[tuple[str, date | datetime], ...]
    storage: str
    statements: tuple[str, ...]
    biohazard: bool
    manufacturer: str
    label_id: str
    template_version: str
    printed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLabel:
    """A label whose symbol was read back from its own picture before it counted."""

    pdf: bytes
    payload: str
    decoded: str


# ── Validation pack ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class TestLine:
    """A test that shows a requirement: what came of it, and in how many cases."""

    name: str
    outcome: Verdict
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementLine:
    """`outcome` is pending while the requirement, or `rest` of it, rests on `room`, which is not deepened yet."""

    id: str
    title: str
    outcome: Verdict
    room: str
    rest: str
    tests: tuple[TestLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationPack:
    """Requirements, tests, results, versions and digests. `problems` make it unfit for use, and stand on page one."""

    heading: HouseHeading
    problems: tuple[str, ...]
    totals: tuple[Named, ...]
    versions: tuple[Named, ...]
    digests: tuple[Named, ...]
    requirements: tuple[RequirementLine, ...]
    packages: tuple[Named, ...]
