"""MSD Discovery Workbench (electrochemiluminescence): one plate, one line for each analyte in each well.

Each analyte is a reading of the well, under the name of its assay. Calculated columns are the software's own and are
not taken. The export has no date: whoever imports it says when the plate was read.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.plates import WITH_NOMINAL, Content, Plate, kind_of, plate_file, position_of, size_of
from assays.readers.records import Format, PlateFile, UnableToRead
from assays.readers.text import as_number

SPOT = "Spot"
AT_ONCE = 16  # lines; the converter compares every line with every other
MOST_LINES = 2_000
NEEDED = ("Sample", "Assay", "Well", "Dilution", "Concentration", "Signal")


def read_msd_workbench(filename: str, text: str, *, timezone: str) -> PlateFile:
    title, head, *rows = [row for row in rows_of(filename, text) if any(cell.text for cell in row)]
    lines = list(table_below(filename, head, rows, needed=(*NEEDED, SPOT)))
    if len(lines) > MOST_LINES:
        raise UnableToRead(f"{filename} has {len(lines):,} lines; at most {MOST_LINES:,} are read.")
    readings: dict[str, dict[str, Cell]] = {}
    names: dict[str, dict[str, Cell]] = {}
    nominals: dict[str, dict[str, Cell]] = {}
    for row in lines:
        position, assay, line = position_of(row["Well"].text), row["Assay"].text, row["Well"].line
        if position is None or not assay or not row["Sample"].text:
            raise UnableToRead(
                f"{filename}, line {line}: a line names a sample, an assay and a well; here “{row['Well'].text}” "
                f"of “{row['Assay'].text}”."
            )
        if position in readings.setdefault(assay, {}):
            raise UnableToRead(f"{filename}, line {line}: “{assay}” in well {position} is there twice.")
        if names.setdefault(position, row)["Sample"].text != row["Sample"].text:
            raise UnableToRead(f"{filename}, line {line}: well {position} holds two samples.")
        readings[assay][position] = row["Signal"]
        if row["Concentration"].text and kind_of(row["Sample"].text) in WITH_NOMINAL:
            nominals.setdefault(position, {})[assay] = row["Concentration"]
    if not readings:
        raise UnableToRead(f"{filename} holds no well below its head line.")
    for assay, cells in readings.items():
        if lacking := [position for position in names if position not in cells]:
            raise UnableToRead(
                f"{filename}: “{assay}” is not there for well {lacking[0]}; the file is cut off or was edited."
            )
    calculated = [cell.text for cell in head if cell.text and cell.text not in (*NEEDED, SPOT)]
    return plate_file(
        Plate(
            readings=readings,
            contents={
                position: Content(
                    name=row["Sample"].text,
                    kind=kind_of(row["Sample"].text),
                    sample_name=row["Sample"].text,
                    nominals=nominals.get(position, {}),
                    dilution=row["Dilution"],
                )
                for position, row in names.items()
            },
            size=size_of(names),
        ),
        file_format=Format.MSD_WORKBENCH,
        converted=Converted(*_converted(filename, title, lines, timezone)),
        timezone=timezone,
        clock=Cell("", 0),
        instrument="Meso Scale Discovery",
        software="Discovery Workbench",
        plate_name=title[0].text.removeprefix("Plate_"),
        not_read=calculated,
        is_multiplex=True,
    )


def _converted(
    filename: str, title: list[Cell], lines: list[dict[str, Cell]], timezone: str
) -> Iterator[dict[str, Any]]:
    """The converter's documents of a few lines each, without the columns that are not taken and the lines whose signal
    is no number: it would refuse the whole file for one of them."""
    lines = [row for row in lines if as_number(row["Signal"].text) is not None]
    columns = (*NEEDED[:3], SPOT, *NEEDED[3:])
    for start in range(0, len(lines), AT_ONCE):
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerows([[title[0].text, *[""] * (len(columns) - 1)], columns])
        writer.writerows([row[name].text for name in columns] for row in lines[start : start + AT_ONCE])
        yield convert(filename, table.getvalue(), Format.MSD_WORKBENCH, timezone=timezone)
