"""Mabtech Apex (ELISpot and FluoroSpot): a workbook with one row for each well, of FluoroSpot for each population of
cells in it, which is told by the light that it shines in (“LED490 Total”).

The spots of a population are a reading of the well, and so are the volumes of its spots.
"""

import re
from collections.abc import Mapping, Sequence

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import table_below
from assays.readers.immunospot import SPOTS
from assays.readers.plates import NOTHING, Plate, plate_file, position_of, size_of
from assays.readers.records import Format, PlateFile, UnableToRead
from assays.readers.text import as_number
from assays.readers.workbook import Grid, filled, packed, read_workbook

DATABASE, INFORMATION = "Plate Database", ("Plate Information", "Plate Info")
PLATE, WELL, COUNT, LIGHT = "Plate", "Well", "Spot Forming Units (SFU)", "LED Filter"
MOST_ROWS = 2_000  # of a plate: fifteen populations in each of its 96 wells are fewer
READ_AT, MACHINE, MASKED = "Read Date", "Machine ID", "Masked"
VOLUME = re.compile(
    r"(?P<what>Average|Sum)( Relative| of) Spot Volume (?P<light>LED\d+ )?\((?P<name>RSV\d*)\)"
)
Row = Mapping[str, Cell]


def is_mabtech_apex(sheets: Grid) -> bool:
    return DATABASE in sheets and any(name in sheets for name in INFORMATION)


def plates_of_apex(filename: str, sheets: Grid) -> list[str]:
    return list(dict.fromkeys(row[PLATE].text for row in _rows(filename, sheets)))


def read_mabtech_apex(filename: str, content: bytes, *, timezone: str, plate: str = "") -> PlateFile:
    sheets = read_workbook(filename, content)
    rows = [row for row in _rows(filename, sheets) if not plate or row[PLATE].text == plate]
    if len(rows) > MOST_ROWS:
        raise UnableToRead(f"{filename} has {len(rows):,} rows of one plate; at most {MOST_ROWS:,} are read.")
    readings = _readings(filename, rows)
    wells = {position_of(row[WELL].text) or "": row for row in reversed(rows)}
    whole = not plate and all(
        as_number(cell.text) is not None for row in rows for cell in _numbers(row).values()
    )
    facts = next((_facts(sheets[name]) for name in INFORMATION if name in sheets), {})
    return plate_file(
        Plate(
            readings=readings,
            size=size_of(wells),
            read=frozenset(wells),
            doubts={
                position: "masked in the instrument"
                for position, row in wells.items()
                if row.get(MASKED, NOTHING).text.upper() in ("YES", "TRUE")
            },
        ),
        file_format=Format.MABTECH_APEX,
        converted=Converted(
            convert(
                filename,
                content if whole else _for_the_converter(sheets, rows),
                Format.MABTECH_APEX,
                timezone=timezone,
            )
        ),
        timezone=timezone,
        clock=max((row[READ_AT] for row in wells.values()), key=lambda cell: cell.text),
        instrument=f"Mabtech {facts.get(MACHINE, '')}".strip(),
        software=f"Apex {facts.get('Software Version', '')}".strip(),
        plate_name=rows[0][PLATE].text,
        not_read=[
            cell.text
            for cell in sheets[DATABASE][0]
            if cell.text not in ("", PLATE, WELL, COUNT, LIGHT, READ_AT, MACHINE, MASKED)
            and not VOLUME.fullmatch(cell.text)
        ],
    )


def _rows(filename: str, sheets: Grid) -> list[Row]:
    """Of the wells that were read; the others have no date."""
    head, *body = sheets[DATABASE] or [[]]
    rows = [filled(row, len(head)) for row in body]
    needed = (PLATE, WELL, COUNT, READ_AT, MACHINE)
    read: list[Row] = [
        row
        for row in table_below(filename, head, rows, needed=needed)
        if row[READ_AT].text and row[MACHINE].text
    ]
    if not read:
        raise UnableToRead(f"{filename} holds no well that was read.")
    return read


def _readings(filename: str, rows: Sequence[Row]) -> dict[str, dict[str, Cell]]:
    """Each population has its spots in every well, and of the volumes those that it has in any."""
    readings: dict[str, dict[str, Cell]] = {}
    wells: dict[str, set[str]] = {}
    columns = {(_light(row), name) for row in rows for name, cell in _numbers(row).items() if cell.text}
    for row in rows:
        light, position, line = _light(row), position_of(row[WELL].text), row[WELL].line
        if position is None or position in wells.setdefault(light, set()):
            raise UnableToRead(
                f"{filename}, line {line}: “{row[WELL].text}” is no well, or its “{light or SPOTS}” is there twice."
            )
        wells[light].add(position)
        for name, cell in _numbers(row).items():
            if name == COUNT or (light, name) in columns:
                readings.setdefault(_label(light, name), {})[position] = cell
    every = set().union(*wells.values())
    for light, own in wells.items():
        if lacking := sorted(every - own):
            raise UnableToRead(
                f"{filename}: “{light}” is not there for well {lacking[0]}; the file is cut off or was edited."
            )
    return readings


def _label(light: str, column: str) -> str:
    """“LED490 Total” for its spots, “LED490 Total: Average RSV490” for their volume."""
    volume = VOLUME.fullmatch(column)
    if volume is None:
        return light or SPOTS
    return ": ".join(part for part in (light, f"{volume['what']} {volume['name']}") if part)


def _numbers(row: Row) -> dict[str, Cell]:
    """The spots, and the volumes of the lights that the population shines in."""
    lights = _light(row).partition(" ")[0].split("+")
    found = {COUNT: row[COUNT]}
    for name, cell in row.items():
        volume = VOLUME.fullmatch(name)
        if volume and (volume["light"] or "").strip() in ("", *lights):
            found[name] = cell
    return found


def _light(row: Row) -> str:
    return row.get(LIGHT, NOTHING).text


def _facts(rows: Sequence[Sequence[Cell]]) -> dict[str, str]:
    """“Machine ID:” and its value by name."""
    told = [[cell.text for cell in row if cell.text] for row in rows]
    return {row[0].rstrip(":"): row[1] for row in told if len(row) > 1}


def _for_the_converter(sheets: Grid, rows: Sequence[Row]) -> bytes:
    """One plate alone, for it mixes up the wells of several; a nought for what is no number, where it gives up."""
    about = {
        name: [[cell.text for cell in row] for row in sheets[name]] for name in INFORMATION if name in sheets
    }
    return packed(
        {
            **about,
            DATABASE: [
                list(rows[0]),
                *(
                    [
                        "0"
                        if cell.text and name in _numbers(row) and as_number(cell.text) is None
                        else cell.text
                        for name, cell in row.items()
                    ]
                    for row in rows
                ),
            ],
        }
    )
