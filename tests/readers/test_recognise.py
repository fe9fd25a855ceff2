import csv

import pytest

from assays.readers import Format, UnableToRead, plates_in, read, recognise
from assays.readers.table import COLUMNS
from assays.readers.workbook import LOCKED, OLD_OFFICE
from tests.data.specimens.workbook import workbook as packed
from tests.readers.shared import OWN, REAL, TIMEZONE, needs_real_files

REAL_FORMATS = {
    "gen5_elisa_standard_curve.txt": Format.GEN5,
    "gen5_luminescence.txt": Format.GEN5,
    "gen5_bad_no_results.txt": Format.GEN5,
    "softmax_pro_groups.txt": Format.SOFTMAX_PRO,
    "softmax_pro_bad_duplicate_plate.txt": Format.SOFTMAX_PRO,
    "magellan_elisa.xlsx": Format.MAGELLAN,
    "bmg_mars_pherastar.csv": Format.BMG_MARS,
    "msd_workbench.csv": Format.MSD_WORKBENCH,
    "vi_cell_blu.csv": Format.VI_CELL_BLU,
    "nucleoview_nc200.csv": Format.NUCLEOVIEW,
    "flowjo_workspace.wsp": Format.FLOWJO,
    "immunospot_elispot.txt": Format.IMMUNOSPOT,
    "nova_flex2.csv": Format.BIOPROFILE_FLEX2,
}


def refusal(filename, content):
    with pytest.raises(UnableToRead) as refused:
        read(filename, content, timezone=TIMEZONE)
    return str(refused.value)


def workbook(sheet, *rows):
    return packed(sheet, [list(row) for row in rows])


def test_it_tells_our_own_files_apart():
    assert recognise("a", (OWN / "gen5_ifng_elisa.txt").read_bytes()) is Format.GEN5
    assert recognise("b", (OWN / "vi_cell_blu_clean.csv").read_bytes()) is Format.VI_CELL_BLU


@needs_real_files
@pytest.mark.parametrize(("filename", "expected"), REAL_FORMATS.items())
def test_it_recognises_a_real_export_by_its_content(filename, expected):
    assert recognise("renamed.bin", (REAL / filename).read_bytes()) is expected


def test_garbage_is_refused_with_its_first_line_and_what_is_known():
    message = refusal("export.txt", b"definitely not plate data\nadfd\n")

    assert "no export of an instrument known here" in message
    assert "Gen5" in message
    assert "“definitely not plate data”" in message


@pytest.mark.parametrize("content", [b"", b"  \n\t\n "])
def test_an_empty_file_is_refused(content):
    assert refusal("empty.csv", content) == "empty.csv is empty."


def test_a_file_above_ten_megabytes_is_refused_before_it_is_looked_at():
    message = refusal("large.txt", b"x" * (10 * 1024 * 1024 + 1))

    assert "10,485,761 bytes" in message
    assert "at most 10,485,760" in message


def test_bytes_that_are_no_text_are_refused():
    assert "is a picture and no text file" in refusal("image.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00")


def test_a_workbook_is_recognised_by_its_sheet_or_its_head():
    assert recognise("a.xlsx", workbook("Magellan Sheet 1")) is Format.MAGELLAN
    assert recognise("renamed.csv", workbook("Tabelle1", COLUMNS)) is Format.TABLE


def test_a_text_export_kept_in_a_workbook_is_read_as_that_text():
    rows = [line.split(",") for line in (OWN / "msd_workbench.csv").read_text().split("\n")]
    second = [["Plate_PL0043"], *rows[1:]]
    assert plates_in("two.xlsx", workbook("Sheet1", *rows, *second)) == ("PL0042", "PL0043")
    lines = csv.reader((OWN / "xponent.csv").read_text().split("\n"))
    kept = read("x.xlsx", workbook("Export", *lines), timezone=TIMEZONE)
    assert kept == read("x.csv", (OWN / "xponent.csv").read_bytes(), timezone=TIMEZONE)


def test_an_unknown_workbook_is_refused_with_its_sheets_and_what_to_export():
    message = refusal("a.xlsx", workbook("Sheet1"))
    assert "its sheets are “Sheet1”. Export it as text (CSV or TXT)" in message


def test_a_damaged_workbook_is_refused():
    assert "cannot be opened" in refusal("a.xlsx", workbook("Magellan Sheet 1")[:600])


def test_an_old_workbook_and_one_with_a_password_are_told_apart():
    assert "save it as XLSX" in refusal("a.xls", OLD_OFFICE + b"\0" * 600)
    assert "protected by a password" in refusal("a.xlsx", OLD_OFFICE + b"\0" * 600 + LOCKED)


def test_an_unknown_time_zone_is_the_callers_mistake():
    with pytest.raises(KeyError):
        read("a", (OWN / "vi_cell_blu_clean.csv").read_bytes(), timezone="Mars/Olympus")
