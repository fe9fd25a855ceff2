"""Matrix (Revvity Cellaca MX, a counter of cells in the wells of a plate): one line for each well.

Some exports say above the table when it was counted and at which dilution, others nothing: whoever imports it says
when. A line for which the program names an error is not counted: a channel without an image makes dead cells disappear.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.plates import NOTHING
from assays.readers.records import NO_DATE, CellCountFile, CellCountRow, Format, Problem, UnableToRead
from assays.readers.text import as_number, as_utc

NAME, LIVE_COUNT, DEAD_COUNT, TOTAL_COUNT = "Well Name", "Live Count", "Dead Count", "Total Count"
LIVE, TOTAL, VIABILITY, ERRORS = "Live", "Total", "Viability", "Errors"
# What is told under one of two names, and how many powers of ten more the second one counts.
SPELLINGS = {
    LIVE: ("Live Cells/mL", "Live Concentration (E6)"),
    TOTAL: ("Total Cells/mL", "Total Concentration (E6)"),
    VIABILITY: ("Viability", "Viability (%)"),
    ERRORS: ("Errors:", "Errors"),
}
PER_ML, MILLIONS = "Cells/mL", "(E6)"
COUNTED, DILUTION, VERSION, INSTRUMENT = "Results Timestamp", "Dilution", "Version", "Instrument SN"
NO_DILUTION = Missing("the file does not tell the dilution")
PERCENT = re.compile(r"(?P<number>[\d.]+) ?%")
ROUNDED = 1  # a viability is rounded to whole percent
LONGEST = 120  # of an error as it is shown
Row = Mapping[str, Cell]


def is_head(cells: Sequence[str]) -> bool:
    return NAME in cells and LIVE_COUNT in cells


def read_matrix(filename: str, text: str, *, timezone: str) -> CellCountFile:
    rows = [row for row in rows_of(filename, text) if any(cell.text for cell in row)]
    at = next((at for at, row in enumerate(rows) if is_head([cell.text for cell in row])), None)
    if at is None:
        raise UnableToRead(f"{filename} has no line with the columns “{NAME}” and “{LIVE_COUNT}”.")
    facts = {row[0].text: row[1] for row in rows[:at] if len(row) > 1}
    head = rows[at]
    columns = _columns(filename, head)
    lines = list(table_below(filename, head, rows[at + 1 :], needed=(NAME, LIVE_COUNT, TOTAL_COUNT)))
    if not lines:
        raise UnableToRead(f"{filename} holds no counted well: there is nothing below its head line.")
    counted_at, dilution, doubts = _told_once(facts, timezone)
    converted = _converted(filename, rows[:at], head, lines, columns, timezone)
    counts = tuple(
        _count(filename, number, line, columns, converted.get(number), counted_at, dilution, doubts)
        for number, line in enumerate(lines, start=1)
    )
    return CellCountFile(
        format=Format.MATRIX,
        instrument=f"Cellaca MX {facts.get(INSTRUMENT, NOTHING).text}".strip(),
        software=f"Matrix {facts.get(VERSION, NOTHING).text}".strip(),
        rows=counts,
        problems=tuple(problem for count in counts for problem in count.problems),
    )


def _columns(filename: str, head: Sequence[Cell]) -> dict[str, str]:
    """Under which of its names each is there."""
    names = [cell.text for cell in head]
    found = {}
    for what, spellings in SPELLINGS.items():
        there = [name for name in spellings if name in names]
        if len(there) != 1 and what != ERRORS:
            raise UnableToRead(
                f"{filename}, line {head[0].line}: one column “{' or '.join(spellings)}” is expected, here "
                f"are {len(there)}."
            )
        found[what] = there[0] if there else ""
    return found


def _told_once(
    facts: Mapping[str, Cell], timezone: str
) -> tuple[datetime | Missing, Decimal | Missing, list[tuple[str, Cell, str]]]:
    """What is said above the table and is true of every line, and what of it was not understood."""
    doubts = []
    clock, diluted = facts.get(COUNTED, NOTHING), facts.get(DILUTION, NOTHING)
    counted_at = as_utc(clock.text, timezone=timezone) if clock.text else NO_DATE
    if clock.text and isinstance(counted_at, Missing):
        doubts.append((COUNTED, clock, counted_at.reason))
    factor = as_number(diluted.text.rpartition(":")[2].strip())
    if not diluted.text:
        return counted_at, NO_DILUTION, doubts
    if factor is None or factor < 1:
        why = f"{diluted.text!r} is no dilution of at least 1"
        return counted_at, Missing(why), [*doubts, (DILUTION, diluted, why)]
    return counted_at, factor, doubts


def _count(
    filename: str,
    number: int,
    line: Row,
    columns: Mapping[str, str],
    converted: Converted | None,
    counted_at: datetime | Missing,
    dilution: Decimal | Missing,
    doubts: Sequence[tuple[str, Cell, str]],
) -> CellCountRow:
    name = line[NAME].text
    if not name:
        raise UnableToRead(f"{filename}, line {line[NAME].line}: the cell “{NAME}” is empty.")
    problems: list[Problem] = []

    def missing(column: str, cell: Cell, message: str) -> Missing:
        row = f"row {number} ({name})"
        problems.append(Problem(line=cell.line, row=row, column=column, raw=cell.text, message=message))
        return Missing(message)

    def value(column: str) -> Decimal | Missing:
        cell = line[column]
        found = _number(column, cell.text)
        if isinstance(found, Missing):
            return missing(column, cell, found.reason)
        if converted is not None and not converted.vouches_for(found.scaleb(-6 if PER_ML in column else 0)):
            return missing(column, cell, f"two readers disagree: the converter does not find {cell.text}")
        return Decimal(format(found.scaleb(6) if MILLIONS in column else found, "f"))

    live, total, viability = (value(columns[what]) for what in (LIVE, TOTAL, VIABILITY))
    viable_counted, counted = value(LIVE_COUNT), value(TOTAL_COUNT)
    for column, why in _contradictions(viable_counted, _dead(line), counted, viability):
        missing(columns.get(column, column), line[columns.get(column, column)], why)
    for column, cell, why in doubts:
        missing(column, cell, why)
    if columns[ERRORS] and (error := line[columns[ERRORS]]).text:
        missing(ERRORS, error, f"the counter reports “{error.text[:LONGEST]}”")
    return CellCountRow(
        row_number=number,
        sample_name=name,
        viable_cells_per_ml=live,
        total_cells_per_ml=total,
        viability_percent=viability,
        cells_counted=counted,
        viable_cells_counted=viable_counted,
        dilution=dilution,
        counted_at=counted_at,
        problems=tuple(problems),
    )


def _number(column: str, text: str) -> Decimal | Missing:
    """A viability is written as 87.00%, or in a workbook as 0.87."""
    percent = PERCENT.fullmatch(text)
    number = as_number(percent["number"] if percent and VIABILITY in column else text)
    if number is None:
        return Missing(f"{text!r} is not a number" if text else "the cell is empty")
    if number < 0:
        return Missing(f"{text} is below zero")
    return number * 100 if column == VIABILITY and percent is None and number <= 1 else number


def _dead(line: Row) -> Decimal | Missing:
    return _number(DEAD_COUNT, line[DEAD_COUNT].text) if DEAD_COUNT in line else Missing("not told")


def _contradictions(
    live: Decimal | Missing, dead: Decimal | Missing, total: Decimal | Missing, viability: Decimal | Missing
) -> Iterator[tuple[str, str]]:
    """What one line says twice it says alike."""
    if isinstance(live, Missing) or isinstance(total, Missing):
        return
    if not isinstance(dead, Missing) and live + dead != total:
        yield TOTAL_COUNT, "live and dead cells do not add up to the total"
    if not isinstance(viability, Missing) and total and abs(live * 100 / total - viability) > ROUNDED:
        yield VIABILITY, f"{viability} % is not the live part of the counted cells"


def _converted(
    filename: str,
    above: Sequence[Sequence[Cell]],
    head: Sequence[Cell],
    lines: Sequence[Row],
    columns: Mapping[str, str],
    timezone: str,
) -> dict[int, Converted]:
    """The converter's document of each line that it can take, by the number of the line."""
    taken = {
        number: line
        for number, line in enumerate(lines, start=1)
        if not any(
            isinstance(_number(columns[what], line[columns[what]].text), Missing)
            for what in (LIVE, VIABILITY)
        )
    }
    if not taken:
        return {}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in above:
        writer.writerow([cell.text for cell in row] + [""] * (len(head) - len(row)))
    writer.writerow([cell.text for cell in head])
    for line in taken.values():
        writer.writerow([_for_converter(cell.text, line.get(cell.text, NOTHING).text) for cell in head])
    document = convert(filename, text.getvalue(), Format.MATRIX, timezone=timezone)
    counts = document["cell counting aggregate document"]["cell counting document"]
    if len(counts) != len(taken):
        raise UnableToRead(f"{filename} has {len(taken)} whole lines but {len(counts)} converted counts.")
    return {
        number: Converted(count, has_one_sample=True) for number, count in zip(taken, counts, strict=True)
    }


def _for_converter(column: str, text: str) -> str:
    """Nothing where a number is expected and none is there, and no errors: it takes them apart at each comma."""
    if column in SPELLINGS[ERRORS]:
        return ""
    if column not in (NAME, "Row", "Column") and column:
        number = _number(column, text)
        return "" if isinstance(number, Missing) else str(number)
    return text
