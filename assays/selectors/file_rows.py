"""The rows of the file of a run that was made of a table or of counts, and which of them are computed with."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from assays.models import MappedSample, Method, Run
from assays.readers import CellCountFile, CellCountRow, PlateFile, ValueRow, ValueTable
from assays.reading import read_stored
from assays.rules.rows import count_in_words, told_when, value_in_words

WITH_ROWS = (Method.Kind.TABLE, Method.Kind.CELL_COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One row as its reader gives it, counted from 1. `name` is the sample that it was said to be, if it was one."""

    number: int
    read: ValueRow | CellCountRow
    name: MappedSample | None
    is_computed_with: bool
    label: str
    value: str  # in words, with its unit
    quantity: str = ""
    place: str = ""  # where in the file
    well: str = ""
    dilution: Decimal = Decimal(1)

    @property
    def held(self) -> str:
        """T-1, Cq mycoplasma 36.2 cycles"""
        return f"{self.label}, {self.quantity} {self.value}".replace(",  ", ", ")


def contents_of(run: Run) -> CellCountFile | PlateFile | ValueTable:
    """The bytes are kept as they came; they read the same at any time, and what they do not say the run does."""
    read = read_stored(run.file, time_zone=run.instrument.time_zone, plate=run.plate_in_file)
    return run.method.rules.laid_out(told_when(read, run.measured_at))


def rows_of_file(run: Run) -> list[FileRow]:
    """Nothing of a run that keeps its wells."""
    if run.method.kind not in WITH_ROWS:
        return []
    content = contents_of(run)
    names = [name for name in run.mapped_samples.all() if name.sample_id]
    if isinstance(content, CellCountFile):
        return list(_counts(content, {name.row: name for name in names}))
    if isinstance(content, ValueTable):
        return list(_values(run, content, {name.instrument_name: name for name in names}))
    return []


def _counts(content: CellCountFile, names: dict[int, MappedSample]) -> Iterator[FileRow]:
    for row in content.rows:
        yield FileRow(
            number=row.row_number,
            read=row,
            name=names.get(row.row_number),
            is_computed_with=row.row_number in names,
            label=row.sample_name,
            value=count_in_words(row),
            place=f"row {row.row_number} below the head",
        )


def _values(run: Run, content: ValueTable, names: dict[str, MappedSample]) -> Iterator[FileRow]:
    for number, row in enumerate(content.rows, start=1):
        yield FileRow(
            number=number,
            read=row,
            name=names.get(row.sample_name),
            is_computed_with=run.method.rules.takes(row, names),
            label=row.sample_name,
            value=value_in_words(row),
            quantity=row.quantity,
            place=row.place,
            well=row.well,
            dilution=row.dilution,
        )
