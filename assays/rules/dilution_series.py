"""Serial dilutions that run over a plate."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from assays.readers.positions import place_of, position_at

from .layouts import DIGITS, Cell, Layout, UnableToLayOut, WellProblem, read_layout

DIRECTIONS = {"right": (0, 1), "down": (1, 0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Standards fall by nominal value, each level a name of its own: STD1, STD2, …. Anything else is diluted
    further by each step under one name. Replicates lie across the direction.
    """

    cell: Cell  # of the first step
    factor: Decimal
    steps: int
    direction: str = "right"
    replicates: int = 1

    @property
    def cells(self) -> Iterator[Cell]:
        for step in range(self.steps):
            by = self.factor**step
            if self.cell.role == "standard" and self.cell.nominal is not None:
                name = f"{self.cell.name}{step + 1}"
                yield replace(self.cell, name=name, nominal=_kept(self.cell.nominal / by))
            else:
                yield replace(self.cell, dilution=_kept(self.cell.dilution * by))


def fill_series(layout: Layout, *, at: str, series: Series) -> Layout:
    """The layout with the series from well `at` on, over whatever was there. Raises UnableToLayOut."""
    _require_possible(series)
    try:
        row, column = place_of(at)
    except ValueError:
        raise UnableToLayOut(WellProblem(f"“{at}” names no well to begin with.")) from None
    down, right = DIRECTIONS[series.direction]
    filled = dict(layout.cells)
    for step, cell in enumerate(series.cells):
        for copy in range(series.replicates):
            place = row + down * step + right * copy, column + right * step + down * copy
            filled[position_at(*place)] = cell
    return read_layout(Layout(layout.wells, filled).content)


def _require_possible(series: Series) -> None:
    if series.direction not in DIRECTIONS:
        allowed = ", ".join(DIRECTIONS)
        raise UnableToLayOut(WellProblem(f"The direction is “{series.direction}”; allowed: {allowed}."))
    if not 2 <= series.steps <= 48:
        raise UnableToLayOut(WellProblem(f"The series has {series.steps} steps; allowed: 2 to 48."))
    if not 1 < series.factor <= 1000:
        raise UnableToLayOut(WellProblem(f"The factor is {series.factor}; allowed: above 1, up to 1000."))
    if not 1 <= series.replicates <= 32:
        raise UnableToLayOut(WellProblem(f"The series has {series.replicates} replicates; allowed: 1 to 32."))


def _kept(number: Decimal) -> Decimal:
    """To the digits that a layout keeps: 1000 in steps of 3 does not end."""
    kept = round(number, 12)
    if len(kept.normalize().as_tuple().digits) > DIGITS:
        kept = round(number, DIGITS - 1 - number.adjusted())
    return Decimal(f"{kept.normalize():f}")
