"""Vi-CELL BLU: one CSV line per counted sample."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from assays.kernel.missing import Missing
from assays.readers.conversion import convert
from assays.readers.records import CellCountFile, CellCountRow, Format, Problem, UnableToRead
from assays.readers.text import as_number, as_utc

NAME, TIME = "Sample ID", "Analysis date/time"
VIABLE, TOTAL, VIABILITY = "Viable (x10^6) cells/mL", "Total (x10^6) cells/mL", "Viability (%)"
COUNTED, VIABLE_COUNTED, DILUTION = "Cell count", "Viable cells", "Dilution"
COLUMNS = (NAME, COUNTED, VIABLE_COUNTED, TOTAL, VIABLE, VIABILITY, TIME, DILUTION)
NUMBERS = (VIABLE, TOTAL, VIABILITY, COUNTED, VIABLE_COUNTED, DILUTION)
CONVERTER_NEEDS = (VIABLE, VIABILITY)  # without one of these, or the time, it refuses the whole file

# Where the converted document keeps each number, below the row's "processed data document".
CONVERTED = {
    VIABLE: ("viable cell density (cell counter)",),
    TOTAL: ("total cell density (cell counter)",),
    VIABILITY: ("viability (cell counter)",),
    COUNTED: ("total cell count",),
    VIABLE_COUNTED: ("viable cell count",),
    DILUTION: ("data processing document", "cell density dilution factor"),
}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the file: its cells by column, and what they mean as far as they are understood."""

    number: int
    row_number: int
    fields: tuple[str, ...]
    cells: dict[str, str]
    numbers: dict[str, Decimal | Missing]
    counted_at: datetime | Missing

    @property
    def is_convertible(self) -> bool:
        needed = (*(self.numbers[column] for column in CONVERTER_NEEDS), self.counted_at)
        return not any(isinstance(value, Missing) for value in needed)


def read_vi_cell_blu(filename: str, text: str, *, timezone: str) -> CellCountFile:
    """Read every line, have the file converted as well, and compare the two cell by cell."""
    header, lines = _split(filename, text, timezone)
    converted = _converted(filename, header, [line for line in lines if line.is_convertible], timezone)
    rows = tuple(_row(line, converted.get(line.number)) for line in lines)
    return CellCountFile(
        format=Format.VI_CELL_BLU,
        instrument="Vi-CELL BLU",
        software="Vi-CELL BLU",
        rows=rows,
        problems=tuple(problem for row in rows for problem in row.problems),
    )


def _split(filename: str, text: str, timezone: str) -> tuple[list[str], list[_Line]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    lines: list[_Line] = []
    try:
        header = [name.strip() for name in next(reader)]
        _require_columns(filename, header)
        for fields in reader:
            if any(field.strip() for field in fields):
                lines.append(_line(filename, header, fields, reader.line_num, len(lines) + 1, timezone))
    except csv.Error as error:
        raise UnableToRead(
            f"{filename}, line {reader.line_num}: not a line of a CSV file ({error})."
        ) from error
    if not lines:
        raise UnableToRead(f"{filename} holds no counted sample: there is nothing below the header line.")
    return header, lines


def _require_columns(filename: str, header: Sequence[str]) -> None:
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise UnableToRead(
            f"{filename}, line 1: the column {missing[0]!r} of a Vi-CELL BLU export is missing."
        )
    twice = [column for column in COLUMNS if header.count(column) > 1]
    if twice:
        raise UnableToRead(f"{filename}, line 1: the column {twice[0]!r} is there twice.")


def _line(
    filename: str, header: list[str], fields: list[str], number: int, row_number: int, timezone: str
) -> _Line:
    if len(fields) != len(header):
        raise UnableToRead(
            f"{filename}, line {number}: {len(fields)} cells where the header has {len(header)}; "
            "the file is cut off or was edited."
        )
    cells = {name: field.strip() for name, field in zip(header, fields, strict=True)}
    if not cells[NAME]:
        raise UnableToRead(f"{filename}, line {number}: the cell 'Sample ID' is empty.")
    return _Line(
        number=number,
        row_number=row_number,
        fields=tuple(fields),
        cells=cells,
        numbers={name: _number(cells[name]) for name in NUMBERS},
        counted_at=as_utc(cells[TIME], timezone=timezone),
    )


def _number(raw: str) -> Decimal | Missing:
    number = as_number(raw)
    if number is None:
        return Missing(f"{raw!r} is not a number" if raw else "the cell is empty")
    return Missing(f"{raw} is below zero") if number < 0 else number


def _converted(
    filename: str, header: list[str], lines: list[_Line], timezone: str
) -> dict[int, dict[str, Any]]:
    """The converter's measurement of each line that it can take, by line number."""
    if not lines:
        return {}
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([header, *(line.fields for line in lines)])
    document = convert(filename, table.getvalue(), Format.VI_CELL_BLU, timezone=timezone)
    counts = document["cell counting aggregate document"]["cell counting document"]
    if len(counts) != len(lines):
        raise UnableToRead(f"{filename} has {len(lines)} whole lines but {len(counts)} converted counts.")
    measurements = (count["measurement aggregate document"]["measurement document"][0] for count in counts)
    return {line.number: measurement for line, measurement in zip(lines, measurements, strict=True)}


def _row(line: _Line, measurement: dict[str, Any] | None) -> CellCountRow:
    numbers, counted_at = line.numbers, line.counted_at
    if measurement is not None:
        numbers = {column: _agreed(number, measurement, column) for column, number in numbers.items()}
        counted_at = _agreed_time(counted_at, measurement)
    values: dict[str, Decimal | datetime | Missing] = {**numbers, TIME: counted_at}
    problems = tuple(
        Problem(
            line=line.number,
            row=f"row {line.row_number} ({line.cells[NAME]})",
            column=column,
            raw=line.cells[column],
            message=value.reason,
        )
        for column, value in values.items()
        if isinstance(value, Missing)
    )
    return CellCountRow(
        row_number=line.row_number,
        sample_name=line.cells[NAME],
        viable_cells_per_ml=_millions(numbers[VIABLE]),
        total_cells_per_ml=_millions(numbers[TOTAL]),
        viability_percent=numbers[VIABILITY],
        cells_counted=numbers[COUNTED],
        viable_cells_counted=numbers[VIABLE_COUNTED],
        dilution=numbers[DILUTION],
        counted_at=counted_at,
        problems=problems,
    )


def _agreed(number: Decimal | Missing, measurement: dict[str, Any], column: str) -> Decimal | Missing:
    """The number if the converted document has the same one; what the two disagree on is not understood."""
    processed = measurement["processed data aggregate document"]["processed data document"][0]
    converted = _at(processed, CONVERTED[column])
    if isinstance(number, Missing) or converted == float(number):
        return number
    return Missing(f"two readers disagree: {number} and {converted}")


def _agreed_time(moment: datetime | Missing, measurement: dict[str, Any]) -> datetime | Missing:
    converted = datetime.fromisoformat(measurement["measurement time"])
    if isinstance(moment, Missing) or converted == moment:
        return moment
    return Missing(f"two readers disagree: {moment} and {converted}")


def _at(document: dict[str, Any], path: tuple[str, ...]) -> float | None:
    value: Any = document
    for key in path:
        value = value.get(key, {})
    return value.get("value")


def _millions(value: Decimal | Missing) -> Decimal | Missing:
    """10⁶ cells/mL as cells/mL, exactly and written out: 0.75 → 750000."""
    return value if isinstance(value, Missing) else Decimal(format(value.scaleb(6), "f"))
