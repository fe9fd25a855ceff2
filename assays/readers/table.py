"""Our own table of values, CSV or XLSX: what instruments without a reader are typed or exported into.

    Sample,Quantity,Value,Unit,Dilution,Measured at
    T-1,Singlets/Live/CD45+CD3+,84567,events,1,2026-11-03 14:20:00
    T-1,Cq mycoplasma,>40,cycles,1,2026-11-03 14:20:00

The first line is exactly this one; a last column “Well” may follow. Times are the clock of the instrument.

With wells a table carries a multiplex plate: the quantity is the analyte, and the unit says what is told of it, the
signal in any unit of its own, the concentration of a standard or control in pg/mL, or the number of beads:

    STD1,IL-2,18250,MFI,1,2026-11-03 14:20:00,A1
    STD1,IL-2,10000,pg/mL,1,2026-11-03 14:20:00,A1
    STD1,IL-2,87,beads,1,2026-11-03 14:20:00,A1
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.delimited import rows_of
from assays.readers.records import Format, Problem, UnableToRead, ValueRow, ValueTable
from assays.readers.text import as_number, as_utc
from assays.readers.workbook import read_workbook

COLUMNS = ("Sample", "Quantity", "Value", "Unit", "Dilution", "Measured at")
WITH_WELLS = (*COLUMNS, "Well")
HEAD, HEAD_WITH_WELLS = ",".join(COLUMNS), ",".join(WITH_WELLS)
MOST_ROWS = 20_000
SIGNS = "<>"
WELL = re.compile(r"([A-Z]|A[A-F])0?([1-9]|[1-3][0-9]|4[0-8])\Z")


def read_table(filename: str, text: str, *, timezone: str) -> ValueTable:
    """Raises UnableToRead for a line without all columns, a row that names nothing, and a table without rows."""
    return _table(filename, rows_of(filename, text), timezone)


def read_table_workbook(filename: str, content: bytes, *, timezone: str) -> ValueTable:
    """The same in the only sheet of a workbook, whose first row is the head."""
    sheets = read_workbook(filename, content)
    tables = [rows for rows in sheets.values() if rows and is_head(rows[0])]
    if len(tables) != 1:
        raise UnableToRead(
            f"{filename} has {len(tables)} sheets that begin with {', '.join(COLUMNS)}; one is read."
        )
    others = [name for name, rows in sheets.items() if rows and not is_head(rows[0])]
    table = _table(filename, [_of_the_table(row, tables[0][0]) for row in tables[0]], timezone)
    return replace(table, remarks=tuple(f"The sheet “{name}” is not taken." for name in others))


def _of_the_table(row: list[Cell], head: list[Cell]) -> list[Cell]:
    """A sheet writes no cell for what is empty at the end of a row."""
    width = len([cell for cell in head if cell.text])
    line = row[0].line if row else 0
    own = [*row, *[Cell("", line)] * (width - len(row))]
    while len(own) > width and not own[-1].text:
        own.pop()
    return own


def is_head(row: Iterable[Cell]) -> bool:
    return tuple(cell.text for cell in row if cell.text) in (COLUMNS, WITH_WELLS)


def _table(filename: str, lines: Iterable[list[Cell]], timezone: str) -> ValueTable:
    rows: list[ValueRow] = []
    problems: list[Problem] = []
    moments = []
    for line, cells in _lines(filename, lines):
        sample, quantity, value, unit, dilution, moment, *well = cells
        read = _value(value, line, f"{sample}, {quantity}", problems)
        rows.append(
            ValueRow(
                line=line,
                sample_name=sample,
                quantity=quantity,
                value=read,
                qualifier=value[0] if value[:1] in tuple(SIGNS) else "=",
                unit=unit,
                dilution=_dilution(filename, line, dilution),
                well=_well(filename, line, *well),
            )
        )
        moments.append(as_utc(moment, timezone=timezone))
    if not rows:
        raise UnableToRead(f"{filename} is a table of values without a row.")
    unknown = next((moment for moment in moments if isinstance(moment, Missing)), None)
    return ValueTable(
        format=Format.TABLE,
        instrument="",
        software="",
        measured_at=unknown or max(moment for moment in moments if not isinstance(moment, Missing)),
        rows=tuple(rows),
        problems=tuple(problems),
    )


def _lines(filename: str, lines: Iterable[list[Cell]]) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells below the head; empty lines are passed over."""
    head, *rows = lines
    columns = WITH_WELLS if len([cell for cell in head if cell.text]) == len(WITH_WELLS) else COLUMNS
    for row in rows:
        texts = [cell.text for cell in row]
        if not any(texts):
            continue
        line = row[0].line
        if len(texts) != len(columns):
            raise UnableToRead(
                f"{filename}, line {line}: {len(texts)} cells; the columns are {', '.join(columns)}."
            )
        if not texts[0] or not texts[1]:
            raise UnableToRead(f"{filename}, line {line}: a row names a sample and a quantity.")
        if line > MOST_ROWS:
            raise UnableToRead(f"{filename} has more than {MOST_ROWS:,} lines.")
        yield line, texts


def _value(raw: str, line: int, row: str, problems: list[Problem]) -> Decimal | Missing:
    number = as_number(raw.lstrip(SIGNS).strip()) if raw[1:2] not in tuple(SIGNS) else None
    if number is not None:
        return number
    message = "is empty" if not raw else "is no number, nor one with < or > before it"
    problems.append(Problem(line=line, row=row, column="Value", raw=raw, message=message))
    return Missing(f"line {line}: the value {message}")


def _dilution(filename: str, line: int, raw: str) -> Decimal:
    if not raw:
        return Decimal(1)
    number = as_number(raw)
    if number is None or number < 1:
        raise UnableToRead(f"{filename}, line {line}: the dilution “{raw}” is no number of at least 1.")
    return number


def _well(filename: str, line: int, raw: str = "") -> str:
    """A01 is A1."""
    if not raw:
        return ""
    found = WELL.match(raw.upper())
    if not found:
        raise UnableToRead(f"{filename}, line {line}: “{raw}” names no well; A1 to AF48 do.")
    return "".join(found.groups())
