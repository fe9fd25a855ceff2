"""Digital PCR: of each target in each well its copies per microlitre, and the partitions that they were counted in.

The concentration is as the instrument prints it, of the reaction. A value of a well whose partitions do not add up, or
that the instrument itself doubts, is missing.
"""

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted
from assays.readers.plates import NOTHING, position_of
from assays.readers.records import NO_DATE, Format, Problem, UnableToRead, ValueRow, ValueTable
from assays.readers.text import as_number

MOST_TARGETS = 2_000  # twelve in each of 96 wells are fewer
COPIES, PARTITIONS = "copies/µL", "partitions"
POSITIVE, VALID = "{}: positive partitions", "{}: valid partitions"


@dataclass(kw_only=True)
class Targets:
    """The targets of a file as they are read."""

    filename: str
    converted: Converted
    rows: list[ValueRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)

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
        position = position_of(well.text)
        place = f"{self.filename}, line {well.line}"
        if position is None or (position, target) in self.seen:
            raise UnableToRead(f"{place}: “{well.text}” is no well, or its target “{target}” is there twice.")
        if not sample or not target:
            raise UnableToRead(f"{place}: well {position} names no {'target' if sample else 'sample'}.")
        self.seen.add((position, target))
        doubt = doubt or _contradiction(positive, negative, valid)
        for quantity, cell, unit in (
            (target, copies, COPIES),
            (POSITIVE.format(target), positive, PARTITIONS),
            (VALID.format(target), valid, PARTITIONS),
        ):
            value = Missing(f"{doubt}: {cell.text}") if doubt else self._value(position, cell, unit)
            if isinstance(value, Missing):
                self.problems.append(
                    Problem(
                        line=cell.line,
                        row=f"{sample}, {position}",
                        column=quantity,
                        raw=cell.text,
                        message=value.reason,
                    )
                )
            self.rows.append(
                ValueRow(
                    line=cell.line,
                    sample_name=sample,
                    quantity=quantity,
                    value=value,
                    unit=unit,
                    well=position,
                )
            )

    def _value(self, position: str, cell: Cell, unit: str) -> Decimal | Missing:
        number = as_number(cell.text)
        if number is None or number < 0 or (unit == PARTITIONS and number % 1):
            what = "no number of partitions" if unit == PARTITIONS else "no concentration"
            return Missing(f"{cell.text!r} is {what}" if cell.text else "the cell is empty")
        if not self.converted.vouches_for(number, place=position):
            return Missing(f"two readers disagree: the converter does not find {cell.text}")
        return number

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

    def table(
        self,
        file_format: Format,
        *,
        instrument: str,
        software: str,
        measured_at: datetime | Missing = NO_DATE,
        remarks: Iterable[str] = (),
        plate_code: str = "",
    ) -> ValueTable:
        if not self.rows:
            raise UnableToRead(f"{self.filename} holds no target of a named sample.")
        return ValueTable(
            format=file_format,
            instrument=instrument,
            software=software,
            measured_at=measured_at,
            rows=tuple(self.rows),
            problems=tuple(self.problems),
            remarks=tuple(remarks),
            plate_code=plate_code,
        )


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
