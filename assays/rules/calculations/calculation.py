"""A calculation: a named way from what was read to reportable values, with the settings a method fixes for it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.readers import CellCountRow, ValueRow
from assays.rules.plates import WellFacts
from assays.rules.reported import Reported
from assays.rules.rows import AS_IS
from assays.rules.values import Named

from .combined_assays import Assay
from .outcome import Outcome


class Shape(StrEnum):
    """What a calculation is made from, called like the kind of its methods."""

    PLATE = "plate"
    COUNTS = "cell_count"
    TABLE = "table"
    MULTIPLEX = "multiplex"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One row of a cell counter and the sample it was said to be."""

    row: CellCountRow
    name: Named
    volume_ml: Decimal | Missing | None  # of the product bags; None of a computation from before it was kept
    masked: str = ""  # why a person left it out


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything a calculation is made from. `names` says of each name of the instrument which sample it is; a
    name that was left out is not in it. `before` was judged already and comes first among the criteria. `earlier` are
    the assays of each sample, by its name, that were reviewed before and wait to be combined."""

    settings: Any
    results: tuple[Reported, ...]
    names: Mapping[str, Named]
    wells: tuple[WellFacts, ...] = ()
    counts: tuple[Counted, ...] = ()
    values: tuple[ValueRow, ...] = ()
    before: tuple[Criterion, ...] = ()
    earlier: Mapping[str, tuple[Assay, ...]] = field(default_factory=dict)

    def results_at(self, stage: str) -> tuple[Reported, ...]:
        return tuple(result for result in self.results if stage in result.stages)


def takes_everything(_material: Material) -> str:
    return ""


def names_nothing(_settings: Any) -> frozenset[str]:
    return frozenset()


def one_assay(_settings: Any) -> int:
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """A way of computing, as methods name it.

    `check` says why these results cannot come of these settings, `refusal_of` why this material is no run before it
    is imported; both say nothing if all is well. `compute` raises UnableToCompute for what is no run. A name of the
    instrument is in one of `conditions`; a sample needs wells or rows in every one of them. `names_of` are those in
    a table that the settings give to standards and controls, `quantities_of` those that are computed with, all in
    `unit`; `assays_of` is how many runs make one result.
    """

    code: str
    name: str
    shape: Shape
    settings: type
    check: Callable[[Sequence[Reported], Any], str]
    compute: Callable[[Material], Outcome]
    refusal_of: Callable[[Material], str] = takes_everything
    conditions: tuple[str, ...] = (AS_IS,)
    names_of: Callable[[Any], Collection[str]] = names_nothing
    quantities_of: Callable[[Any], Collection[str]] = names_nothing
    unit: str = ""
    assays_of: Callable[[Any], int] = one_assay
