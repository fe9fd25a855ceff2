"""Tecan Magellan (plate readers): a workbook of one plate, one line for each well and one column for each reading."""

import re
from collections import Counter

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.plates import Plate, plate_file, position_of, size_of
from assays.readers.records import Format, PlateFile, UnableToRead
from assays.readers.workbook import read_workbook

SHEET, WELLS = "Magellan", "Well positions"
MEASUREMENT = re.compile(r"Measurement (?P<number>\d+):")
MODE = re.compile(r"Measurement mode: (?P<mode>\w+)")
WAVELENGTH = re.compile(r"(Measurement|Excitation|Emission) wavelength: (?P<nm>\d+) ?nm")
CLOCK = re.compile(r"Date: (?P<date>[\d-]+), Time: (?P<time>[\d:]+)")
LAYOUT = ("layout", "replicate info", "sample name", "concentration", "dilution")


def read_magellan(filename: str, content: bytes, *, timezone: str) -> PlateFile:
    rows = [row for name, sheet in read_workbook(filename, content).items() if SHEET in name for row in sheet]
    head = next((row for row in rows if row and row[0].text == WELLS), None)
    if head is None:
        raise UnableToRead(f"{filename} has no line that begins with “{WELLS}”; export the plate as a list.")
    notes = [cell for row in rows for cell in row[:1] if cell.text and position_of(cell.text) is None]
    labels = _labels([cell.text for cell in head[1:]], [cell.text for cell in notes])
    readings: dict[str, dict[str, Cell]] = {label: {} for label in labels.values() if label}
    for row in rows:
        position = position_of(row[0].text) if row else None
        if position is None:
            continue
        for column, label in labels.items():
            cell = row[column] if column < len(row) else Cell("", row[0].line)
            if label and position in readings[label]:
                raise UnableToRead(f"{filename}, line {cell.line}: the well {position} is there twice.")
            if label:
                readings[label][position] = cell
    wells = {position for cells in readings.values() for position in cells}
    size = size_of(wells)
    if len(wells) < size[0] * size[1]:
        raise UnableToRead(
            f"{filename}: {len(wells)} wells of a plate of {size[0] * size[1]}; the file is cut off or was edited."
        )
    clock = next((found for cell in notes if (found := CLOCK.search(cell.text))), None)
    return plate_file(
        Plate(readings=readings, size=size),
        file_format=Format.MAGELLAN,
        converted=Converted(convert(filename, content, Format.MAGELLAN, timezone=timezone)),
        timezone=timezone,
        clock=Cell(f"{clock['date']} {clock['time']}" if clock else "", rows[-1][0].line),
        instrument="Tecan",
        software="Magellan",
        plate_name=next(
            (cell.text for cell in notes if cell.text.endswith(".wsp") and "\\" not in cell.text), ""
        ),
        is_named=False,
        not_read=[cell.text for at, cell in enumerate(head) if at and cell.text and not labels.get(at)],
    )


def _labels(columns: list[str], notes: list[str]) -> dict[int, str]:
    """The name of the reading in each column: its wavelength, or Magellan's own label; "" for the layout."""
    modes: dict[int, list[str]] = {}
    measurement = 0
    for note in notes:
        if found := MEASUREMENT.match(note):
            measurement = int(found["number"])
            modes[measurement] = []
        elif measurement and (found := MODE.match(note)) and found["mode"] == "Luminescence":
            modes[measurement].append("Lum")
        elif measurement and (found := WAVELENGTH.match(note)):
            modes[measurement].append(found["nm"])
    named = {}
    number = 0
    for at, column in enumerate(columns, start=1):
        if not column or column.lower() in LAYOUT:
            named[at] = ""
            continue
        number += 1
        named[at] = ",".join(modes.get(number, [])) or column
    shared = Counter(named.values())
    return {at: name if shared[name] == 1 or not name else columns[at - 1] for at, name in named.items()}
