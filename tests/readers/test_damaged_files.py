"""Whatever happens to a file on its way, reading it ends in records or in UnableToRead. SEC-16."""

import contextlib
import io
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from assays.readers import CellCountFile, PlateFile, UnableToRead, plates_in, read
from tests.readers.shared import OWN, TIMEZONE
from tests.readers.test_several_plates import SEVERAL

FILES = {
    path.name: path.read_bytes() for path in sorted(OWN.iterdir()) if path.suffix != ".py" and path.is_file()
}
WORKBOOKS = sorted(name for name in FILES if name.endswith(".xlsx"))
TEXTS = sorted(name for name in FILES if not name.endswith(".xlsx"))
TWO_PLATES = {f"two_{name}": "\n".join(make()).encode() for name, (make, _) in SEVERAL.items()}
ALL = FILES | TWO_PLATES
LISTS = (
    "vi_cell_blu",
    "cfx_maestro",
    "lightcycler",
    "bioprofile",
    "cedex",
    "nc_view",
    "msd_workbench",
    "intelliflex",
    "absolute_q",
    "qiacuity",
    "matrix",
)  # cut after a line, a list is a shorter list
lightly = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
names = st.sampled_from(sorted(ALL))
share = st.floats(0, 1, exclude_max=True)


def numbers(records):
    """Every number that a file says, by where it says it."""
    if isinstance(records, PlateFile):
        return {
            (well.position, label): value
            for well in records.wells
            for label, value in (*well.readings.items(), *well.bead_counts.items())
            if isinstance(value, Decimal)
        }
    if isinstance(records, CellCountFile):
        return {(row.row_number, row.sample_name): row.viable_cells_per_ml for row in records.rows}
    told = [(row.sample_name, row.quantity, row.well, row.value) for row in records.rows]
    return {
        (*row[:3], told[:at].count(row)): row[3] for at, row in enumerate(told) if isinstance(row[3], Decimal)
    }


def read_or_refused(name, content):
    """Every plate of it."""
    with contextlib.suppress(UnableToRead):
        for plate in plates_in(name, content) or ("",):
            read(name, content, timezone=TIMEZONE, plate=plate)


@cache
def whole(name):
    return numbers(read(name, FILES[name], timezone=TIMEZONE))


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_cut_off_after_a_line_is_refused_or_says_the_same(name):
    """Few places of each file, spread over it: the second reader takes its time."""
    lines = FILES[name].split(b"\n")
    step = max(len(lines) // 4, 1)
    for end in {*range(1, len(lines), step), len(lines) - 3}:
        with contextlib.suppress(UnableToRead):
            found = numbers(read(name, b"\n".join(lines[:end]), timezone=TIMEZONE))
            assert found.items() <= whole(name).items()
            if not name.startswith(LISTS):
                assert len(found) in (len(whole(name)), len(whole(name)) // 2)  # one of two whole tables


@lightly
@given(name=names, at=share)
def test_a_cut_off_file_is_read_or_refused(name, at):
    content = ALL[name]
    read_or_refused(name, content[: int(at * len(content))])


@lightly
@given(name=names, damage=st.lists(st.tuples(share, st.integers(0, 255)), min_size=1, max_size=8))
def test_a_file_with_flipped_bytes_is_read_or_refused(name, damage):
    content = bytearray(ALL[name])
    for at, byte in damage:
        content[int(at * len(content))] = byte
    read_or_refused(name, bytes(content))


AWKWARD = (
    "",
    "-",
    "NaN",
    "inf",
    "1e9",
    "1e99",
    "١٢",
    '"',
    "*0.5*",
    "A",
    "13",
    "\x00",
    "9" * 40,
    "STD1",
    "12:61",
    "<x>",
    "A1",
    "~End",
)


@lightly
@given(
    name=st.sampled_from([*TEXTS, *TWO_PLATES]),
    edits=st.lists(st.tuples(share, share, st.sampled_from(AWKWARD)), max_size=4),
    dropped=st.lists(share, max_size=2),
    column=st.none() | st.integers(0, 12),
)
def test_a_file_with_edited_cells_and_dropped_lines_or_columns_is_read_or_refused(
    name, edits, dropped, column
):
    separator = {".csv": ",", ".txt": "\t"}.get(name[name.index(".") :], '"')
    separator = ";" if name == "nucleoview.csv" else separator
    rows = [line.split(separator) for line in ALL[name].decode().split("\n")]
    for line_share, cell_share, text in edits:
        cells = rows[int(line_share * len(rows))]
        cells[int(cell_share * len(cells))] = text
    for cells in rows:
        if column is not None and column < len(cells):
            del cells[column]
    for at in dropped:
        del rows[int(at * len(rows))]
    read_or_refused(name, "\n".join(separator.join(cells) for cells in rows).encode())


@lightly
@given(
    name=st.sampled_from(WORKBOOKS),
    edits=st.lists(st.tuples(share, share, share, st.sampled_from(AWKWARD)), min_size=1, max_size=4),
    dropped=st.lists(st.tuples(share, share), max_size=2),
)
def test_a_workbook_with_edited_cells_and_dropped_rows_is_read_or_refused(name, edits, dropped):
    book = load_workbook(io.BytesIO(FILES[name]))
    for sheet_share, row, column, text in edits:
        sheet = book.worksheets[int(sheet_share * len(book.worksheets))]
        cell = sheet.cell(1 + int(row * sheet.max_row), 1 + int(column * sheet.max_column))
        cell.value = text.replace("\x00", "")
    for sheet_share, row in dropped:
        sheet = book.worksheets[int(sheet_share * len(book.worksheets))]
        sheet.delete_rows(1 + int(row * sheet.max_row))
    saved = io.BytesIO()
    book.save(saved)
    read_or_refused(name, saved.getvalue())


@lightly
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    read_or_refused("upload", content)
