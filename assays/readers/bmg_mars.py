"""BMG MARS (BMG LABTECH plate readers): one plate per CSV export, one grid of wells for each reading."""

import re

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, ConvertedTables, convert
from assays.readers.plates import Plate, plate_file, require_size
from assays.readers.positions import row_name
from assays.readers.records import Format, PlateFile, UnableToRead

TITLE = re.compile(r"Raw Data\s*\((?P<reading>[^)]+)\)\s*,?\s*")
HEADING = re.compile(r",(\d+,)+")
FACTS = {"user", "path", "test run no.", "test name", "date", "time", "id1", "id2", "id3"}


def read_bmg_mars(filename: str, text: str, *, timezone: str) -> PlateFile:
    lines = text.split("\n")
    facts, clock_line = _facts(lines)
    readings: dict[str, dict[str, Cell]] = {}
    alone: dict[str, str] = {}  # the lines before the first grid, and one grid
    sizes, not_read, title, first = set(), [], None, None
    at = titled_at = 0
    while at < len(lines):
        line = lines[at].strip()
        if found := TITLE.fullmatch(line):
            title, titled_at = " ".join(found["reading"].split()), at
            first = titled_at if first is None else first
        elif HEADING.fullmatch(line if line.endswith(",") else f"{line},"):
            columns = len(line.strip(",").split(","))
            cells, rows = _grid(filename, lines, at, columns)
            sizes.add(require_size(filename, rows, columns))
            if title is None or title in readings:
                raise UnableToRead(f"{filename}, line {at + 1}: a grid of wells without a title of its own.")
            readings[title] = cells
            last = at + 1 + rows
            alone[title] = "\n".join([*lines[:first], *lines[titled_at:last], ""])
            title, at = None, last - 1
        elif line.strip(",") and not _is_fact(line):
            not_read.append(line.strip(",")[:80])
        at += 1
    if not readings or len(sizes) > 1:
        raise UnableToRead(
            f"{filename} holds no grid of wells below a line “Raw Data (…)”, or several sizes."
        )
    if title is not None:
        raise UnableToRead(f"{filename} ends after the title “{title}”; the file is cut off.")
    return plate_file(
        Plate(readings=readings, size=sizes.pop()),
        file_format=Format.BMG_MARS,
        converted=ConvertedTables(
            {
                reading: Converted(convert(filename, own, Format.BMG_MARS, timezone=timezone))
                for reading, own in alone.items()
            }
        ),
        timezone=timezone,
        clock=Cell(f"{facts.get('date', '')} {facts.get('time', '')}".strip(), clock_line),
        instrument="BMG LABTECH",
        software="MARS",
        plate_name=facts.get("id1", ""),
        not_read=[line for line in not_read if line not in ("Absorbance", "Luminescence")],
    )


def _facts(lines: list[str]) -> tuple[dict[str, str], int]:
    """“User: x,Path: y” as names and values, and the line of the date."""
    facts: dict[str, str] = {}
    clock_line = 0
    for number, line in enumerate(lines, start=1):
        if not _is_fact(line):
            continue
        for part in line.split(","):
            name, colon, value = part.partition(":")
            if colon:
                facts.setdefault(name.strip().lower(), value.strip())
                clock_line = number if name.strip().lower() == "date" else clock_line
    return facts, clock_line


def _is_fact(line: str) -> bool:
    return line.partition(":")[0].strip().lower() in FACTS


def _grid(filename: str, lines: list[str], heading: int, columns: int) -> tuple[dict[str, Cell], int]:
    """The cells below the line of column numbers, and how many rows they are."""
    if lines[heading].strip().strip(",").split(",") != [str(column) for column in range(1, columns + 1)]:
        raise UnableToRead(f"{filename}, line {heading + 1}: the columns of a plate are numbered from 1.")
    cells: dict[str, Cell] = {}
    row = 0
    while heading + 1 + row < len(lines) and lines[heading + 1 + row].strip().strip(","):
        number = heading + 2 + row
        letter, *values = (part.strip() for part in lines[heading + 1 + row].split(","))
        if letter != row_name(row):
            break
        while len(values) > columns and not values[-1]:
            values.pop()
        if len(values) != columns:
            raise UnableToRead(
                f"{filename}, line {number}: row {letter} has {len(values)} cells, {columns} are expected. "
                "The file is cut off or was edited."
            )
        cells |= {f"{letter}{column}": Cell(value, number) for column, value in enumerate(values, start=1)}
        row += 1
    return cells, row
