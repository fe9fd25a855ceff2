"""Our own table of values, CSV: what instruments without a reader of their own are typed or exported into.

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

import csv
import re
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers.records import Format, Problem, UnableToRead, ValueRow, ValueTable
from assays.readers.text import as_number, as_utc

COLUMNS = ("Sample", "Quantity", "Value", "Unit", "Dilution", "Measured at")
WITH_WELLS = (*COLUMNS, "Well")
HEAD, HEAD_WITH_WELLS = ",".join(COLUMNS), ",".join(WITH_WELLS)
MOST_ROWS = 20_000
SIGNS = "<>"
WELL = re.compile(r"([A-Z]|A[A-F])0?([1-9]|[1-3][0-9]|4[0-8])\Z")


def read_table(filename: str, text: str, *, timezone: str) -> ValueTable:
    """Raises UnableToRead for a line without all columns, a row that names nothing, and a table without rows."""
    rows: list[ValueRow] = []
    problems: list[Problem] = []
    moments = []
    for line, cells in _lines(filename, text):
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


def _lines(filename: str, text: str):
    """Line number and stripped cells; empty lines are passed over."""
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        columns = WITH_WELLS if len(next(reader)) == len(WITH_WELLS) else COLUMNS
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            line = reader.line_num
            if len(stripped) != len(columns):
                raise UnableToRead(
                    f"{filename}, line {line}: {len(stripped)} cells; the columns are {', '.join(columns)}."
                )
            if not stripped[0] or not stripped[1]:
                raise UnableToRead(f"{filename}, line {line}: a row names a sample and a quantity.")
            if line > MOST_ROWS:
                raise UnableToRead(f"{filename} has more than {MOST_ROWS:,} lines.")
            yield line, stripped
    except csv.Error as error:
        raise UnableToRead(f"{filename}, line {reader.line_num}: {error}.") from error


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
