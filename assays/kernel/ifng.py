"""The interferon-gamma release assay: from the wells of one plate to a reportable value per sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from assays.kernel.backcalculation import BackCalculation, RangeStatus
from assays.kernel.fourpl import Curve, Refused, Weighting
from assays.kernel.missing import Missing
from assays.kernel.replicates import Mean, Replicates

PG_PER_ML = "pg/mL"
PG_PER_MILLION_CELLS = "pg/10⁶ viable cells"


class Role(StrEnum):
    BLANK = "blank"
    STANDARD = "standard"
    CONTROL = "control"
    SAMPLE = "sample"


class Condition(StrEnum):
    STIMULATED = "stimulated"
    UNSTIMULATED = "unstimulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayWell:
    """One well as the run sees it. `response` is signal minus reference wavelength, before the blank.

    A masked well says why in `mask_reason` and is left out of everything.
    `name` is the sample's or the control's name; standards and blanks need none.
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
    """Turns pg/mL into pg per 10⁶ viable cells: × culture volume ÷ viable cells per culture well × 10⁶."""

    culture_volume_ml: Decimal
    viable_cells_per_well: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What an approved method version fixes before any data are seen."""

    weighting: Weighting = Weighting.ONE_OVER_Y2
    minimum_levels: int = 6
    lloq_pg_per_ml: Decimal | None = None  # None: the lowest standard
    uloq_pg_per_ml: Decimal | None = None  # None: the highest standard
    recovery_tolerance_percent: Decimal = Decimal(20)
    recovery_tolerance_at_limits_percent: Decimal = Decimal(25)
    passing_levels_percent: Decimal = Decimal(75)
    cv_limit_percent: Decimal = Decimal(20)
    cv_limit_at_limits_percent: Decimal = Decimal(25)
    dilution_cv_limit_percent: Decimal = Decimal(20)
    control_tolerance_percent: Decimal = Decimal(20)
    blank_limit: Decimal = Decimal("0.2")  # response of the blank
    combination: Mean = Mean.ARITHMETIC
    decimals: int = 0
    normalisation: Normalisation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One validity criterion of the run: what was found, what is allowed, whether it passed."""

    name: str
    value: float | Missing
    unit: str
    limit: str
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardLevel:
    """One standard level read back from its own curve."""

    nominal_pg_per_ml: Decimal
    positions: tuple[str, ...]
    response: Replicates  # blank-corrected
    concentration: Replicates  # back-calculated, wells with a solution
    recovery_percent: float | Missing
    tolerance_percent: Decimal | None  # None: an anchor outside LLOQ … ULOQ, exempt
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOutcome:
    name: str
    nominal_pg_per_ml: Decimal
    positions: tuple[str, ...]
    concentration: Replicates
    recovery_percent: float | Missing
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WellOutcome:
    position: str
    response: float | Missing  # blank-corrected
    back_calculation: BackCalculation | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class DilutionOutcome:
    """The replicate wells of one sample, condition and dilution. It counts only with every well in range
    and its %CV within the limit; `reason` says why it does not."""

    dilution_factor: Decimal
    wells: tuple[WellOutcome, ...]
    status: RangeStatus | None  # None: wells disagree about the range, or none could be read
    concentration: Replicates  # before dilution
    corrected_pg_per_ml: float | Missing  # × dilution factor
    used: bool
    reason: str


class Qualifier(StrEnum):
    EXACT = ""
    BELOW = "<"
    ABOVE = ">"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A dilution-corrected concentration in pg/mL, possibly censored."""

    qualifier: Qualifier
    pg_per_ml: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionOutcome:
    condition: Condition
    dilutions: tuple[DilutionOutcome, ...]
    measured: Measured | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reportable:
    """The reportable value: rounded once, half up; the raw value beside it at full precision."""

    qualifier: Qualifier  # EXACT or ABOVE
    value: Decimal
    raw: float
    unit: str

    def __str__(self) -> str:
        return f"{self.qualifier}{self.value} {self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOutcome:
    name: str
    stimulated: ConditionOutcome
    unstimulated: ConditionOutcome
    net: Reportable | Missing
    notes: tuple[str, ...]  # what the report must declare, e.g. a censored unstimulated part


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
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


def compute_run(*, wells: Sequence[AssayWell], method: Method) -> RunOutcome:
    raise NotImplementedError
