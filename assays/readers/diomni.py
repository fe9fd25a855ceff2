"""Thermo Fisher Diomni (real-time PCR on QuantStudio): a workbook of one sheet, facts of the run above its reactions.

Its calls, and how sure it is of them, are the software's own and are not taken.
"""

from assays.readers.conversion import Converted, convert
from assays.readers.delimited import table_below
from assays.readers.qpcr import BARCODE, ENDED, Reactions, first_of, is_omitted, zoned
from assays.readers.records import Format, UnableToRead, ValueTable
from assays.readers.workbook import Grid, filled, read_workbook

SHEETS = ("Target_Call", "Target Call")  # of releases 4.2 and 4.3
WELL, SAMPLE, TARGET, CQ = "Well", "Sample", "Target", "Cq"


def is_diomni(sheets: Grid) -> bool:
    return any(name in SHEETS for name in sheets)


def read_diomni(filename: str, content: bytes, *, timezone: str) -> ValueTable:
    [rows, *_] = [rows for name, rows in read_workbook(filename, content).items() if name in SHEETS]
    start = next((at for at, row in enumerate(rows) if row and row[0].text == WELL), None)
    if start is None:
        raise UnableToRead(
            f"{filename} has no line that begins with “{WELL}”; the file is cut off or was edited."
        )
    facts = {row[0].text: row[1].text for row in rows[:start] if len(row) > 1}
    head = rows[start]
    body = [filled(row, len(head)) for row in rows[start + 1 :]]
    reactions = Reactions(
        filename=filename, converted=Converted(convert(filename, content, Format.DIOMNI, timezone=timezone))
    )
    for row in table_below(filename, head, body, needed=(WELL, SAMPLE, TARGET, CQ)):
        reactions.add(
            well=row[WELL],
            sample=row[SAMPLE].text,
            target=row[TARGET].text,
            cq=row[CQ],
            omitted=is_omitted(filename, row),
        )
    return reactions.table(
        Format.DIOMNI,
        instrument=facts.get("Instrument Type", ""),
        software=f"Diomni {facts.get('Software version', '')}".strip(),
        measured_at=zoned(first_of(facts, ENDED), timezone),
        plate_name=first_of(facts, BARCODE),
    )
