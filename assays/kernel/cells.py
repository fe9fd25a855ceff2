"""Cell arithmetic of the process: totals, expansion, flasks, day-11 seeding. Exact, in Decimal.

The default limits are those of the 22-day process; an executed process definition may state others.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from assays.kernel.missing import Missing


def total_viable_cells(*, viable_cells_per_ml: Decimal, volume_ml: Decimal) -> Decimal:
    """TVC = concentration × volume, in cells. Neither may be negative."""
    _require_not_negative(viable_cells_per_ml=viable_cells_per_ml, volume_ml=volume_ml)
    return viable_cells_per_ml * volume_ml


def fold_expansion(*, final_cells: Decimal, initial_cells: Decimal) -> Decimal | Missing:
    """final ÷ initial viable cells, without unit; Missing when nothing was seeded."""
    _require_not_negative(final_cells=final_cells, initial_cells=initial_cells)
    if initial_cells == 0:
        return Missing("no viable cells at the start")
    return final_cells / initial_cells


def viability_percent(*, viable_cells: Decimal, total_cells: Decimal) -> Decimal | Missing:
    """100 × viable ÷ total cells; Missing when no cell was counted."""
    _require_not_negative(viable_cells=viable_cells, total_cells=total_cells)
    if viable_cells > total_cells:
        raise ValueError(f"{viable_cells} viable cells were given out of only {total_cells} cells.")
    if total_cells == 0:
        return Missing("no cells were counted")
    return 100 * viable_cells / total_cells


def flask_count(*, viable_cells: Decimal, cells_per_flask: Decimal = Decimal("1e9"), most: int = 5) -> int:
    """Flasks for the day-16 split: as many as can each hold `cells_per_flask`, at least 1, at most `most`."""
    _require_not_negative(viable_cells=viable_cells)
    if cells_per_flask <= 0:
        raise ValueError(f"cells_per_flask is {cells_per_flask}; it must be above zero.")
    return max(1, min(most, int(viable_cells // cells_per_flask)))


class SeedingDecision(StrEnum):
    STOP = "stop"
    SEED_ALL = "seed all"
    SEED_CAP = "seed the cap, bank the rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeding:
    """What goes into the rapid expansion on day 11 and what is left over, in viable cells."""

    decision: SeedingDecision
    seeded_cells: Decimal
    excess_cells: Decimal


def day_11_seeding(
    *, viable_cells: Decimal, lowest: Decimal = Decimal("5e6"), cap: Decimal = Decimal("200e6")
) -> Seeding:
    """Below `lowest`: stop, QA decides. `lowest` to `cap`, both included: seed all. Above: seed `cap`."""
    _require_not_negative(viable_cells=viable_cells)
    if viable_cells < lowest:
        return Seeding(decision=SeedingDecision.STOP, seeded_cells=Decimal(0), excess_cells=viable_cells)
    if viable_cells <= cap:
        return Seeding(decision=SeedingDecision.SEED_ALL, seeded_cells=viable_cells, excess_cells=Decimal(0))
    return Seeding(decision=SeedingDecision.SEED_CAP, seeded_cells=cap, excess_cells=viable_cells - cap)


def _require_not_negative(**quantities: Decimal) -> None:
    for name, value in quantities.items():
        if not value.is_finite() or value < 0:
            raise ValueError(f"{name} is {value}; it must be a finite number of at least zero.")
