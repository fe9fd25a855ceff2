"""From counted rows to results: viability as counted, total viable cells over the product's bags."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assays.attributes import TOTAL_VIABLE_CELLS, VIABILITY
from assays.kernel.cells import total_viable_cells
from assays.kernel.missing import Missing
from assays.kernel.plain import to_plain
from assays.readers import CellCountRow
from assays.rules.reported import Reported
from assays.rules.values import Value
from tilmfg.shell.numbers import readable

from .calculation import Calculation, Counted, Material, Shape
from .outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A count is reported as it was counted."""


def check(results: Sequence[Reported], _settings: Settings) -> str:
    for result in results:
        if result.attribute not in FOUND:
            return f"a cell counter reports {' and '.join(FOUND)}, not {result.attribute}."
    return ""


def compute(material: Material) -> Outcome:
    """No criterion: a counter has no standards, and a row with a cell not understood is not imported."""
    return Outcome(
        criteria=(),
        values={
            counted.name.sample: _values_of(counted, material.results_at(counted.name.stage))
            for counted in material.counts
        },
        kept={
            "rows": [_kept(counted, material.results_at(counted.name.stage)) for counted in material.counts]
        },
    )


def _values_of(counted: Counted, results: Sequence[Reported]) -> tuple[Value, ...]:
    if counted.masked:
        return tuple(
            Value(attribute=result.attribute, missing=f"masked: {counted.masked}") for result in results
        )
    volume = Missing("the volume was not kept then") if counted.volume_ml is None else counted.volume_ml
    return values_of(counted.row, results=results, volume_ml=volume)


def _kept(counted: Counted, results: Sequence[Reported]) -> dict:
    """The row, and what it gave."""
    kept = to_plain(counted.row) | {"sample": counted.name.sample}
    if counted.masked:
        kept |= {"masked": counted.masked}
    if counted.volume_ml is not None:
        found = _values_of(counted, results)
        kept |= {
            "product_bags_ml": to_plain(counted.volume_ml),
            "found": {
                one.attribute: {"missing": one.missing} if one.missing else to_plain(one.raw) for one in found
            },
        }
    return kept


def values_of(
    row: CellCountRow, *, results: Sequence[Reported], volume_ml: Decimal | Missing
) -> tuple[Value, ...]:
    """The values that a method reports of one counted row."""
    return tuple(FOUND[result.attribute](row, volume_ml) for result in results)


def _viability(row: CellCountRow, _volume_ml: Decimal | Missing) -> Value:
    if isinstance(row.viability_percent, Missing):
        return Value(attribute=VIABILITY.code, missing=row.viability_percent.reason)
    return Value(attribute=VIABILITY.code, raw=row.viability_percent)


def _total(row: CellCountRow, volume_ml: Decimal | Missing) -> Value:
    """Viable cells/mL × the volume of the product bags."""
    if isinstance(row.viable_cells_per_ml, Missing):
        return Value(attribute=TOTAL_VIABLE_CELLS.code, missing=row.viable_cells_per_ml.reason)
    if isinstance(volume_ml, Missing):
        return Value(attribute=TOTAL_VIABLE_CELLS.code, missing=volume_ml.reason)
    raw = total_viable_cells(viable_cells_per_ml=row.viable_cells_per_ml, volume_ml=volume_ml)
    counted, filled = readable(row.viable_cells_per_ml), readable(volume_ml)
    note = f"{counted} viable cells/mL × {filled} mL in the product bags"
    return Value(attribute=TOTAL_VIABLE_CELLS.code, raw=raw, notes=note)


FOUND = {VIABILITY.code: _viability, TOTAL_VIABLE_CELLS.code: _total}

CELL_COUNT = Calculation(
    code="cell_count",
    name="Viability and viable cells as counted",
    shape=Shape.COUNTS,
    settings=Settings,
    check=check,
    compute=compute,
)
