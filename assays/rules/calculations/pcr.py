"""What the calculations of PCR share: reactions that amplified or not, and the controls of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.kernel.replicates import Replicates, summarise
from assays.readers import ValueRow

from .calculation import Material
from .tables import rows_named

CYCLES = "cycles"  # the unit of a Cq


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """Replicates of one target. A reaction whose Cq is a bound (> 40) or at the last cycle did not amplify, nor one
    of which the instrument says so without a number. One that a person masked is as if it had not been made."""

    name: str
    cq: tuple[float, ...]  # of those that amplified
    without: int
    unreadable: tuple[str, ...]
    masked: tuple[int, ...] = ()  # which of the replicates, counted from 1

    @property
    def count(self) -> int:
        return len(self.cq) + self.without + len(self.unreadable)

    @property
    def summary(self) -> Replicates:
        return summarise(self.cq)

    @property
    def in_words(self) -> str:
        """Amplified in 2 of 2, mean Cq 31.20."""
        mean = self.summary.mean
        told = f"amplified in {len(self.cq)} of {self.count}"
        told += "" if isinstance(mean, Missing) else f", mean Cq {mean:.2f}"
        return f"{told}, {len(self.masked)} masked" if self.masked else told


def reactions(material: Material, names: Sequence[str], target: str, *, cycles: Decimal) -> Reactions:
    replicates = [row for name in names for row in rows_named(material, name, target)]
    rows = [row for row in replicates if not row.masked]
    amplified = [row.value for row in rows if not isinstance(row.value, Missing) and _grew(row, cycles)]
    unreadable = tuple(
        row.value.reason for row in rows if isinstance(row.value, Missing) and row.qualifier == "="
    )
    return Reactions(
        name=target,
        cq=tuple(float(value) for value in amplified if not isinstance(value, Missing)),
        without=len(rows) - len(amplified) - len(unreadable),
        unreadable=unreadable,
        masked=tuple(number for number, row in enumerate(replicates, start=1) if row.masked),
    )


def amplifies(control: str, found: Reactions, *, at_most: Decimal) -> Criterion:
    """Every reaction of a positive control, and early enough."""
    all_grew = bool(found.cq) and len(found.cq) == found.count
    return Criterion(
        name=f"{control}, {found.name}",
        value=found.in_words,
        unit="",
        limit=f"amplified in all, Cq ≤ {at_most}",
        passed=all_grew and max(found.cq) <= at_most,
    )


def stays_negative(control: str, found: Reactions) -> Criterion:
    """No reaction of a negative control; one that could not be read proves nothing."""
    return Criterion(
        name=f"{control}, {found.name}",
        value=found.in_words,
        unit="",
        limit="amplified in none",
        passed=found.count > 0 and found.without == found.count,
    )


def _grew(row: ValueRow, cycles: Decimal) -> bool:
    return row.qualifier == "=" and not isinstance(row.value, Missing) and 0 < row.value < cycles
