"""Luminex xPONENT (multiplex): one batch per CSV export. Each analyte is a reading of the well, by median
fluorescence, with the number of beads behind it.
"""

import re

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.plates import Content, Plate, kind_of, plate_file, position_of, size_of
from assays.readers.records import Format, LayoutKind, PlateFile, UnableToRead

LOCATION = re.compile(r"\d+\(\d+,(?P<well>[A-Z]{1,2}\d+)\)")
MEDIAN, COUNT, DILUTION = "Median", "Count", "Dilution Factor"
UNNAMED = re.compile(r"Unknown\d*")  # as the instrument names a well that nobody named
EVENTS = "Total Events"
END = "-- CRC --"


def read_xponent(filename: str, text: str, *, timezone: str) -> PlateFile:
    facts, blocks = _blocks(filename, text)
    for needed in (MEDIAN, COUNT):
        if needed not in blocks:
            raise UnableToRead(
                f"{filename} has no block “DataType:,{needed}”; the export is cut off or another one."
            )
    readings: dict[str, dict[str, Cell]] = {}
    names: dict[str, str] = {}
    beads: dict[str, dict[str, Cell]] = {}
    for kind, told in ((MEDIAN, readings), (COUNT, beads)):
        for well, row in _wells(filename, blocks[kind]).items():
            names.setdefault(well, row["Sample"].text)
            if names[well] != row["Sample"].text:
                raise UnableToRead(f"{filename}, line {row['Sample'].line}: well {well} holds two samples.")
            for name, cell in row.items():
                if name not in ("Location", "Sample", EVENTS):
                    told.setdefault(name, {})[well] = cell
    if set(_wells(filename, blocks[MEDIAN])) != set(_wells(filename, blocks[COUNT])):
        raise UnableToRead(
            f"{filename} counts other wells than it measures; the file is cut off or was edited."
        )
    dilutions = {
        well: row[DILUTION]
        for well, row in _wells(filename, blocks.get(DILUTION, [])).items()
        if DILUTION in row
    }
    return plate_file(
        Plate(
            readings=readings,
            beads=beads,
            contents={well: content_of(name, dilutions.get(well)) for well, name in names.items()},
            size=size_of(names),
        ),
        file_format=Format.XPONENT,
        converted=Converted(convert(filename, text, Format.XPONENT, timezone=timezone)),
        timezone=timezone,
        clock=facts.get("BatchStartTime", Cell("", 0)),
        instrument="Luminex",
        software="xPONENT",
        plate_name=facts["Batch"].text if "Batch" in facts else "",
        is_multiplex=True,
        not_read=[kind for kind in blocks if kind not in (MEDIAN, COUNT, DILUTION)],
    )


def _blocks(filename: str, text: str) -> tuple[dict[str, Cell], dict[str, list[list[Cell]]]]:
    """The lines before the results by their first cell, then the rows below each “DataType:”."""
    facts: dict[str, Cell] = {}
    blocks: dict[str, list[list[Cell]]] = {}
    block: list[list[Cell]] | None = None
    for row in rows_of(filename, text):
        first, second = (*row, Cell("", 0), Cell("", 0))[:2]
        if first.text == "DataType:":
            if second.text in blocks:
                raise UnableToRead(f"{filename}, line {first.line}: a second block “{second.text}” begins.")
            block = blocks[second.text] = []
        elif first.text.startswith(END):
            block = []
        elif block is None and first.text:
            facts.setdefault(first.text, second)
        elif block is not None and any(cell.text for cell in row):
            block.append(row)
    return facts, blocks


def _wells(filename: str, block: list[list[Cell]]) -> dict[str, dict[str, Cell]]:
    """The rows of a block that is told by well; other blocks have none."""
    if not block or not block[0] or block[0][0].text != "Location":
        return {}
    wells: dict[str, dict[str, Cell]] = {}
    for row in table_below(filename, block[0], block[1:], needed=("Location", "Sample")):
        found = LOCATION.fullmatch(row["Location"].text)
        well = position_of(found["well"]) if found else None
        if found is None or well is None or well in wells:
            raise UnableToRead(
                f"{filename}, line {row['Location'].line}: “{row['Location'].text}” is no well, or is there twice."
            )
        wells[well] = row
    return wells


def content_of(name: str, dilution: Cell | None) -> Content:
    """A well that nobody named is laid out by the method."""
    if not name or UNNAMED.fullmatch(name):
        return Content(name="", kind=LayoutKind.EMPTY)
    return Content(name=name, kind=kind_of(name), sample_name=name, dilution=dilution or Cell("", 0))
