"""Thermo SkanIt (Varioskan, Multiskan): a workbook with a sheet for each measurement, on it a grid of wells for each
plate and wavelength, and beside them a grid of what the wells hold.

What the program calculates stands on sheets of its own, and is not taken.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.plates import Content, Plate, kind_of, plate_file
from assays.readers.positions import SIZES, row_name
from assays.readers.records import Format, LayoutKind, PlateFile, UnableToRead
from assays.readers.workbook import Grid, packed, read_workbook

TITLE, SESSION, INSTRUMENT, GENERAL = (
    "Measurement results",
    "Session information",
    "Instrument information",
    "General information",
)
ABOUT = (SESSION, INSTRUMENT, GENERAL, "Layout definitions")
MEASURED = re.compile(r".*(Absorbance|Fluorescence|Luminescence).*")
UNITS, SAMPLE = ("Abs", "RLU", "RFU"), "Sample"
NANOMETRES = re.compile(r"(\d+)(?:\.\d+)? ?nm")
BARCODE = re.compile(r"[\w.-]*\d[\w.-]*")  # of a plate that is not called “Plate 1”
UNKNOWN = re.compile(r"Un\d+")  # as the program names samples
NO_CLOCK = "2000-01-01 00:00:00"  # the converter asks for one
MOST_GRIDS = 12  # of a plate
HEADER = 3  # rows: what it is, the session, when it was executed


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One grid of a sheet, as its titles describe it."""

    sheet: str
    plate: str
    unit: str
    label: str  # its wavelengths
    size: tuple[int, int]
    rows: Sequence[Sequence[Cell]]  # the head of column numbers first
    cells: dict[str, Cell] = field(default_factory=dict)


def is_skanit(sheets: Grid) -> bool:
    first = next(iter(sheets.values()), [])
    return {SESSION, INSTRUMENT} <= set(sheets) or bool(first and first[0] and first[0][0].text == TITLE)


def plates_of_skanit(filename: str, sheets: Grid) -> list[str]:
    return list(dict.fromkeys(block.plate for block in _blocks(filename, sheets)))


def read_skanit(filename: str, content: bytes, *, timezone: str, plate: str = "") -> PlateFile:
    sheets = read_workbook(filename, content)
    blocks = [block for block in _blocks(filename, sheets) if not plate or block.plate == plate]
    measured = [block for block in blocks if block.unit != SAMPLE]
    if len(measured) > MOST_GRIDS:
        raise UnableToRead(
            f"{filename} holds {len(measured)} grids of one plate; at most {MOST_GRIDS} are read."
        )
    readings: dict[str, dict[str, Cell]] = {}
    for block in measured:
        label = block.label or "Lum"
        if label in readings:
            raise UnableToRead(
                f"{filename}, “{block.sheet}”, line {block.rows[0][0].line}: the plate “{block.plate}” is read at "
                f"{label} a second time; export one measurement per file."
            )
        readings[label] = block.cells
    if not readings or len({block.size for block in blocks}) > 1:
        raise UnableToRead(f"{filename} holds no grid of measured wells, or grids of several sizes.")
    session = _facts(sheets.get(SESSION, ()))
    head = sheets[measured[0].sheet]
    clock = session.get("Execution time") or (head[2][0] if len(head) > 2 and head[2] else Cell("", 0))
    return plate_file(
        Plate(
            readings=readings,
            size=measured[0].size,
            contents={
                position: _content(cell.text)
                for block in blocks
                if block.unit == SAMPLE
                for position, cell in block.cells.items()
            },
        ),
        file_format=Format.SKANIT,
        converted=Converted(
            *(
                convert(filename, part, Format.SKANIT, timezone=timezone)
                for part in _for_the_converter(content, sheets, blocks, clock.text, is_alone=not plate)
            )
        ),
        timezone=timezone,
        clock=clock,
        instrument=_text(_facts(sheets.get(INSTRUMENT, ())), "Name") or "Thermo Scientific",
        software=_text(_facts(sheets.get(GENERAL, ())), "Report generated with SW version") or "SkanIt",
        plate_name=measured[0].plate,
        not_read=[name for name in sheets if name not in ABOUT and not MEASURED.fullmatch(name)],
    )


def _content(name: str) -> Content:
    kind = LayoutKind.SAMPLE if UNKNOWN.fullmatch(name) else kind_of(name)
    return Content(name=name, kind=kind, sample_name=name)


def _blocks(filename: str, sheets: Grid) -> list[Block]:
    found = [
        block
        for name, rows in sheets.items()
        if MEASURED.fullmatch(name) and name not in ABOUT
        for block in _grids(filename, name, rows)
    ]
    if not found:
        raise UnableToRead(
            f"{filename} has no sheet of absorbance, fluorescence or luminescence with a grid of wells; export the "
            "measurement as a plate."
        )
    return found


def _grids(filename: str, sheet: str, rows: Sequence[list[Cell]]) -> Iterator[Block]:
    plate = label = ""
    titles: list[str] = []
    at = HEADER
    while at < len(rows):
        row = rows[at]
        first = row[0].text if row else ""
        columns = [cell.text for cell in row[1:] if cell.text]
        if first in (*UNITS, SAMPLE) and columns == [str(column) for column in range(1, len(columns) + 1)]:
            light = next((title for title in titles if NANOMETRES.search(title)), None)
            if light is not None:
                label = ",".join(number for number in NANOMETRES.findall(light) if int(number))
            plate = _plate_in(titles) or plate
            titles = []
            body = list(_body(rows[at + 1 :]))
            size = (len(body), len(columns))
            if size not in SIZES:
                raise UnableToRead(
                    f"{filename}, “{sheet}”, line {row[0].line}: {size[0]} rows of {size[1]} wells follow, which is "
                    "no plate; the file is cut off or was edited."
                )
            yield Block(
                sheet=sheet,
                plate=plate,
                unit=first,
                label=label if first != SAMPLE else "",
                size=size,
                rows=[row[: size[1] + 1], *body],
                cells={
                    f"{own[0].text}{column}": own[column] if column < len(own) else Cell("", own[0].line)
                    for own in body
                    for column in range(1, size[1] + 1)
                },
            )
            at += len(body)
        elif first and not columns:
            titles.append(first)
        at += 1


def _body(rows: Sequence[list[Cell]]) -> Iterator[list[Cell]]:
    for at, row in enumerate(rows):
        if not row or row[0].text != row_name(at):
            return
        yield row


def _plate_in(titles: Sequence[str]) -> str:
    """Titles are of a plate, a measurement or a wavelength, in whatever order; a remark is none of them."""
    return next((title for title in titles if "plate" in title.lower() or BARCODE.fullmatch(title)), "")


def _facts(rows: Sequence[Sequence[Cell]]) -> dict[str, Cell]:
    """What stands first in a row, and what stands last."""
    told = [[cell for cell in row if cell.text] for row in rows]
    return {row[0].text: row[-1] for row in told if len(row) > 1}


def _text(facts: dict[str, Cell], name: str) -> str:
    return facts[name].text if name in facts else ""


def _for_the_converter(
    content: bytes, sheets: Grid, blocks: Sequence[Block], clock: str, *, is_alone: bool
) -> list[bytes]:
    """The file as it is, if it is one that the converter reads whole: one measurement of one plate, called so, at
    wavelengths, of wells that are all named or none. Of any other each measured grid as a file of its own.
    """
    measured = [block for block in blocks if block.unit != SAMPLE]
    named = {at for block in blocks if block.unit == SAMPLE for at, cell in block.cells.items() if cell.text}
    read = {at for block in measured for at, cell in block.cells.items() if cell.text}
    if (
        is_alone
        and "plate" in measured[0].plate.lower()
        and len({block.sheet for block in blocks}) == 1
        and len([name for name in sheets if MEASURED.fullmatch(name)]) == 1
        and (read <= named or len(measured) == len(blocks))
        and all(block.unit != "RFU" and block.label for block in measured)
    ):
        return [content]
    return [_alone(block, clock) for block in measured]


def _alone(block: Block, clock: str) -> bytes:
    name, unit = ("Absorbance 1", "Abs") if block.unit == "Abs" else ("Luminescence 1", "RLU")
    light = f"Wavelength: {block.label.split(',')[0] or 0} nm"
    (_, *columns), *rows = ([cell.text for cell in row] for row in block.rows)
    return packed(
        {name: [[TITLE], ["session"], [clock or NO_CLOCK], [], ["Plate 1"], [light], [unit, *columns], *rows]}
    )
