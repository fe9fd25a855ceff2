"""Workbooks (XLSX), opened with suspicion: no macros, no links, no passwords, nothing that unpacks to too much."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from assays.readers.cells import Cell
from assays.readers.records import UnableToRead
from assays.readers.text import as_number

MOST_PARTS, MOST_BYTES = 200, 50 * 1024 * 1024  # of a workbook, unpacked
CHUNK = 1024 * 1024
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 20_000, 2_000, 2_000_000  # of a sheet; all cells of a workbook
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = "EncryptedPackage".encode("utf-16-le")
FORBIDDEN = {
    "vba": "macros",
    "macrosheets/": "macros",
    "activex/": "controls",
    "embeddings/": "embedded files",
    "externallinks/": "links to other files",
}
Grid = dict[str, list[list[Cell]]]  # rows of cells by sheet


def refuse_old_office(filename: str, content: bytes) -> None:
    """A workbook with a password is packed like an old one."""
    if not content.startswith(OLD_OFFICE):
        return
    if LOCKED in content:
        raise UnableToRead(f"{filename} is protected by a password; save it without one.")
    raise UnableToRead(f"{filename} is a workbook of the old kind (XLS); save it as XLSX or CSV.")


def sheet_names(filename: str, content: bytes) -> tuple[str, ...]:
    """Raises UnableToRead for what is no workbook, or one that is not opened here."""
    _require_harmless(filename, content)
    with _opened(filename, content) as book:
        return tuple(book.sheetnames)


def read_workbook(filename: str, content: bytes) -> Grid:
    """Every sheet as rows of cells, written as texts; formulas count as what was last computed of them."""
    _require_harmless(filename, content)
    with _opened(filename, content) as book:
        try:
            grid: Grid = {}
            left = MOST_CELLS
            for sheet in book.worksheets:
                grid[sheet.title] = list(_rows(filename, sheet, left))
                left -= sum(len(row) for row in grid[sheet.title])
            return grid
        except UnableToRead:
            raise
        except Exception as error:  # a library of foreign XML fails in any way there is
            raise UnableToRead(f"{filename} is a workbook with a damaged sheet.") from error


def packed(sheets: Mapping[str, Iterable[Sequence[str]]]) -> bytes:
    """Texts as a workbook, numbers where they are numbers: what of a workbook the second reader is given."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            numbers = [as_number(text) for text in row]
            sheet.append(
                [
                    text or None if number is None else number
                    for text, number in zip(row, numbers, strict=True)
                ]
            )
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def filled(row: Sequence[Cell], width: int) -> list[Cell]:
    """A sheet writes no cell for what is empty at the end of a row."""
    return [*row, *[Cell("", row[0].line if row else 0)] * (width - len(row))]


class _opened:  # noqa: N801 — reads like a function
    def __init__(self, filename: str, content: bytes) -> None:
        self._filename, self._content = filename, content

    def __enter__(self) -> Any:
        from openpyxl import load_workbook

        try:
            self._book = load_workbook(
                io.BytesIO(self._content), read_only=True, data_only=True, keep_links=False
            )
        except Exception as error:  # as above
            raise UnableToRead(
                f"{self._filename} looks like a workbook but cannot be opened as one."
            ) from error
        return self._book

    def __exit__(self, *_error: object) -> None:
        self._book.close()


def _require_harmless(filename: str, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _require_few_and_known(filename, archive)
            _require_small(filename, archive)
    except UnableToRead:
        raise
    except Exception as error:  # an archive can be damaged in any way there is
        raise UnableToRead(f"{filename} looks like a workbook but cannot be opened as one.") from error


def _require_few_and_known(filename: str, archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if len(names) > MOST_PARTS:
        raise UnableToRead(f"{filename} has {len(names)} parts; a workbook has at most {MOST_PARTS}.")
    for mark, what in FORBIDDEN.items():
        if any(mark in name.lower() for name in names):
            raise UnableToRead(f"{filename} holds {what}; save it without them.")
    if "xl/workbook.xml" not in names:
        raise UnableToRead(f"{filename} is packed like a workbook but cannot be opened as one.")


def _require_small(filename: str, archive: zipfile.ZipFile) -> None:
    """What it unpacks to is counted by unpacking, not by what it says of itself."""
    left = MOST_BYTES
    for part in archive.infolist():
        with archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise UnableToRead(
                        f"{filename} unpacks to more than {MOST_BYTES:,} bytes; it is not opened."
                    )


def _rows(filename: str, sheet: Any, most: int) -> Iterator[list[Cell]]:
    sheet.reset_dimensions()  # what a sheet says of its size is not believed
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS or len(row) > MOST_COLUMNS:
            raise UnableToRead(
                f"{filename}: the sheet “{sheet.title}” has more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns."
            )
        most -= len(row)
        if most < 0:
            raise UnableToRead(f"{filename} has more than {MOST_CELLS:,} cells; it is not opened.")
        yield [Cell(_text(value), number) for value in row]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value).strip()
