"""SMART Control (BMG LABTECH plate readers): a workbook of one plate with a table, one column for each well.

Read is a fluorescence at its end point, under the wavelengths of its light. What the program corrects for a blank is
its own and not taken. The converter gets the raw data alone, in a workbook of its own: it refuses the whole file for
a well that is no number, or a sheet on which no blank was corrected.
"""

import io
import re
from collections.abc import Mapping, Sequence

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.plates import NOTHING, Content, Plate, plate_file, position_of, require_size
from assays.readers.positions import PLATES, place_of
from assays.readers.records import Format, LayoutKind, PlateFile, UnableToRead
from assays.readers.text import as_number
from assays.readers.workbook import Grid, read_workbook

PROTOCOL, TABLE, ON_PLATE = "protocol information", "table end point", "microplate end point"
SETTINGS = "Basic settings"
RAW = re.compile(r"Raw Data \((?P<light>[^)]+)\)")
CONCENTRATION = re.compile(r"Standard Concentrations? \[(?P<unit>[^\]]+)\]")
IN_PG_PER_ML = {"pg/mL": 1, "ng/mL": 1000, "µg/mL": 1_000_000, "μg/mL": 1_000_000}
FILTER = re.compile(r"(?P<nm>\d+)(-\d+)?")
LAST_NUMBER = re.compile(r"(\d+)\D*$")
WELL, CONTENT, DILUTION = "Well", "Content", "Dilutions"
# “Standard S1”, “Blank B”, “Positive control P1”, “Sample X1”: the words, and the code that is the well's name here.
NAMED = re.compile(r"(?P<words>[A-Za-z ]+) (?P<code>[A-Z]\d*)")
KINDS = {"standard": LayoutKind.STANDARD, "blank": LayoutKind.BLANK, "control": LayoutKind.CONTROL}
OWN_CODES = {LayoutKind.STANDARD: ("S", "STD"), LayoutKind.BLANK: ("B", "BLK")}  # and what layouts call them
BLANK_COLUMN = 15  # of the sheet ON_PLATE, where the converter looks for the blank that was used
Rows = Sequence[Sequence[Cell]]


def is_smart_control(sheets: Grid) -> bool:
    return {PROTOCOL, ON_PLATE} <= {name.strip().lower() for name in sheets}


def read_smart_control(filename: str, content: bytes, *, timezone: str) -> PlateFile:
    sheets = {name.strip().lower(): rows for name, rows in read_workbook(filename, content).items()}
    if TABLE not in sheets:
        raise UnableToRead(f"{filename} has no sheet “Table End point”; export the table with the plate.")
    facts = _facts(sheets[PROTOCOL])
    light = _light(filename, facts)
    table = _table(filename, sheets[TABLE])
    raw = f"Raw Data ({light})"
    if raw not in table:
        raise UnableToRead(f"{filename}: “Table End point” has no line “{raw}”.")
    if WELL not in table or CONTENT not in table:
        raise UnableToRead(f"{filename}: “Table End point” has no line “{WELL}”, or no line “{CONTENT}”.")
    positions = _positions(filename, table[WELL])
    size = _size(filename, facts, positions)
    label = ",".join(found["nm"] for part in light.split("/") if (found := FILTER.fullmatch(part)))
    nominal, scale = _concentrations(table)
    return plate_file(
        Plate(
            readings={label: dict(zip(positions, table[raw], strict=True))},
            contents={position: _content(table, at, nominal, scale) for at, position in enumerate(positions)},
            size=size,
        ),
        file_format=Format.SMART_CONTROL,
        converted=Converted(
            convert(filename, _for_converter(facts, table, raw), Format.SMART_CONTROL, timezone=timezone)
        ),
        timezone=timezone,
        clock=Cell(f"{_told(facts, 'Date')} {_told(facts, 'Time')}".strip(), facts.get("Date", NOTHING).line),
        instrument="BMG LABTECH",
        software="SMART Control",
        plate_name=_told(facts, "ID3") or _told(facts, "ID1"),
        not_read=[
            name
            for name in table
            if name not in (WELL, CONTENT, DILUTION, raw) and not (scale and name == nominal)
        ],
    )


def _facts(rows: Rows) -> dict[str, Cell]:
    """“Name: value” above the settings, “Name:” and the value beside it below them."""
    facts: dict[str, Cell] = {}
    for row in rows:
        if not row or not row[0].text:
            continue
        name, colon, value = row[0].text.partition(":")
        beside = row[1].text if len(row) > 1 else ""
        name = " ".join(name.split())
        if name in facts and (name in ("Excitation", "Emission")):
            facts[name] = Cell("", row[0].line)  # several lights: none of them is the one
        else:
            facts.setdefault(name, Cell(value.strip() or beside if colon else "", row[0].line))
    return facts


def _told(facts: Mapping[str, Cell], name: str) -> str:
    return facts.get(name, NOTHING).text


def _light(filename: str, facts: Mapping[str, Cell]) -> str:
    told = [_told(facts, name) for name in ("Excitation", "Emission")]
    if not all(FILTER.fullmatch(text) for text in told):
        kind = _told(facts, "Measurement type") or "unknown"
        raise UnableToRead(
            f"{filename} is a measurement of the type “{kind}” with the light “{'/'.join(told)}”; read is a "
            "fluorescence of one excitation and one emission. Export any other from MARS as CSV."
        )
    return "/".join(told)


def _table(filename: str, rows: Rows) -> dict[str, list[Cell]]:
    """The cells of each line by its name, one for each well."""
    start = next((at for at, row in enumerate(rows) if row and row[0].text == WELL), None)
    if start is None:
        raise UnableToRead(f"{filename}: “Table End point” has no line that begins with “{WELL}”.")
    head = rows[start]
    wells = len(_without_empty_end(head)) - 1
    table: dict[str, list[Cell]] = {}
    for row in rows[start:]:
        cells = _without_empty_end(row)
        if not cells:
            continue
        name = " ".join(row[0].text.split())
        if not name or name in table or len(cells) > wells + 1:
            raise UnableToRead(
                f"{filename}: line {row[0].line} of “Table End point” has no name of its own, or more cells than there "
                "are wells. The file was edited."
            )
        table[name] = [row[at] if at < len(row) else Cell("", row[0].line) for at in range(1, wells + 1)]
    return table


def _positions(filename: str, cells: Sequence[Cell]) -> list[str]:
    positions: list[str] = []
    for cell in cells:
        position = position_of(cell.text)
        if position is None or position in positions:
            raise UnableToRead(
                f"{filename}: line {cell.line} of “Table End point” says “{cell.text}” where the next well is "
                "expected. The file was edited."
            )
        positions.append(position)
    return positions


def _size(filename: str, facts: Mapping[str, Cell], positions: Sequence[str]) -> tuple[int, int]:
    """“NUNC 96”: the name of the plate ends with the number of its wells."""
    name = _told(facts, "Microplate name")
    found = LAST_NUMBER.search(name)
    size = PLATES.get(int(found[1][:5]), (0, 0)) if found else (0, 0)
    require_size(f"{filename}, “Microplate name: {name}”", *size)
    for position in positions:
        row, column = place_of(position)
        if row >= size[0] or column >= size[1]:
            raise UnableToRead(f"{filename}: there is no well {position} on a plate “{name}”.")
    return size


def _concentrations(table: Mapping[str, list[Cell]]) -> tuple[str, int]:
    """The name of their line, and what makes pg/mL of them; 0 if its unit is unknown."""
    found = next((match for name in table if (match := CONCENTRATION.fullmatch(name))), None)
    return (found[0], IN_PG_PER_ML.get(found["unit"], 0)) if found else ("", 0)


def _content(table: Mapping[str, list[Cell]], at: int, nominal: str, scale: int) -> Content:
    name, kind = _named(" ".join(table[CONTENT][at].text.split()))
    return Content(
        name=name,
        kind=kind,
        nominal=_scaled(table[nominal][at], scale) if scale else NOTHING,
        dilution=table[DILUTION][at] if DILUTION in table else NOTHING,
    )


def _named(told: str) -> tuple[str, LayoutKind]:
    """Standard S1 is STD1 and Blank B is BLK, as in the layout of a method; Sample X1 is X1."""
    if not told:
        return "", LayoutKind.EMPTY
    found = NAMED.fullmatch(told)
    if found is None:
        return told, LayoutKind.OTHER
    kind = KINDS.get(found["words"].lower().split()[-1], LayoutKind.OTHER)
    theirs, ours = OWN_CODES.get(kind, ("", ""))
    return ours + found["code"].removeprefix(theirs), kind


def _scaled(cell: Cell, scale: int) -> Cell:
    number = as_number(cell.text)
    return cell if number is None else Cell(f"{(scale * number).normalize():f}", cell.line)


def _for_converter(facts: Mapping[str, Cell], table: Mapping[str, list[Cell]], raw: str) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    protocol = book.create_sheet(PROTOCOL)
    settings = [name for name in facts if name == SETTINGS]
    after = list(facts)[list(facts).index(SETTINGS) :] if settings else []
    for name, cell in facts.items():
        protocol.append([name, cell.text or None] if name in after else [f"{name}: {cell.text}"])
    numbers = [as_number(cell.text) for cell in table[raw]]
    sheet = book.create_sheet(TABLE)
    for name in (WELL, CONTENT):
        sheet.append(
            [
                name,
                *(cell.text for cell, number in zip(table[name], numbers, strict=True) if number is not None),
            ]
        )
    sheet.append([raw, *(number for number in numbers if number is not None)])
    book.create_sheet(ON_PLATE).append([None] * (BLANK_COLUMN - 1) + ["-"])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _without_empty_end(row: Sequence[Cell]) -> Sequence[Cell]:
    end = len(row)
    while end and not row[end - 1].text:
        end -= 1
    return row[:end]
