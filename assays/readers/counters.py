"""What the files of cell counters have in common: each counted sample is compared, cell by cell, with what the
converter found of it. A line that the converter could not take is not given to it, and is named.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isclose
from typing import Any

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import SAME, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.records import CellCountFile, CellCountRow, DayOnly, Format, Problem, UnableToRead
from assays.readers.text import as_number

# Where the converter keeps what a counter says, below the “processed data document” of each sample.
CONVERTED = {
    "viable": ("viable cell density (cell counter)",),
    "total": ("total cell density (cell counter)",),
    "dead": ("dead cell density (cell counter)",),
    "viability": ("viability (cell counter)",),
    "counted": ("total cell count",),
    "viable_counted": ("viable cell count",),
    "dilution": ("data processing document", "cell density dilution factor"),
}
UNTOLD = {
    "counted": Missing("the number of counted cells is not exported"),
    "viable_counted": Missing("the number of counted viable cells is not exported"),
    "dilution": Missing("the dilution is not exported"),
}
DENSITIES = ("viable", "total", "dead")  # the converter's are millions of cells per mL
MILLIONS = 6
TOLERATED = Decimal("0.02")  # of a total whose parts were rounded to three digits each

Line = Mapping[str, Cell]


def nothing_wrong(_line: Line) -> Iterator[tuple[str, str]]:
    yield from ()


def nothing_to_say(_line: Line) -> Iterator[str]:
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What a counter calls each value; a part that it does not export has no column."""

    format: Format
    instrument: str
    name: str
    time: str
    columns: Mapping[str, str]  # by the parts of CONVERTED
    power: int  # of ten, by which its concentrations are cells per mL
    optional: Sequence[str] = ()  # parts that some files leave out
    others: Sequence[str] = ()  # columns that are needed besides
    converter_needs: Sequence[str] = ("viable", "viability")  # without one of these it refuses the whole file
    not_given: Sequence[str] = ()  # columns for which it does so, and of which nothing is taken
    moment: Callable[[str, str], datetime | Missing]  # of the raw cell, in this time zone
    number: Callable[[str], Decimal | None] = as_number
    objections: Callable[[Line], Iterator[tuple[str, str]]] = (
        nothing_wrong  # column, and what is wrong with it
    )
    remarks: Callable[[Line], Iterator[str]] = nothing_to_say  # what is unusual about a count

    @property
    def needed(self) -> tuple[str, ...]:
        own = (column for part, column in self.columns.items() if part not in self.optional)
        return (self.name, *own, *self.others, self.time)


@dataclass(frozen=True, slots=True)
class _Counted:
    """One line, as far as it is understood."""

    line: Line
    numbers: dict[str, Decimal | Missing]
    counted_at: datetime | Missing

    def is_convertible(self, needed: Sequence[str]) -> bool:
        is_dated = isinstance(self.counted_at, datetime | DayOnly)
        return is_dated and not any(isinstance(self.numbers[part], Missing) for part in needed)


def read_counts(counter: Counter, filename: str, text: str, *, timezone: str) -> CellCountFile:
    """A CSV file with a head line and a line for each counted sample."""
    head, *rows = [row for row in rows_of(filename, text) if any(cell.text for cell in row)]
    if counter.name not in [cell.text for cell in head] and ";" in head[0].text:
        raise UnableToRead(
            f"{filename}, line {head[0].line}: the cells are separated by semicolons; "
            "export it with commas between the cells and points in the numbers."
        )
    lines = list(table_below(filename, head, rows, needed=counter.needed))

    def convert_lines(kept: Sequence[int]) -> dict[str, Any]:
        table = io.StringIO()
        given = [at for at, cell in enumerate(head) if cell.text not in ("", *counter.not_given)]
        taken = [head, *(rows[index] for index in kept)]
        csv.writer(table, lineterminator="\n").writerows([row[at].text for at in given] for row in taken)
        return convert(filename, table.getvalue(), counter.format, timezone=timezone)

    return counts_of(counter, filename, lines, timezone=timezone, convert_lines=convert_lines)


def counts_of(
    counter: Counter,
    filename: str,
    lines: Sequence[Line],
    *,
    timezone: str,
    convert_lines: Callable[[Sequence[int]], dict[str, Any]],
    software: str = "",
) -> CellCountFile:
    """Every line as a row. `convert_lines` has the converter read the lines of these indices alone."""
    if not lines:
        raise UnableToRead(f"{filename} holds no counted sample: there is nothing below the head line.")
    counted = [_counted(counter, filename, line, timezone) for line in lines]
    kept = [index for index, one in enumerate(counted) if one.is_convertible(counter.converter_needs)]
    measurements = _measurements(convert_lines(kept)) if kept else []
    if len(measurements) != len(kept):
        raise UnableToRead(
            f"{filename} has {len(kept)} whole lines but {len(measurements)} converted counts."
        )
    converted = dict(zip(kept, measurements, strict=True))
    rows = tuple(_row(counter, at + 1, one, converted.get(at)) for at, one in enumerate(counted))
    return CellCountFile(
        format=counter.format,
        instrument=counter.instrument,
        software=software or counter.instrument,
        rows=rows,
        problems=tuple(problem for row in rows for problem in row.problems),
        remarks=tuple(
            f"Row {row.row_number} ({row.sample_name}): {remark}"
            for row, line in zip(rows, lines, strict=True)
            for remark in counter.remarks(line)
        ),
    )


def add_up(
    live: Decimal | Missing | None, dead: Decimal | Missing | None, total: Decimal | Missing | None
) -> bool:
    """Whether live and dead cells make the total, as far as they are known and within their rounding."""
    if not (isinstance(live, Decimal) and isinstance(dead, Decimal) and isinstance(total, Decimal)):
        return True
    return abs(live + dead - total) <= max(total, Decimal(1)) * TOLERATED


def _counted(counter: Counter, filename: str, line: Line, timezone: str) -> _Counted:
    name = line[counter.name]
    if not name.text:
        raise UnableToRead(f"{filename}, line {name.line}: the cell '{counter.name}' is empty.")
    numbers = {
        part: _number(counter, line[column].text)
        if column in line
        else Missing(f"the file has no “{column}”")
        for part, column in counter.columns.items()
    }
    return _Counted(line, numbers, counter.moment(line[counter.time].text, timezone))


def _number(counter: Counter, raw: str) -> Decimal | Missing:
    number = counter.number(raw)
    if number is None:
        return Missing(f"{raw!r} is not a number" if raw else "the cell is empty")
    return Missing(f"{raw} is below zero") if number < 0 else number


def _measurements(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The converter's, in the order of the lines that it was given."""
    counts = document["cell counting aggregate document"]["cell counting document"]
    return [count["measurement aggregate document"]["measurement document"][0] for count in counts]


def _row(
    counter: Counter, row_number: int, counted: _Counted, measurement: dict[str, Any] | None
) -> CellCountRow:
    numbers, counted_at = dict(counted.numbers), counted.counted_at
    if measurement is not None:
        numbers = {part: _agreed(counter, part, number, measurement) for part, number in numbers.items()}
        counted_at = _agreed_time(counted_at, measurement)
    name = counted.line[counter.name].text
    found = {column: numbers[part] for part, column in counter.columns.items() if column in counted.line}
    wrong = [(column, value.reason) for column, value in found.items() if isinstance(value, Missing)]
    if isinstance(counted_at, Missing) and not isinstance(counted_at, DayOnly):
        wrong.append((counter.time, counted_at.reason))
    if not add_up(*(numbers.get(part) for part in ("viable", "dead", "total"))):
        wrong.append((counter.columns["total"], "live and dead cells do not add up to the total"))
    wrong += counter.objections(counted.line)
    return CellCountRow(
        row_number=row_number,
        sample_name=name,
        viable_cells_per_ml=_per_ml(numbers["viable"], counter.power),
        total_cells_per_ml=_per_ml(numbers["total"], counter.power),
        viability_percent=numbers["viability"],
        cells_counted=numbers.get("counted", UNTOLD["counted"]),
        viable_cells_counted=numbers.get("viable_counted", UNTOLD["viable_counted"]),
        dilution=numbers.get("dilution", UNTOLD["dilution"]),
        counted_at=counted_at,
        problems=tuple(
            Problem(
                line=counted.line[column].line,
                row=f"row {row_number} ({name})",
                column=column,
                raw=counted.line[column].text,
                message=message,
            )
            for column, message in wrong
        ),
    )


def _agreed(
    counter: Counter, part: str, number: Decimal | Missing, measurement: dict[str, Any]
) -> Decimal | Missing:
    """The number if the converted document has the same one; what the two disagree on is not understood."""
    if isinstance(number, Missing):
        return number
    processed = measurement["processed data aggregate document"]["processed data document"][0]
    theirs = _at(processed, CONVERTED[part])
    ours = number.scaleb(counter.power - MILLIONS) if part in DENSITIES else number
    if theirs is not None and isclose(theirs, float(ours), rel_tol=SAME):
        return number
    return Missing(f"two readers disagree: {ours} and {theirs}")


def _agreed_time(moment: datetime | Missing, measurement: dict[str, Any]) -> datetime | Missing:
    theirs = datetime.fromisoformat(measurement["measurement time"])
    ours = moment.begins_at if isinstance(moment, DayOnly) else moment
    if isinstance(ours, Missing) or theirs == ours:
        return moment
    return Missing(f"two readers disagree: {ours} and {theirs}")


def _at(document: dict[str, Any], path: tuple[str, ...]) -> float | None:
    value: Any = document
    for key in path:
        value = value.get(key, {})
    return value.get("value")


def _per_ml(value: Decimal | Missing, power: int) -> Decimal | Missing:
    """Exactly and written out: 0.75 million is 750000."""
    return value if isinstance(value, Missing) else Decimal(format(value.scaleb(power), "f"))
