"""What a calculation found: criteria of the run, values of the samples, and what its page draws.

A run keeps it as plain JSON. Its page needs to know no calculation: besides the criteria it draws `tables` and
`charts`; a cell is a text, a number, yes or no, or Missing with its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assays.kernel import VERSION
from assays.kernel.ifng import Criterion, first_failure
from assays.kernel.missing import Missing
from assays.kernel.plain import to_plain
from assays.kernel.rounding import as_decimal
from assays.rules.values import Value

Cell = str | int | float | Decimal | bool | Missing


class UnableToCompute(ValueError):
    """The material is no run of this method; the message says why, naming well or row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: float
    y: float
    label: str = ""
    role: str = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Points measured and the line computed through them; either may be empty."""

    name: str
    points: tuple[Point, ...] = ()
    line: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    title: str
    x: Column
    y: Column
    series: tuple[Series, ...]
    x_is_logarithmic: bool = False
    y_is_logarithmic: bool = False
    formula: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlFound:
    """What a run found of a material that is measured in every run; `lower` and `upper` are what the method allows."""

    name: str
    value: Decimal | Missing
    unit: str
    lower: Decimal | None = None
    upper: Decimal | None = None


def within_percent(nominal: Decimal, tolerance: Decimal) -> dict[str, Decimal]:
    """The limits nominal ± tolerance %."""
    share = nominal * tolerance / 100
    return {"lower": nominal - share, "upper": nominal + share}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`values` by the name of the sample; `kept` is the plain JSON that stays with the run."""

    criteria: tuple[Criterion, ...]
    values: Mapping[str, tuple[Value, ...]]
    kept: Mapping[str, Any]
    controls: tuple[ControlFound, ...] = ()
    second_solver: Mapping[str, Any] | None = None  # None where no curve was solved

    @property
    def is_valid(self) -> bool:
        return all(criterion.passed for criterion in self.criteria)


def found(
    *,
    code: str,
    criteria: Sequence[Criterion],
    values: Mapping[str, tuple[Value, ...]],
    tables: Sequence[Table] = (),
    charts: Sequence[Chart] = (),
    warnings: Sequence[str] = (),
    controls: Sequence[ControlFound] = (),
    second_solver: Mapping[str, Any] | None = None,
    assays: Mapping[str, Any] | None = None,
) -> Outcome:
    """Validity comes before conformity: of an invalid run every value is missing, with what failed first.

    `assays` by sample are what later runs combine with their own.
    """
    if invalid := first_failure(criteria):
        values = {
            sample: tuple(
                Value(attribute=value.attribute, missing=f"run invalid: {invalid}") for value in own
            )
            for sample, own in values.items()
        }
    kept = {
        "calculation": code,
        "kernel_version": VERSION,
        "criteria": criteria,
        "values": values,
        "tables": tables,
        "charts": charts,
        "warnings": warnings,
    } | ({} if assays is None else {"assays": assays})
    return Outcome(
        criteria=tuple(criteria),
        values=values,
        kept=to_plain(kept),
        controls=tuple(controls),
        second_solver=second_solver,
    )


def nothing_computed(why: str) -> Outcome:
    """What is kept of a run whose material the calculation could not take."""
    criterion = Criterion(
        name="Plate", value=Missing(why), unit="", limit="a run of this assay", passed=False
    )
    return Outcome(criteria=(criterion,), values={}, kept={"criteria": to_plain([criterion]), "samples": []})


def decimal_or_missing(value: float | Missing) -> Decimal | Missing:
    return value if isinstance(value, Missing) else as_decimal(value)
