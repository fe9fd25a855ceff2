"""Digital PCR: of each target in each well its copies per microlitre, and the partitions that they were counted in.

The concentration is as the instrument prints it, of the reaction. A value of a well whose partitions do not add up, or
that the instrument itself doubts, is missing.
"""

from collections.abc import Iterable, Sized
from datetime import datetime
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted
from assays.readers.plates import NOTHING
from assays.readers.records import NO_DATE, UnableToRead
from assays.readers.text import as_number
from assays.readers.well_values import WellValues

MOST_TARGETS = 2_000  # twelve in each of 96 wells are fewer
COPIES, PARTITIONS = "copies/µL", "partitions"
POSITIVE, VALID = "{}: positive partitions", "{}: valid partitions"


class Targets(WellValues):
    """The targets of a file as they are read."""

    what = "target"
    converted: Converted

    def add(
        self,
        *,
        well: Cell,
        sample: str,
        target: str,
        copies: Cell,
        positive: Cell,
        valid: Cell,
        negative: Cell = NOTHING,
        doubt: str = "",
    ) -> None:
        """`doubt` is what the instrument says against the well."""
        position = self.position_for(well, target)
        if not sample or not target:
            raise UnableToRead(
                f"{self.filename}, line {well.line}: well {position} names no {'target' if sample else 'sample'}."
            )
        doubt = doubt or _contradiction(positive, negative, valid)
        for quantity, cell, unit in (
            (target, copies, COPIES),
            (POSITIVE.format(target), positive, PARTITIONS),
            (VALID.format(target), valid, PARTITIONS),
        ):
            value = Missing(f"{doubt}: {cell.text}") if doubt else self._value(position, cell, unit)
            self.keep(cell, position=position, sample=sample, quantity=quantity, value=value, unit=unit)

    def _value(self, position: str, cell: Cell, unit: str) -> Decimal | Missing:
        number = as_number(cell.text)
        if number is None or number < 0 or (unit == PARTITIONS and number % 1):
            what = "no number of partitions" if unit == PARTITIONS else "no concentration"
            return Missing(f"{cell.text!r} is {what}" if cell.text else "the cell is empty")
        return self.disagreement(number, cell, position=position) or number

    def vouched(self, moments: Iterable[datetime | Missing]) -> datetime | Missing:
        """The latest of them, unless one is unknown."""
        known = []
        for moment in moments:
            if isinstance(moment, Missing):
                return moment
            if not self.converted.vouches_for_moment(moment):
                return Missing(f"two readers disagree about {moment:%Y-%m-%d %H:%M:%S} UTC")
            known.append(moment)
        return max(known, default=NO_DATE)


def require_few(filename: str, targets: Sized) -> None:
    """Before the converter goes through them."""
    if len(targets) > MOST_TARGETS:
        raise UnableToRead(
            f"{filename} holds {len(targets):,} targets of wells; at most {MOST_TARGETS:,} of a plate are read."
        )


def _contradiction(positive: Cell, negative: Cell, valid: Cell) -> str:
    """Where the partitions are not those of one well; of what is no number nothing is said here."""
    own, others, every = (as_number(cell.text) for cell in (positive, negative, valid))
    if own is not None and every is not None and own > every:
        return f"{own} positive partitions are more than {every} valid ones"
    if own is not None and others is not None and every is not None and own + others != every:
        return f"{own} positive and {others} negative partitions are not the {every} valid ones"
    return ""
