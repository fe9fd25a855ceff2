"""From one counted row to its results: viability as counted, total viable cells over the product's bags."""

from dataclasses import dataclass
from decimal import Decimal

from assays.attributes import TOTAL_VIABLE_CELLS, VIABILITY
from assays.kernel.cells import total_viable_cells
from assays.kernel.missing import Missing
from assays.readers import CellCountRow
from tilmfg.shell.numbers import readable

from .methods import MethodVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value at full precision, or why there is none; `notes` are what a report must declare."""

    attribute: str
    raw: Decimal | None = None
    missing: str = ""
    qualifier: str = "="
    notes: str = ""


def values_of(
    row: CellCountRow, *, stage: str, version: MethodVersion, volume_ml: Decimal | Missing
) -> tuple[Value, ...]:
    """The values this method reports at this stage."""
    found = {VIABILITY.code: _viability, TOTAL_VIABLE_CELLS.code: _total}
    return tuple(found[result.attribute](row, volume_ml) for result in version.results_at(stage))


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
