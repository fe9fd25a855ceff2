"""What a method of endotoxin says of itself, and what is known of its standards and of each dilution of a sample."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import log10

from assays.kernel.missing import Missing
from assays.kernel.qpcr import CtLine

from .settings import percent, setting
from .wells import Group

FEWEST_LEVELS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    name: str = setting("Name in the export")
    eu_per_ml: Decimal = setting("Endotoxin", unit="EU/mL", minimum="0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    quantity: str = setting("Quantity: onset time", default="Onset", help="As the export names it.")
    standards: tuple[Standard, ...] = setting("Standards")
    negative: str = setting("Name of the negative control")
    run_seconds: Decimal = setting("The reader stops after", unit="s", minimum=1)
    limit_eu_per_ml: Decimal = setting(
        "Limit that the dilution is valid for",
        unit="EU/mL",
        minimum="0.0001",
        help="Highest dilution: limit/λ.",
    )
    spike_eu_per_ml: Decimal = setting("Spike in the well", unit="EU/mL", minimum="0.0001")
    correlation: Decimal = setting("|r| of the standard curve at least", default=Decimal("0.980"), maximum=1)
    cv_limit_percent: Decimal = percent("CV of replicate onset times at most", default=10)
    recovery_minimum_percent: Decimal = percent("Spike recovered at least", default=50)
    recovery_maximum_percent: Decimal = percent("Spike recovered at most", default=200)
    positive: str = setting("Control: water with a known amount", default="", help="Open: none.")
    positive_eu_per_ml: Decimal = setting("… it holds", unit="EU/mL", default=Decimal("0.05"), minimum=0)
    positive_tolerance_percent: Decimal = percent("… recovered within ±", default=50)

    def __post_init__(self) -> None:
        if len({standard.eu_per_ml for standard in self.standards}) < FEWEST_LEVELS:
            raise ValueError(f"at least {FEWEST_LEVELS} levels of standards are needed.")
        if len({standard.name for standard in self.standards}) < len(self.standards):
            raise ValueError("two standards have the same name.")
        if self.positive and not self.positive_eu_per_ml:
            raise ValueError("a control with a known amount holds more than 0 EU/mL.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    levels: Mapping[Decimal, Group]
    line: CtLine | Missing
    points: tuple[tuple[Decimal, float], ...]  # EU/mL and onset of each well

    @property
    def lowest(self) -> Decimal:
        return min(self.levels)

    @property
    def highest(self) -> Decimal:
        return max(self.levels)

    def read(self, seconds: float) -> float | Missing:
        """EU/mL in the well."""
        return self.line if isinstance(self.line, Missing) else self.line.input_at(log10(seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dilution:
    """One dilution of one sample, as it is and spiked. `why_not` says why it gives no result."""

    factor: Decimal
    plain: Group
    spiked: Group
    concentration: float | Missing  # EU/mL in the well
    qualifier: str
    recovery_percent: float | Missing
    why_not: str
