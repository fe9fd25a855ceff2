"""QIAGEN QIAcuity (digital PCR): one CSV line for each target in each well. The export has no date: whoever imports it
says when the plate was run.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.digital_pcr import Targets, require_few
from assays.readers.plates import NOTHING
from assays.readers.records import Format, UnableToRead, ValueTable
from assays.readers.text import as_number

SEPARATOR = "sep=,"  # the first line, for a spreadsheet
WELL, SAMPLE, MIX = "Well", "Sample/NTC/Control", "Reaction Mix"
PLATE_ID, PLATE_NAME = "Plate ID", "Plate name"
# As one release of the suite after the other calls them; the micro sign comes in every encoding there is.
OWN_NAMES = {
    "copies": re.compile(r"Conc(entration |\. )[(\[](copies|cp)/(?!m).{1,2}L[)\]]( \(dPCR reaction\))?"),
    "valid": re.compile(r"(?i)Partitions \(valid\)"),
    "positive": re.compile(r"(?i)Partitions \(positive\)"),
    "negative": re.compile(r"(?i)Partitions \(negative\)"),
    "target": re.compile(r"Target( \(Name\))?"),
}
KNOWN = {
    "copies": "Concentration (copies/μL)",
    "valid": "Partitions (valid)",
    "positive": "Partitions (positive)",
    "negative": "Partitions (negative)",
    "target": "Target",
}
GENERATED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def read_qiacuity(filename: str, text: str, *, timezone: str) -> ValueTable:
    _, *lines = text.split("\n")
    rows = [row for row in rows_of(filename, "\n".join(["", *lines])) if any(cell.text for cell in row)]
    head, body = _well_named(rows[0]), rows[1:]
    columns = _columns(filename, [cell.text for cell in head])
    wells = list(table_below(filename, head, body, needed=(WELL, SAMPLE)))
    require_few(filename, wells)
    document = convert(filename, _for_the_converter(wells, columns), Format.QIACUITY, timezone=timezone)
    targets = Targets(filename=filename, converted=Converted(document))
    plate = ""
    for row in wells:
        plate = plate or plate_of({name: cell.text for name, cell in row.items()})
        own = {what: row[name] for what, name in columns.items()}
        targets.add(
            well=row[WELL],
            sample=row[SAMPLE].text,
            target=own["target"].text,
            copies=own["copies"],
            positive=own["positive"],
            valid=own["valid"],
            negative=own.get("negative", NOTHING),
        )
    return targets.table(
        Format.QIACUITY,
        instrument="QIAGEN QIAcuity",
        software="QIAcuity Software Suite",
        plate_name=plate,
    )


def _for_the_converter(wells: Sequence[Mapping[str, Cell]], columns: Mapping[str, str]) -> str:
    """The columns that are read, under names that it knows; a nought for what is no number, where it gives up."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[SEPARATOR], [WELL, SAMPLE, *(KNOWN[what] for what in columns)]])
    for row in wells:
        own = {what: row[name].text for what, name in columns.items()}
        writer.writerow(
            [
                row[WELL].text,
                row[SAMPLE].text,
                *(
                    text if what == "target" or as_number(text) is not None else "0"
                    for what, text in own.items()
                ),
            ]
        )
    return text.getvalue()


def _well_named(head: Sequence[Cell]) -> list[Cell]:
    """Older exports leave the first column without a name."""
    return [Cell(cell.text or (WELL if at == 0 else ""), cell.line) for at, cell in enumerate(head)]


def plate_of(row: Mapping[str, str]) -> str:
    """What a row calls its plate: the ID that was scanned, and not one that the suite made up. Only the first row of
    a plate says it.
    """
    scanned = row.get(PLATE_ID, "")
    return scanned if scanned and not GENERATED.fullmatch(scanned) else row.get(PLATE_NAME, "")


def _columns(filename: str, head: Sequence[str]) -> dict[str, str]:
    found = {what: [name for name in head if own.fullmatch(name)] for what, own in OWN_NAMES.items()}
    for what, names in found.items():
        if len(names) != 1 and (names or what != "negative"):
            raise UnableToRead(
                f"{filename}, line 2: {len(names)} columns of the {what} of a target; one is expected. Export the "
                "table of results with concentration and partitions."
            )
    return {what: names[0] for what, names in found.items() if names}
