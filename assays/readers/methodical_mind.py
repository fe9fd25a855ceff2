"""Methodical Mind (Meso Scale Discovery): one plate, a line for each row of it, or for each spot of the wells of a row.

Each spot is a reading of the well, under the name of its assay if the file has one. Where the spots are exported apart,
each has a table of its own below the same barcode.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.grids import require_few
from assays.readers.plates import NOTHING, Plate, plate_file, require_size
from assays.readers.positions import position_at, row_name
from assays.readers.records import Format, PlateFile, UnableToRead
from assays.readers.text import as_number, as_utc

DATA = re.compile(r"=+Data=+")
SECTION = re.compile(r"=+(?P<name>[\w /]+)=+")
SIGNATURE, LEGEND = "Digital_Signature", "Legend"
NEEDED = ("Barcode1", "Type", "Read Time")
LAST = ("Waveform/Current", "Peak Vltg")  # the section that ends a plate, and its last line
WELLS = re.compile(r"(?P<wells>\d{2,4})\b.*")
SPOT = re.compile(r"<(\d+)>")
MOST_SPOTS = 25
CLOCK = re.compile(r"(?P<date>[\d/]+)\s+(?P<time>[\d:]+)(\s+(?P<zone>[A-Z]{2,5}))?")
FORM = "%m/%d/%Y %H:%M:%S"


@dataclass(frozen=True, slots=True)
class _Table:
    """What is said above one table, and its lines below the column numbers: a letter or nothing, and the values."""

    facts: Mapping[str, Cell]
    line: int
    columns: list[str]
    rows: list[list[Cell]]


def read_methodical_mind(filename: str, text: str, *, timezone: str) -> PlateFile:
    lines = text.split("\n")
    tables = list(_tables(filename, lines))
    if not tables:
        raise UnableToRead(f"{filename} holds no table below a line “====Data====”; the file is cut off.")
    barcodes = {barcode_of(table.facts["Barcode1"].text) for table in tables}
    if len(barcodes) > 1:
        raise UnableToRead(f"{filename} holds {len(barcodes)} plates; choose one of them.")
    readings: dict[str, dict[str, Cell]] = {}
    sizes = set()
    for table in tables:
        spots, size = _spots(filename, table)
        sizes.add(size)
        for name, cells in spots.items():
            if name in readings:
                raise UnableToRead(f"{filename}, line {table.line}: “{name}” is there twice.")
            readings[name] = cells
    if len(sizes) > 1:
        raise UnableToRead(f"{filename} has tables of several sizes below the same barcode.")
    require_few(filename, readings)
    facts = tables[0].facts
    clock, doubt = _clock(facts["Read Time"], timezone)
    plate = Plate(readings=readings, size=sizes.pop())
    if doubt:
        plate.missing("header", "Date and time", facts["Read Time"], doubt)
    return plate_file(
        plate,
        file_format=Format.METHODICAL_MIND,
        converted=Converted(
            convert(filename, _for_converter(lines), Format.METHODICAL_MIND, timezone=timezone)
        ),
        timezone=timezone,
        clock=clock,
        instrument=f"Meso Scale Discovery {facts.get('Model', NOTHING).text}".strip(),
        software=f"Methodical Mind {facts.get('Version', NOTHING).text}".strip(),
        plate_name=barcodes.pop(),
        forms=(FORM,),
        is_multiplex=len(readings) > 1,
    )


def barcode_of(text: str) -> str:
    """<*22M0TALA85N*> is 22M0TALA85N: the stars begin and end a barcode of Code 39 and no scanner tells them."""
    return text.strip("<>").strip("*").strip()


def _tables(filename: str, lines: Sequence[str]) -> Iterator[_Table]:
    facts: dict[str, Cell] = {}
    table: _Table | None = None
    section, is_whole = "", False
    for number, line in enumerate(lines, start=1):
        if DATA.fullmatch(line.strip()):
            _require_end(filename, table, is_whole=is_whole)
            _require_facts(filename, number, facts)
            table, section, is_whole = _Table(facts, number, [], []), "Data", False
            facts = {}
        elif found := SECTION.fullmatch(line.strip()):
            if table is not None and section == "Data":
                yield table
            section = found["name"]
        elif section == "Data" and table is not None:
            cells = [Cell(text.strip(), number) for text in line.split("\t")]
            if not table.columns:
                table.columns.extend(_numbers(filename, cells))
            elif line.strip() or len(cells) > 1:
                table.rows.append(cells)
        else:
            _add_fact(facts, line, number)
            if (section, line.partition(":")[0].strip()) == LAST:
                facts, is_whole = {}, True
    _require_end(filename, table, is_whole=is_whole)


def _add_fact(facts: dict[str, Cell], line: str, number: int) -> None:
    """“Name :<tab>value”; the legend of the spots goes on below its name."""
    name, colon, value = line.partition(":")
    if colon and not line.startswith(SIGNATURE):
        facts[name.strip()] = Cell(value.strip().removeprefix("\\t").strip(), number)
    elif SPOT.search(line) and LEGEND in facts:
        facts[LEGEND] = Cell(f"{facts[LEGEND].text} {line.strip()}", number)


def _require_end(filename: str, table: _Table | None, *, is_whole: bool) -> None:
    """Behind each table stands how it was measured."""
    if table is not None and not is_whole:
        raise UnableToRead(
            f"{filename}: the plate of line {table.line} does not end with the line “{LAST[1]}”; the file is cut off."
        )


def _require_facts(filename: str, number: int, facts: Mapping[str, Cell]) -> None:
    if absent := next((name for name in NEEDED if name not in facts), ""):
        raise UnableToRead(
            f"{filename}, line {number}: above this table no line says “{absent}”; the file was edited."
        )


def _numbers(filename: str, cells: Sequence[Cell]) -> list[str]:
    told = [cell.text for cell in cells]
    while told and not told[-1]:
        told.pop()
    if told[1:] != [str(number) for number in range(1, len(told))] or told[:1] != [""]:
        raise UnableToRead(
            f"{filename}, line {cells[0].line}: the columns of a plate are numbered from 1; the file was edited."
        )
    return told[1:]


def _spots(filename: str, table: _Table) -> tuple[dict[str, dict[str, Cell]], tuple[int, int]]:
    """The wells of each spot, by its name."""
    lettered = [at for at, row in enumerate(table.rows) if row[0].text]
    columns = len(table.columns)
    size = require_size(filename, len(lettered), columns)
    per_well = len(table.rows) // (len(lettered) or 1)
    _require_told(filename, table, size, per_well)
    names = _names(filename, table, per_well)
    spots: dict[str, dict[str, Cell]] = {name: {} for name in names.values()}
    for at, (letter, *cells) in enumerate(table.rows):
        row, spot = divmod(at, per_well)
        if letter.text != ("" if spot else row_name(row)):
            raise UnableToRead(
                f"{filename}, line {letter.line}: {per_well} lines for each row of the plate are expected, here is "
                f"“{letter.text}”. The file is cut off or was edited."
            )
        if len(cells) < columns or any(cell.text for cell in cells[columns:]):
            raise UnableToRead(
                f"{filename}, line {letter.line}: row {row_name(row)} has {len(cells)} cells, {columns} are expected. "
                "The file is cut off or was edited."
            )
        if spot in names:
            spots[names[spot]] |= {position_at(row, column): cells[column] for column in range(columns)}
        elif shown := next((cell for cell in cells if cell.text), None):
            raise UnableToRead(
                f"{filename}, line {letter.line}: “{shown.text}” of spot {spot + 1}, which is not among the visible "
                "spots."
            )
    return spots, size


def _require_told(filename: str, table: _Table, size: tuple[int, int], per_well: int) -> None:
    """What the file says of the plate is what is there."""
    wells = WELLS.match(table.facts["Type"].text)
    told = {
        "Type": (wells["wells"] if wells else "", size[0] * size[1]),
        "Wells Per Row": (table.facts.get("Wells Per Row", NOTHING).text, size[1]),
        "Wells Per Col": (table.facts.get("Wells Per Col", NOTHING).text, size[0]),
        "Spots Per Well": (table.facts.get("Spots Per Well", NOTHING).text, per_well),
    }
    for name, (text, found) in told.items():
        if text and text != str(found):
            raise UnableToRead(
                f"{filename}, line {table.line}: “{name}” is {text}, the table has {found}; the file is cut off or was "
                "edited."
            )
    if per_well > MOST_SPOTS or len(table.rows) != size[0] * per_well:
        raise UnableToRead(
            f"{filename}, line {table.line}: {len(table.rows)} lines for the {size[0]} rows of a plate; the file is "
            "cut off or was edited."
        )


def _names(filename: str, table: _Table, per_well: int) -> dict[int, str]:
    """The names of the spots that were made visible, by their places from 0."""
    only = as_number(table.facts.get("SpotID", NOTHING).text)
    if only is not None:
        return {0: f"Spot {only}"}
    assays = [text.strip() for text in table.facts.get("Assays", NOTHING).text.split(",")]
    told = table.facts.get("Visible Spots", NOTHING).text.replace(",", " ").split()
    legend = [table.facts.get(name, NOTHING).text for name in ("Spot", LEGEND)]
    told = told or SPOT.findall(" ".join(legend))
    visible = [int(spot) for spot in told if spot.isdecimal()] or list(range(1, per_well + 1))
    names = {
        spot - 1: assays[spot - 1] if spot <= len(assays) and assays[spot - 1] else f"Spot {spot}"
        for spot in visible
        if 0 < spot <= per_well
    }
    if len(set(names.values())) < len(names) or not names:
        raise UnableToRead(
            f"{filename}, line {table.line}: two spots have the same name, or none is visible."
        )
    return names


def _clock(told: Cell, timezone: str) -> tuple[Cell, str]:
    """The time without its zone, and why it is in doubt: the zone is not that of the instrument."""
    found = CLOCK.fullmatch(told.text)
    if found is None:
        return told, ""
    clock = f"{found['date']} {found['time']}"
    moment = as_utc(clock, timezone=timezone, forms=(FORM,))
    if found["zone"] is None or isinstance(moment, Missing):
        return Cell(clock, told.line), ""
    own = _zone_at(moment, timezone)
    if own == found["zone"]:
        return Cell(clock, told.line), ""
    said = " ".join(told.text.split())
    return NOTHING, f"{said}: the instrument’s own zone was {own} then"


def _zone_at(moment: datetime, timezone: str) -> str:
    return moment.astimezone(ZoneInfo(timezone)).tzname() or ""


def _for_converter(lines: Sequence[str]) -> str:
    """Without the values that are no numbers, for one of which the converter would refuse the file."""
    kept, is_data = [], False
    for line in lines:
        if SECTION.fullmatch(line.strip()):
            is_data = bool(DATA.fullmatch(line.strip()))
        elif is_data and "\t" in line:
            letter, *cells = line.split("\t")
            line = "\t".join([letter, *("" if as_number(cell.strip()) is None else cell for cell in cells)])
        kept.append(line)
    return "\n".join(kept)
