"""CTL ImmunoSpot (ELISpot): one plate per text export, one grid of wells for spots and each measure of them."""

import re

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.plates import Plate, plate_file, require_size
from assays.readers.positions import row_name
from assays.readers.records import Format, PlateFile, UnableToRead

SPOTS, TOO_FULL = "Spots", "TNTC"
COUNTED = re.compile(r"Counted:\s*(?P<clock>\w{3} \w{3} \d+ [\d:]+ \d{4})")
PLATE_CODE = re.compile(r"Plate Code\s*=\s*(?P<code>[\w -]*)")
FORMS = ("%a %b %d %H:%M:%S %Y",)


def read_immunospot(filename: str, text: str, *, timezone: str) -> PlateFile:
    """A well that was too full to count (TNTC) is missing, and said to be so; the converter knows no such word."""
    lines = text.split("\n")
    readings: dict[str, dict[str, Cell]] = {}
    sizes = set()
    title = ""
    for at, line in enumerate(lines):
        numbers = line.split()
        if numbers and numbers == [str(column) for column in range(1, len(numbers) + 1)] and len(numbers) > 1:
            label = SPOTS if "Plate Code" in title else title
            if not label or label in readings:
                raise UnableToRead(f"{filename}, line {at + 1}: a grid of wells without a title of its own.")
            readings[label], rows = _grid(filename, lines, at + 1, len(numbers))
            sizes.add(require_size(filename, rows, len(numbers)))
        elif line.startswith("\t") and line.strip():
            title = line.strip()
    if SPOTS not in readings:
        raise UnableToRead(f"{filename} holds no grid of counted spots; export the plate with its counts.")
    if len(sizes) > 1:
        raise UnableToRead(f"{filename} mixes grids of several sizes; the file is cut off or was edited.")
    counted = COUNTED.search(text)
    code = PLATE_CODE.search(text)
    return plate_file(
        Plate(readings=readings, size=sizes.pop()),
        file_format=Format.IMMUNOSPOT,
        converted=Converted(
            convert(filename, text.replace(TOO_FULL, "0"), Format.IMMUNOSPOT, timezone=timezone)
        ),
        timezone=timezone,
        clock=Cell(counted["clock"] if counted else "", 2),
        forms=FORMS,
        instrument="CTL ImmunoSpot",
        software=lines[0].partition(":")[2].strip(),
        plate_name=code["code"].strip() if code else "",
    )


def _grid(filename: str, lines: list[str], start: int, columns: int) -> tuple[dict[str, Cell], int]:
    cells: dict[str, Cell] = {}
    row = 0
    for at in range(start, len(lines)):
        parts = lines[at].split()
        if not parts:
            if row:
                break
            continue
        if parts[0] != row_name(row):
            break
        if len(parts) != columns + 1:
            raise UnableToRead(
                f"{filename}, line {at + 1}: row {parts[0]} has {len(parts) - 1} cells, {columns} are expected. "
                "The file is cut off or was edited."
            )
        cells |= {f"{parts[0]}{column}": Cell(text, at + 1) for column, text in enumerate(parts[1:], start=1)}
        row += 1
    return cells, row
