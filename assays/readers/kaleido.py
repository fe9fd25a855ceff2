"""Kaleido 2 and 3 (Revvity EnSight): a table of wells for each operation of a protocol, then how it was measured.

A reading is called by its wavelengths, or by its operation. What is analysed of a table is the program's own and not
taken; neither is its platemap, which says of a well that it is a standard and not how much is in it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, ConvertedTables, convert
from assays.readers.delimited import rows_of
from assays.readers.grids import blocks_of, is_heading, numbers_alone, only_size, read_grid, require_few
from assays.readers.plates import NOTHING, Plate, plate_file
from assays.readers.records import Format, PlateFile, UnableToRead
from assays.readers.text import as_number

TITLE = re.compile(r"Results? for (?P<operation>.+?)")
OPERATION = re.compile(r".+ \d+")  # the program numbers them; what it analyses has other names
NUMBER = re.compile(r"\d+$")
LAST = re.compile(r"Exported with Kaleido (?P<version>(2\.0|3\.0|3\.5)\.[\d.]*\d)\b.*")
ANY_VERSION = re.compile(r"Exported with Kaleido (?P<version>[\d.]+)")
MEASURED = ("Measurement Information", "Measurement Basic Information")
OWN_NAME = ("Operation", "Tech")  # how version 3 and version 2 head an operation
WAVELENGTH = re.compile(r"(?P<nm>\d+) ?(nm)?")
LIGHTS = ("excitation wavelength [nm]", "emission wavelength [nm]")
MAP, NO_MAP = "Platemap", ("", "-")
Block = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class _Table:
    """What was measured in one operation: the lines above its grid, the grid, and the barcode named there."""

    operation: str
    above: Block
    grid: Block
    barcode: str


def read_kaleido(filename: str, text: str, *, timezone: str) -> PlateFile:
    rows = list(rows_of(filename, _with_whole_comments(text)))
    last = next((row[0].text for row in reversed(rows) if row and row[0].text), "")
    version = LAST.fullmatch(last)
    if version is None:
        other = ANY_VERSION.match(last)
        why = (
            f"was exported with Kaleido {other['version']}; read are 2.0, 3.0 and 3.5"
            if other
            else "does not end with the line “Exported with Kaleido …”; the file is cut off"
        )
        raise UnableToRead(f"{filename} {why}.")
    blocks = blocks_of(rows, longest_gap=len(rows))
    tables = list(_tables(filename, blocks))
    measured, analysed = _parted(filename, tables)
    grids = {table.operation: read_grid(filename, table.grid) for table in measured}
    facts = _facts(blocks)
    size = only_size(filename, {name: size for name, (_, size) in grids.items()})
    _require_plate(filename, facts, size)
    names = _names([table.operation for table in measured], _operations(blocks))
    readings = {names[name]: cells for name, (cells, _) in grids.items()}
    require_few(filename, readings)
    barcode = measured[0].barcode
    if told := facts.get("barcode", NOTHING).text:
        _require_same(filename, {table.barcode for table in measured} | {told})
    start = next((at for at, row in enumerate(rows) if row and row[0].text in MEASURED), None)
    if start is None:
        raise UnableToRead(f"{filename} has no “{MEASURED[0]}”; the file was edited.")
    return plate_file(
        Plate(readings=readings, size=size),
        file_format=Format.KALEIDO,
        converted=ConvertedTables(
            {
                names[table.operation]: Converted(
                    convert(filename, _for_converter(table, rows[start:]), Format.KALEIDO, timezone=timezone)
                )
                for table in measured
            }
        ),
        timezone=timezone,
        clock=facts.get("measurement started", NOTHING),
        instrument=f"EnSight {facts.get('instrument serial number', NOTHING).text}".strip(),
        software=f"Kaleido {version['version']}",
        plate_name=barcode,
        not_read=[*analysed, *(["Platemap"] if _has_map(blocks) else [])],
    )


def _with_whole_comments(text: str) -> str:
    """A message with a quotation mark in the middle is no line of separated cells; nothing of it is read."""
    head, title, comments = text.partition("\nComments:")
    return head + title + comments.replace('"', " ")


def _tables(filename: str, blocks: Sequence[Block]) -> Iterator[_Table]:
    """The grids up to the facts of the measurement; a title may stand over several, as a barcode does over one."""
    operation = barcode = ""
    above: list[Sequence[Cell]] = []
    for block in blocks:
        if block[0][0].text in MEASURED:
            break
        at = next((at for at, row in enumerate(block) if is_heading(row)), None)
        for place, row in enumerate(block[:at]):
            if found := TITLE.fullmatch(row[0].text):
                operation, barcode, above = found["operation"].strip(), "", []
            elif row[0].text.startswith("Barcode:"):
                barcode = row[0].text.removeprefix("Barcode:").strip()
            elif row[0].text == "Barcode" and place + 1 < len(block):
                barcode = block[place + 1][0].text
            if operation:
                above.append(row)
        if at is not None and not operation:
            raise UnableToRead(
                f"{filename}, line {block[at][0].line}: a grid without “Results for …” above it."
            )
        if at is not None:
            yield _Table(_with_parameter(operation, above), tuple(above), block[at:], barcode)
            above = above[:1]


def _with_parameter(operation: str, above: Block) -> str:
    """An analysis has a grid for each of its parameters."""
    told = (cell.text for row in above for cell in row if cell.text.startswith("AnalysisParameter:"))
    parameter = next(told, "").partition(":")[2].strip()
    return f"{operation}, {parameter}" if parameter else operation


def _parted(filename: str, tables: Sequence[_Table]) -> tuple[list[_Table], list[str]]:
    """What was measured, and what the program made of it."""
    measured = [table for table in tables if OPERATION.fullmatch(table.operation)]
    if not measured:
        raise UnableToRead(f"{filename} holds no grid of wells below a line “Results for …”.")
    for table in measured:
        if [other.operation for other in measured].count(table.operation) > 1:
            raise UnableToRead(
                f"{filename}: “{table.operation}” is there twice; export one measurement per file."
            )
        if all(as_number(cell.text) is None for row in table.grid[1:] for cell in row[1:]):
            raise UnableToRead(
                f"{filename}: “{table.operation}” holds no number; absorbance, fluorescence and luminescence are "
                "read, images are not."
            )
    _require_same(filename, {table.barcode for table in measured})
    return measured, [table.operation for table in tables if table not in measured]


def _require_same(filename: str, barcodes: set[str]) -> None:
    if len(barcodes) > 1:
        told = " and ".join(f"“{barcode}”" for barcode in sorted(barcodes))
        raise UnableToRead(f"{filename} is of the plates {told}; export one plate per file.")


def _facts(blocks: Sequence[Block]) -> dict[str, Cell]:
    """“Name:,,value” by name in small letters, of all that is told about the measurement and the plate."""
    facts: dict[str, Cell] = {}
    is_there = False
    for block in blocks:
        is_there = is_there or block[0][0].text in MEASURED
        for row in block if is_there else ():
            facts.setdefault(row[0].text.rstrip(":").lower(), row[2] if len(row) > 2 else NOTHING)
    return facts


def _require_plate(filename: str, facts: Mapping[str, Cell], size: tuple[int, int]) -> None:
    """Version 3 calls the rows columns."""
    told = [as_number(facts.get(name, NOTHING).text) for name in ("number of rows", "number of columns")]
    if sorted(str(number) for number in told) != sorted(str(number) for number in size):
        raise UnableToRead(
            f"{filename} has a grid of {size[0]} × {size[1]} wells on a plate of {told[0]} and {told[1]} rows and "
            "columns; the file is cut off or was edited."
        )


def _operations(blocks: Sequence[Block]) -> dict[str, dict[str, str]]:
    """How each operation was measured, by its name."""
    found: dict[str, dict[str, str]] = {}
    for block in blocks:
        for place, row in enumerate(block):
            if row[0].text in OWN_NAME and (name := _last(row)):
                found[name] = {row[0].text.lower(): _last(row) for row in block[place + 1 :]}
    return found


def _last(row: Sequence[Cell]) -> str:
    return next((cell.text for cell in row[:0:-1] if cell.text), "")


def _names(measured: Sequence[str], operations: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """450; 485,535; Lum where no light is told; the operation itself where two would be called alike."""
    names = {}
    for operation in measured:
        told = [operations.get(operation, {}).get(light, "") for light in LIGHTS]
        lights = [found["nm"] for text in told if (found := WAVELENGTH.fullmatch(text))]
        is_luminescence = operation.lower().startswith("lum") and not any(told)
        names[operation] = "Lum" if is_luminescence else ",".join(lights) or operation
    given = list(names.values())
    return {operation: name if given.count(name) == 1 else operation for operation, name in names.items()}


def _has_map(blocks: Sequence[Block]) -> bool:
    maps = (block for block in blocks if any(row[0].text == MAP for row in block))
    return any(
        cell.text not in NO_MAP
        for block in maps
        for at in [next((at for at, row in enumerate(block) if is_heading(row)), len(block))]
        for row in block[at + 1 :]
        for cell in row[1:]
    )


def _for_converter(table: _Table, facts: Block) -> str:
    """One table, which is all that the converter reads of a file, and of the operations its own. It knows the first of
    a kind alone, so each is called that."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    title, *above = table.above
    writer.writerow([NUMBER.sub("1", title[0].text), *(cell.text for cell in title[1:])])
    writer.writerows([cell.text for cell in row] for row in above)
    writer.writerow([cell.text for cell in table.grid[0]])
    writer.writerows(numbers_alone(row) for row in table.grid[1:])
    writer.writerow([])
    own = True
    for row in _without_map(facts):
        if row and row[0].text in (*OWN_NAME, "Meas", "Analysis:", "Post Processing Sequence"):
            own = row[0].text not in OWN_NAME or _last(row) == table.operation
        if own:
            writer.writerow([cell.text for cell in row])
    return text.getvalue()


def _without_map(rows: Block) -> Iterator[Sequence[Cell]]:
    """Nothing of it is asked of the converter, and it refuses a mark that it does not know."""
    is_map = is_below = False
    for row in rows:
        is_map = (is_map or (bool(row) and row[0].text == MAP)) and not (
            is_below and not any(cell.text for cell in row)
        )
        is_below = is_map and (is_below or is_heading(row))
        is_well = is_below and not is_heading(row)
        yield [row[0], *(Cell("-", cell.line) for cell in row[1:] if cell.text)] if is_well else row
