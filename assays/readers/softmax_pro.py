"""SoftMax Pro (Molecular Devices plate readers): one plate per text export, and its groups of samples.

The groups are the layout: standards with their concentration, samples with their dilution if a column says one. What
the groups compute is the software's own and is not taken. SoftMax Pro prints binary numbers with all their digits
(1.8565999999999998 for 1.8566); they are kept to twelve decimals. The export does not say when the plate was read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.plates import (
    Content,
    Plate,
    kind_of,
    plate_file,
    position_of,
    positions,
    require_size,
)
from assays.readers.positions import position_at
from assays.readers.records import Format, LayoutKind, PlateFile, UnableToRead

DECIMALS = 12
READ_TYPES, MODES = ("Endpoint",), ("Absorbance", "Fluorescence", "Luminescence")
FIRST_BLOCK = re.compile(r"\A(.*\n)\n+")  # the converter takes no empty lines before it
SAVED = re.compile(r"Date Last Saved: (?P<clock>[\d/]+ [\d:]+ [AP]M)")
KINDS = (
    (re.compile(r"(?i)st(an)?da?r?d?s?\b|std"), LayoutKind.STANDARD),
    (re.compile(r"(?i)blank|background"), LayoutKind.BLANK),
    (re.compile(r"(?i)control|ctrl|qc"), LayoutKind.CONTROL),
)
NOMINAL = re.compile(r"(?i)(concentration|conc|std ?value|expected)\b.*")
DILUTION = re.compile(r"(?i)(dilution|dil\.?)\b.*")


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines between a title and “~End”, and the line that the title stands on."""

    title: list[str]
    line: int
    lines: list[list[str]]


def read_softmax_pro(filename: str, text: str, *, timezone: str) -> PlateFile:
    blocks = list(_blocks(filename, text))
    plates = [block for block in blocks if block.title[0] == "Plate:"]
    names = [block.title[1] if len(block.title) > 1 else "" for block in plates]
    if len(plates) != 1:
        raise UnableToRead(
            f"{filename} holds {len(plates)} plates that can be read; export one plate per file."
        )
    plate = _plate(filename, plates[0])
    for block in blocks:
        if block.title[0].startswith("Group:"):
            _add_group(filename, block, plate, names[0])
    saved = SAVED.search(text)
    if saved is None:
        raise UnableToRead(f"{filename} does not end with the line “Date Last Saved”; the file is cut off.")
    return plate_file(
        plate,
        file_format=Format.SOFTMAX_PRO,
        converted=Converted(
            convert(filename, FIRST_BLOCK.sub(r"\1", text), Format.SOFTMAX_PRO, timezone=timezone)
        ),
        timezone=timezone,
        clock=Cell(saved["clock"], len(text.split("\n"))),
        instrument="Molecular Devices",
        software="SoftMax Pro",
        plate_name=names[0],
        not_read=[block.title[0].rstrip(":") for block in blocks if block.title[0] == "Note:"],
        remarks=["The file says when it was saved last, not when the plate was read."],
    )


def _blocks(filename: str, text: str) -> Iterator[_Block]:
    lines = [[cell.strip() for cell in line.split("\t")] for line in text.split("\n")]
    told = lines[0][0].removeprefix("##BLOCKS=").strip()
    found, start = 0, None
    for at, cells in enumerate(lines[1:], start=1):
        if cells[0] == "~End":
            if start is None:
                raise UnableToRead(f"{filename}, line {at + 1}: a block ends that did not begin.")
            yield _Block(lines[start], start + 1, lines[start + 1 : at])
            found, start = found + 1, None
        elif (start is None and cells[0].endswith(":")) or cells[0].startswith(("Group:", "Plate:")):
            if start is not None:
                raise UnableToRead(
                    f"{filename}, line {at + 1}: a block begins before “~End” of the last one."
                )
            start = at
    if start is not None or not told.isdigit() or int(told[:4]) != found:
        raise UnableToRead(
            f"{filename} announces {told or 'no'} blocks and has {found} whole ones; the file is cut off or was edited."
        )


def _plate(filename: str, block: _Block) -> Plate:
    shift = 1 if "Fluorescence" in block.title[5:6] else 0  # one more column: where the light came from
    title = [*block.title, *[""] * 30]
    layout, read_type, mode, data_type = title[3], title[4], title[5], title[6 + shift]
    if read_type not in READ_TYPES or mode not in MODES or data_type not in ("Raw", "Reduced"):
        raise UnableToRead(
            f"{filename}, line {block.line}: a plate of “{read_type}”, “{mode}”, “{data_type}”; read are "
            "endpoints of absorbance, fluorescence or luminescence, exported as Raw or Reduced."
        )
    wavelengths = title[15 + shift].split()
    wells, columns = title[18 + shift], title[17 + shift]
    if not (wells.isdigit() and columns.isdigit() and int(columns[:4])):
        raise UnableToRead(f"{filename}, line {block.line}: the plate does not say how many wells it has.")
    size = require_size(filename, int(wells[:5]) // int(columns[:4]), int(columns[:4]))
    labels = ["Reduced"] if data_type == "Reduced" else wavelengths
    if mode == "Luminescence" and data_type == "Raw" and len(labels) <= 1:
        labels = ["Lum"]
    if not labels or len(set(labels)) < len(labels):
        raise UnableToRead(f"{filename}, line {block.line}: the plate does not name its wavelengths.")
    reading = _by_rows if layout == "PlateFormat" else _by_columns if layout == "TimeFormat" else None
    if reading is None:
        raise UnableToRead(f"{filename}, line {block.line}: “{layout}” is no format of a plate that is read.")
    return Plate(
        readings=reading(filename, block, labels, size),
        size=size,
        decimals=DECIMALS,
        places={} if data_type == "Reduced" else None,  # what is computed the converter tells of no well
    )


def _by_rows(
    filename: str, block: _Block, labels: list[str], size: tuple[int, int]
) -> dict[str, dict[str, Cell]]:
    """One line for each row of the plate, the wavelengths beside each other with an empty column between."""
    rows, columns = size
    lines = [(block.line + 1 + at, line) for at, line in enumerate(block.lines[1:], start=1) if any(line)]
    if len(lines) != rows:
        raise UnableToRead(
            f"{filename}, line {block.line}: {len(lines)} rows of a plate that has {rows}; the file is cut off."
        )
    readings: dict[str, dict[str, Cell]] = {label: {} for label in labels}
    for row, (number, line) in enumerate(lines):
        for place, label in enumerate(labels):
            start = 2 + place * (columns + 1)
            cells = line[start : start + columns]
            if len(cells) != columns:
                raise UnableToRead(
                    f"{filename}, line {number}: {len(cells)} wells of {label}, {columns} are expected. "
                    "The file is cut off or was edited."
                )
            readings[label] |= {
                position_at(row, column): Cell(text, number) for column, text in enumerate(cells)
            }
    return readings


def _by_columns(
    filename: str, block: _Block, labels: list[str], size: tuple[int, int]
) -> dict[str, dict[str, Cell]]:
    """One column for each well, the wavelengths after each other with an empty column between."""
    wells = [position for position, _, _ in positions(size)]
    lines = [(block.line + 1 + at, line) for at, line in enumerate(block.lines) if any(line)]
    if len(lines) != 2:
        raise UnableToRead(
            f"{filename}, line {block.line}: {len(lines)} lines below the plate, 2 are expected."
        )
    (_, names), (number, values) = lines
    readings: dict[str, dict[str, Cell]] = {}
    for place, label in enumerate(labels):
        start = 2 + place * (len(wells) + 1)
        told = names[start : start + len(wells)]
        cells = values[start : start + len(wells)]
        if told != wells or len(cells) != len(wells):
            raise UnableToRead(f"{filename}, line {number}: the wells of {label} are not all there.")
        readings[label] = {well: Cell(text, number) for well, text in zip(wells, cells, strict=True)}
    return readings


def _add_group(filename: str, block: _Block, plate: Plate, name_of_plate: str) -> None:
    """The wells of a group, if it names plates only those on this one; a cell that is empty repeats the one above."""
    group = block.title[0].partition(":")[2].strip() or "".join(block.title[1:2])
    kind_of_group = next((kind for pattern, kind in KINDS if pattern.match(group)), None)
    head = block.lines[0] if block.lines else []
    at = {name.lower(): place for place, name in enumerate(head) if name}
    well_at = at.get("wells", at.get("well"))
    if well_at is None or "sample" not in at:
        return
    nominal_at = next((place for name, place in at.items() if NOMINAL.fullmatch(name)), None)
    dilution_at = next((place for name, place in at.items() if DILUTION.fullmatch(name)), None)
    plate_at = at.get("wellplatename")
    sample, nominal, dilution = "", Cell("", 0), Cell("", 0)
    contents = dict(plate.contents)
    for number, line in enumerate(block.lines[1:], start=block.line + 2):
        position = position_of(line[well_at]) if well_at < len(line) else None
        if position is None:
            if not any(line):
                break
            raise UnableToRead(f"{filename}, line {number}: the group “{group}” names no well here.")
        sample = line[at["sample"]] or sample
        nominal = _repeated(line, nominal_at, nominal, number, is_new=bool(line[at["sample"]]))
        dilution = _repeated(line, dilution_at, dilution, number, is_new=bool(line[at["sample"]]))
        if plate_at is not None and line[plate_at : plate_at + 1] != [name_of_plate]:
            continue
        if position in contents:
            raise UnableToRead(f"{filename}, line {number}: the well {position} belongs to two groups.")
        says_itself = kind_of(sample) not in (LayoutKind.OTHER, LayoutKind.EMPTY)
        kind = kind_of_group or (kind_of(sample) if says_itself else LayoutKind.OTHER)
        contents[position] = Content(
            name=sample if says_itself else f"{group} {sample}".strip(),
            kind=kind,
            sample_name=sample,
            nominal=nominal,
            dilution=dilution,
        )
    plate.contents = contents


def _repeated(line: list[str], at: int | None, before: Cell, number: int, *, is_new: bool) -> Cell:
    text = line[at] if at is not None and at < len(line) else ""
    return Cell(text, number) if text or is_new else before
