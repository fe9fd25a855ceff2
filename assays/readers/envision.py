"""EnVision (PerkinElmer plate readers): for each label of a plate what was measured, and a grid of its wells.

A reading is called by the wavelengths of its filters. What the program calculates is its own and not taken; neither is
its platemap, which says of a well that it is a standard and not how much is in it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import rows_of
from assays.readers.grids import (
    blocks_of,
    is_heading,
    numbers_alone,
    only_size,
    read_bare_grid,
    read_grid,
    require_few,
)
from assays.readers.plates import NOTHING, Plate, plate_file
from assays.readers.records import Format, PlateFile, UnableToRead
from assays.readers.text import as_number

PLATE, BACKGROUND, FACTS = "Plate information", "Background information", "Basic assay information"
CALCULATED, DATE = "Formula", "Measurement date"
LAST = re.compile(r"Exported with (?P<program>.+) version (?P<version>[\d.]+)")
BARCODE = re.compile(r'(=")?(?P<barcode>.*?)"?')  # written so that Excel keeps its zeros
OPTICS = re.compile(r"(\w\w\w?)=(\S+)")
FILTER = re.compile(r"(?:CWL|Longpass)=(?P<nm>\d+) ?nm")
MONOCHROMATOR = re.compile(r"(?P<nm>\d+) ?nm")
REPEATED = re.compile(r"\(\d+\)$")
MAP, END_OF_MAP = "Platemap:", "Calculations:"
NOT_GIVEN = (MAP, END_OF_MAP, "Filters:", "Mirror modules:", "Aperture:")
UNUSED = ("", "N/A")
Block = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class _Result:
    """The facts of one label on one plate by their names, and the lines of its grid."""

    title: Sequence[Cell]
    head: Sequence[Cell]
    facts: Mapping[str, Cell]
    grid: Block


def read_envision(filename: str, text: str, *, timezone: str) -> PlateFile:
    rows = list(rows_of(filename, text))
    blocks = blocks_of(rows, longest_gap=1)
    last = LAST.match(blocks[-1][0][0].text)
    if last is None:
        raise UnableToRead(f"{filename} does not end with the line “Exported with …”; the file is cut off.")
    results = list(_results(filename, blocks))
    own = [result for result in results if CALCULATED not in result.facts]
    _require_one_plate(filename, own)
    sections = _sections(blocks)
    grids = {
        name: _grid(filename, result.grid, sections)
        for name, result in zip(_names(filename, own, sections), own, strict=True)
    }
    readings = {name: cells for name, (cells, _) in grids.items()}
    require_few(filename, readings)
    barcode = BARCODE.fullmatch(own[0].facts.get("Barcode", NOTHING).text)
    return plate_file(
        Plate(
            readings=readings,
            size=only_size(filename, {name: size for name, (_, size) in grids.items()}),
        ),
        file_format=Format.ENVISION,
        converted=Converted(
            convert(filename, _for_converter(own, rows), Format.ENVISION, timezone=timezone),
        ),
        timezone=timezone,
        clock=own[0].facts.get(DATE, NOTHING),
        instrument=f"EnVision {_fact(sections, 'Instrument', 'Serial number')}".strip(),
        software=f"{last['program']} {last['version']}",
        plate_name=barcode["barcode"].strip() if barcode else "",
        not_read=[
            *(result.facts[CALCULATED].text for result in results if CALCULATED in result.facts),
            *(["Platemap"] if _has_map(sections) else []),
        ],
    )


def _results(filename: str, blocks: Sequence[Block]) -> Iterator[_Result]:
    """Every “Plate information” with the grid that follows it."""
    about: Block = ()
    for block in blocks:
        title = block[0][0].text
        if title == PLATE:
            if about or len(block) != 3:
                raise UnableToRead(
                    f"{filename}, line {block[0][0].line}: “{PLATE}” without results below it."
                )
            about = block
        elif title == FACTS:
            if about:
                break
            return
        elif title != BACKGROUND:
            if not about:
                raise UnableToRead(f"{filename}, line {block[0][0].line}: “{title}” belongs to no plate.")
            head, told = about[1], about[2]
            facts = {name.text: cell for name, cell in zip(head, told, strict=False) if name.text}
            is_titled = len([cell for cell in block[0] if cell.text]) == 1 and as_number(title) is None
            yield _Result(about[0], head, facts, block[1:] if is_titled else block)
            about = ()
    raise UnableToRead(f"{filename} has no “{FACTS}” below its plates; the file is cut off or was edited.")


def _require_one_plate(filename: str, results: Sequence[_Result]) -> None:
    if not results:
        raise UnableToRead(f"{filename} holds no measured plate.")
    for result in results:
        for name in ("Label", "Measinfo", "Plate"):
            if not result.facts.get(name, NOTHING).text:
                raise UnableToRead(
                    f"{filename}, line {result.title[0].line}: “{PLATE}” does not say its {name}."
                )
    plates = {result.facts["Plate"].text for result in results}
    if len(plates) > 1:
        raise UnableToRead(f"{filename} holds {len(plates)} plates; choose one of them.")


def _grid(
    filename: str, grid: Block, sections: Mapping[str, list[Block]]
) -> tuple[dict[str, Cell], tuple[int, int]]:
    """With letters and numbers or without, as it was exported."""
    columns = as_number(_fact(sections, "Plate type", "Number of columns"))
    rows = as_number(_fact(sections, "Plate type", "Number of rows"))
    if columns is None or rows is None:
        raise UnableToRead(f"{filename} does not say how many rows and columns its plate has.")
    if not grid:
        raise UnableToRead(f"{filename} has a title without a grid of wells below it; the file is cut off.")
    if is_heading(grid[0]):
        cells, size = read_grid(filename, grid)
    else:
        cells, size = read_bare_grid(filename, grid, columns=int(columns))
    if size != (rows, columns):
        raise UnableToRead(
            f"{filename}, line {grid[0][0].line}: {size[0]} × {size[1]} wells of a plate of {rows} × {columns}; the "
            "file is cut off or was edited."
        )
    return cells, size


def _sections(blocks: Sequence[Block]) -> dict[str, list[Block]]:
    """What stands below “Labels:” and the other titles, by their names."""
    sections: dict[str, list[Block]] = {}
    name = ""
    for block in blocks:
        if _is_title(block[0]):
            name, block = block[0][0].text.rstrip(":"), block[1:]
        if name and block:
            sections.setdefault(name, []).append(block)
    return sections


def _is_title(row: Sequence[Cell]) -> bool:
    return bool(row) and row[0].text.endswith(":") and not any(cell.text for cell in row[1:])


def _facts(block: Block) -> dict[str, str]:
    """“Name,,,,value” by name."""
    return {row[0].text: next((cell.text for cell in row[:0:-1] if cell.text), "") for row in block}


def _fact(sections: Mapping[str, list[Block]], section: str, name: str) -> str:
    told = (_facts(block) for block in sections.get(section, ()))
    return next((facts[name] for facts in told if name in facts), "")


def _has_map(sections: Mapping[str, list[Block]]) -> bool:
    grids = (block[1:] for block in sections.get("Platemap", ()) if is_heading(block[0]))
    return any(cell.text not in ("", "-") for grid in grids for row in grid for cell in row[1:])


def _names(filename: str, results: Sequence[_Result], sections: Mapping[str, list[Block]]) -> list[str]:
    """Each reading by its wavelengths; by its label where these are not known or shared."""
    filters = {
        block[0][0].text: found["nm"]
        for block in sections.get("Filters", ())
        if (found := FILTER.search(_facts(block).get("Description", "")))
    }
    labels = {block[0][0].text: _facts(block) for block in sections.get("Labels", ())}
    names = []
    for result in results:
        label = REPEATED.sub("", result.facts["Label"].text).strip()
        optics = dict(OPTICS.findall(result.facts["Measinfo"].text))
        names.append((label, _wavelengths(optics, labels.get(label, {}), filters), optics.get("De", "")))
    by_optics = [optics for _, optics, _ in names]
    by_label = [label for label, _, _ in names]
    chosen = [
        optics
        if optics and by_optics.count(optics) == 1
        else label
        if by_label.count(label) == 1
        else f"{label}, {detector}"
        for label, optics, detector in names
    ]
    if twice := next((name for name in chosen if chosen.count(name) > 1), ""):
        raise UnableToRead(
            f"{filename}: “{twice}” was measured twice on one plate; export one measurement per file."
        )
    return chosen


def _wavelengths(optics: Mapping[str, str], label: Mapping[str, str], filters: Mapping[str, str]) -> str:
    """450; 320,665 of a fluorescence; Lum where neither light nor filter is used; "" where the file does not say."""
    told = []
    if optics.get("Ex", "") not in UNUSED:
        told.append(_wavelength(label, filters, "Excitation wavelength", "Exc. filter"))
    emission = optics.get("Em", "")
    if emission.isdecimal():
        told.append(emission)
    elif emission not in UNUSED:
        second = optics.get("De") == "2nd"
        told.append(
            _wavelength(label, filters, "Emission wavelength", "2nd ems. filter" if second else "Ems. filter")
        )
    return "Lum" if not told else ",".join(told) if all(told) else ""


def _wavelength(label: Mapping[str, str], filters: Mapping[str, str], monochromator: str, used: str) -> str:
    found = MONOCHROMATOR.fullmatch(label.get(monochromator, ""))
    return found["nm"] if found else filters.get(label.get(used, ""), "")


def _for_converter(results: Sequence[_Result], rows: Block) -> str:
    """The measurements alone, and what follows them. The converter refuses a file for a calculation that it cannot
    follow, and takes the time that comes first by the alphabet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for at, result in enumerate(results):
        facts = dict(result.facts) | ({DATE: NOTHING} if at else {})
        writer.writerows(
            [
                [PLATE],
                [cell.text for cell in result.head],
                [facts.get(cell.text, NOTHING).text for cell in result.head],
            ]
        )
        grid = result.grid
        lettered = is_heading(grid[0])
        writer.writerows([[], [f"Results for {result.facts['Label'].text}"]])
        writer.writerows(
            [cell.text for cell in row]
            if lettered and row is grid[0]
            else numbers_alone(row)
            if lettered
            else numbers_alone([NOTHING, *row])[1:]
            for row in grid
        )
        writer.writerow([])
    start = next(at for at, row in enumerate(rows) if row and row[0].text == FACTS)
    writer.writerows([cell.text for cell in row] for row in _without_maps_and_filters(rows[start:]))
    return text.getvalue()


def _without_maps_and_filters(rows: Block) -> Iterator[Sequence[Cell]]:
    """Nothing of them is asked of the converter, and it refuses a mark or a filter that it does not know."""
    is_given = True
    for row in rows:
        if _is_title(row):
            is_given = row[0].text not in NOT_GIVEN
            if row[0].text == MAP:
                yield from ([row[0]], [Cell(END_OF_MAP, row[0].line)])
        if is_given:
            yield row
