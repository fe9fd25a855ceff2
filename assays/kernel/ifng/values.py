"""What goes into a run of the release assay and what comes out of it. Concentrations are pg/mL."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from assays.kernel.backcalculation import BackCalculation, RangeStatus
from assays.kernel.fourpl import Curve, Refused, Weighting
from assays.kernel.missing import Missing
from assays.kernel.replicates import Mean, Replicates

NUMBERS = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
PG_PER_ML = "pg/mL"
PG_PER_MILLION_CELLS = "pg/10⁶ viable cells"


class Role(StrEnum):
    """What a well of the run holds."""

    BLANK = "blank"
    STANDARD = "standard"
    CONTROL = "control"
    SAMPLE = "sample"


class Condition(StrEnum):
    """Whether the cells were stimulated."""

    STIMULATED = "stimulated"
    UNSTIMULATED = "unstimulated"


class Qualifier(StrEnum):
    """Beyond which limit a value lies."""

    EXACT = ""
    BELOW = "<"
    ABOVE = ">"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayWell:
    """One well as the run sees it. `response` is signal minus reference wavelength, before the blank.

    `name` is the sample's or the control's name; standards and blanks need none. A well with a
    `mask_reason` is left out of everything.
    """

    position: str
    role: Role
    response: Decimal | Missing
    nominal_pg_per_ml: Decimal | None = None  # standards and controls
    name: str = ""
    condition: Condition | None = None  # samples
    dilution_factor: Decimal = Decimal(1)
    mask_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalisation:
    """Per 10⁶ viable cells: net × culture volume ÷ viable cells per culture well × 10⁶."""

    culture_volume_ml: Decimal
    viable_cells_per_well: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What an approved method version fixes before any data are seen.

    Without a stated LLOQ or ULOQ the lowest and highest standard are the limits. Standards outside the
    limits are anchors: they shape the curve and are exempt from the recovery criterion.
    """

    weighting: Weighting = Weighting.ONE_OVER_Y2
    minimum_levels: int = 6
    lloq_pg_per_ml: Decimal | None = None
    uloq_pg_per_ml: Decimal | None = None
    recovery_tolerance_percent: Decimal = Decimal(20)
    recovery_tolerance_at_limits_percent: Decimal = Decimal(25)
    passing_levels_percent: Decimal = Decimal(75)
    cv_limit_percent: Decimal = Decimal(20)
    cv_limit_at_limits_percent: Decimal = Decimal(25)
    dilution_cv_limit_percent: Decimal = Decimal(20)
    control_tolerance_percent: Decimal = Decimal(20)
    blank_limit: Decimal = Decimal("0.2")
    combination: Mean = Mean.ARITHMETIC
    decimals: int = 0
    normalisation: Normalisation | None = None

    @property
    def unit(self) -> str:
        return PG_PER_MILLION_CELLS if self.normalisation else PG_PER_ML


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One validity criterion of the run: what was found, what is allowed, whether it passed."""

    name: str
    value: float | str | Missing
    unit: str
    limit: str
    passed: bool

    @property
    def failure(self) -> str:
        """In words; the value has as many digits as it takes to lie outside the limit that it is shown beside."""
        if isinstance(self.value, Missing):
            return f"{self.name}: {self.value.reason}"
        if isinstance(self.value, str):
            return f"{self.name}: {self.value}, allowed: {self.limit}"
        number = Decimal(repr(float(self.value)))
        limits = [Decimal(told) for told in NUMBERS.findall(self.limit)]
        shown = [f"{self.value:.{digits}g}" for digits in range(4, 18)]
        told = next((text for text in shown if _same_side(Decimal(text), number, limits)), shown[-1])
        return f"{self.name}: {f'{told} {self.unit}'.strip()}, allowed: {self.limit}"


def first_failure(criteria: Iterable[Criterion]) -> str:
    """The first criterion that failed, in words, or nothing."""
    return next((criterion.failure for criterion in criteria if not criterion.passed), "")


def _same_side(shown: Decimal, number: Decimal, limits: list[Decimal]) -> bool:
    return all(shown.compare(limit) == number.compare(limit) for limit in limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardLevel:
    """One standard level read back from the curve. Levels outside LLOQ … ULOQ are anchors."""

    nominal_pg_per_ml: Decimal
    positions: tuple[str, ...]
    response: Replicates  # after the blank
    concentration: Replicates
    recovery_percent: float | Missing
    is_anchor: bool
    recovery_tolerance_percent: Decimal
    cv_limit_percent: Decimal
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOutcome:
    """One control read back and judged; concentrations in pg/mL, dilution-corrected."""

    name: str
    nominal_pg_per_ml: Decimal
    positions: tuple[str, ...]
    concentration: Replicates  # × dilution factor
    recovery_percent: float | Missing
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WellOutcome:
    """One sample well: what it read, or the reason for which it was masked."""

    position: str
    response: float | Missing  # after the blank
    back_calculation: BackCalculation | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class DilutionOutcome:
    """The replicate wells of one sample, condition and dilution. `status` is common to all read wells,
    or None; the dilution is used only if all lie in range and agree, else `reason` says why not.
    """

    dilution_factor: Decimal
    wells: tuple[WellOutcome, ...]
    status: RangeStatus | None
    concentration: Replicates  # before dilution
    corrected_pg_per_ml: float | Missing  # × dilution factor
    used: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A dilution-corrected concentration; `<` and `>` mean below and above what could be measured."""

    qualifier: Qualifier
    pg_per_ml: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionOutcome:
    """The dilutions of one condition of a sample, and what they come to together."""

    condition: Condition
    dilutions: tuple[DilutionOutcome, ...]
    measured: Measured | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reportable:
    """The reportable value: rounded once, half up; the raw value beside it at full precision."""

    qualifier: Qualifier  # exact, or above
    value: Decimal
    raw: float
    unit: str

    def __str__(self) -> str:
        return f"{self.qualifier.value}{self.value} {self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOutcome:
    """Net = stimulated − unstimulated. `notes` are what the report must declare."""

    name: str
    stimulated: ConditionOutcome
    unstimulated: ConditionOutcome
    net: Reportable | Missing
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """Everything a run came to: curve, standards, controls, criteria and samples."""

    kernel_version: str
    curve: Curve | Refused
    lloq_pg_per_ml: Decimal
    uloq_pg_per_ml: Decimal
    blank: Replicates
    standards: tuple[StandardLevel, ...]
    controls: tuple[ControlOutcome, ...]
    criteria: tuple[Criterion, ...]
    samples: tuple[SampleOutcome, ...]

    @property
    def is_valid(self) -> bool:
        return all(criterion.passed for criterion in self.criteria)
