"""Cell counters besides Vi-CELL BLU: what each file says, cell by cell, and what it does not say. PD-1."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from assays.readers import UnableToRead, conversion, read
from assays.readers.records import DayOnly
from assays.readers.workbook import read_workbook
from tests.data.make_instrument_files import FILES
from tests.data.specimens.workbook import workbook
from tests.readers.shared import TIMEZONE

RUN = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)


def counts(name, *replaced, timezone=TIMEZONE):
    """The specimen with cells replaced, each of which it holds once."""
    content = FILES[name]
    if isinstance(content, bytes):
        content = sheet_with(content, *replaced)
    else:
        for old, new in replaced:
            assert content.count(old) == 1
            content = content.replace(old, new)
        content = content.encode()
    return read("counts", content, timezone=timezone)


def sheet_with(content, *replaced):
    [(name, rows)] = read_workbook("counts", content).items()
    cells = [[cell.text for cell in row] for row in rows]
    for old, new in replaced:
        assert sum(row.count(old) for row in cells) == 1
        cells = [[new if text == old else text for text in row] for row in cells]
    return workbook(name, cells)


def refusal(name, *replaced):
    with pytest.raises(UnableToRead) as refused:
        counts(name, *replaced)
    return str(refused.value)


def in_words(row):
    return (
        row.sample_name,
        str(row.viable_cells_per_ml),
        str(row.total_cells_per_ml),
        str(row.viability_percent),
        row.cells_counted,
        row.viable_cells_counted,
        row.counted_at,
    )


class TestViCellXR:
    def test_the_text_of_one_sample_is_in_millions_of_cells(self):
        file = counts("vi_cell_xr.txt")
        [row] = file.rows
        assert in_words(row) == ("TIL-0001-D22", "2350000", "2570000", "91.4", 4040, 3693, RUN)
        assert (row.dilution, file.software, file.problems) == (1, "Vi-CELL XR 2.06.3", ())

    def test_a_workbook_has_a_row_for_each_sample(self):
        file = counts("vi_cell_xr.xlsx")
        assert [in_words(row) for row in file.rows] == [
            (
                "TIL-0001-D11",
                "620000",
                "679000",
                "91.3",
                1906,
                1741,
                datetime(2026, 11, 9, 14, 10, 31, tzinfo=UTC),
            ),
            ("TIL-0001-D22", "2350000", "2570000", "91.4", 4040, 3693, RUN),
            (
                "TIL-0002-D22",
                "16300000",
                "18400000",
                "88.5",
                3210,
                2841,
                datetime(2026, 11, 20, 19, 15, 40, tzinfo=UTC),
            ),
        ]
        assert file.rows[2].dilution == 10
        assert file.problems == ()
        assert file.remarks == ("Line 7 names neither a sample nor a time and is not taken: “No date none”.",)

    @pytest.mark.parametrize("column", ["Total", "Viable"])
    def test_a_workbook_without_the_counted_cells_is_read(self, column):
        [(name, rows)] = read_workbook("counts", FILES["vi_cell_xr.xlsx"]).items()
        at = [cell.text for cell in rows[4]].index(column)
        cells = [[cell.text for at_, cell in enumerate(row) if at_ != at] for row in rows]
        file = read("counts", workbook(name, cells), timezone=TIMEZONE)
        lacking = file.rows[1].cells_counted if column == "Total" else file.rows[1].viable_cells_counted
        assert lacking == Missing(f"the file has no “{column} cells”")
        assert (file.rows[1].viable_cells_per_ml, file.problems) == (2350000, ())

    @pytest.mark.parametrize(
        ("old", "new", "column", "message"),
        [
            ("16.3", "ERROR", "Viable cells/ml (x10^6)", "'ERROR' is not a number"),
            ("88.5", "", "Viability (%)", "the cell is empty"),
            ("88.5", "88,5", "Viability (%)", "'88,5' is not a number"),
            (
                "20 Nov 2026  02:15:40 PM",
                "20.11.2026 14:15",
                "Sample date/time",
                "'20.11.2026 14:15' is no date and time of the form 29 Nov 2026 03:30:00 PM",
            ),
        ],
    )
    def test_one_bad_cell_of_a_workbook_is_named_and_costs_nothing_else(self, old, new, column, message):
        file = counts("vi_cell_xr.xlsx", (old, new))
        assert [(p.line, p.row, p.column, p.message) for p in file.problems] == [
            (10, "row 3 (TIL-0002-D22)", column, message)
        ]
        assert [row.viable_cells_per_ml for row in file.rows[:2]] == [620000, 2350000]

    def test_columns_are_found_by_the_names_of_every_version(self):
        file = counts("vi_cell_xr.xlsx", ("date/time", "data/time"), ("factor", ""))
        assert file.rows == counts("vi_cell_xr.xlsx").rows

    def test_the_counts_of_the_images_add_up_to_all_cells(self):
        [problem] = counts("vi_cell_xr.txt", ("Total cells : 4040", "Total cells : 4140")).problems
        assert str(problem) == (
            "Line 16, row 1 (TIL-0001-D22), Total cells: the counts of the images (“CountData”) do not add up to it"
        )

    def test_a_text_that_is_cut_off_or_says_something_twice_is_refused(self):
        assert refusal("vi_cell_xr.txt", ("ImageBaseName : TIL-0001-D22\r\n", "")) == (
            "counts has no line “ImageBaseName”; the file is cut off or was edited."
        )
        assert "line 22: “Viability (%)” is there twice" in refusal(
            "vi_cell_xr.txt", ("Average diameter (microns)", "Viability (%)")
        )

    def test_a_workbook_without_the_table_is_refused_with_what_to_export(self):
        assert "A report of one sample is read as text (TXT)." in refusal("vi_cell_xr.xlsx", ("ID", "Name"))


class TestCedexHiRes:
    @pytest.mark.parametrize("name", ["cedex_hires.csv", "cedex_hires.xlsx"])
    def test_it_counts_in_cells_per_ml(self, name):
        file = counts(name)
        assert [in_words(row) for row in file.rows[:2]] == [
            ("TIL-0001-D22", "2350014.5", "2570850.75", "91.40983607", 3050, 2788, RUN),
            (
                "TIL-0002-D22",
                "3396851.5",
                "3717150",
                "91.38321995",
                2205,
                2015,
                RUN.replace(minute=9, second=52),
            ),
        ]
        assert (file.rows[1].dilution, file.problems) == (Decimal("0.5"), ())

    def test_an_analysis_made_again_is_unusual(self):
        assert counts("cedex_hires.csv").remarks == (
            "Row 3 (TIL-0002-D22): it is of the data set “Original2”, not “Original”: an analysis made again.",
            "Row 3 (TIL-0002-D22): drawn 11/20/2026 9:59:12 AM, but finished 11/24/2026 4:31:07 PM: it may be an "
            "analysis made again.",
        )

    @pytest.mark.parametrize(
        ("old", "new", "column", "message"),
        [
            ("2350014.5,", ",", "Viable Cell Conc.", "the cell is empty"),
            ("2350014.5,", '"2350014,5",', "Viable Cell Conc.", "'2350014,5' is not a number"),
            ("220836.25,", "n/a,", "Dead Cell Conc.", "'n/a' is not a number"),
            (
                "2350014.5,",
                "1350014.5,",
                "Total Cell Conc.",
                "live and dead cells do not add up to the total",
            ),
            (
                "11/20/2026 10:04:05 AM",
                "20/11/2026 10:04:05",
                "Date finished",
                "'20/11/2026 10:04:05' is no date",
            ),
        ],
    )
    def test_one_bad_cell_is_named_and_costs_nothing_else(self, old, new, column, message):
        file = counts("cedex_hires.csv", (old, new))
        [problem] = file.problems
        assert (problem.line, problem.column) == (2, column)
        assert problem.message.startswith(message)
        assert file.rows[1].viable_cells_per_ml == Decimal("3396851.5")

    def test_when_the_sample_was_drawn_need_not_be_said(self):
        file = counts("cedex_hires.csv", ("11/20/2026 9:58:41 AM", ""))
        assert (file.rows[0].viable_cells_per_ml, file.problems) == (Decimal("2350014.5"), ())

    def test_a_file_with_semicolons_is_refused_with_what_to_export(self):
        text = FILES["cedex_hires.csv"].replace(".", ",").replace("Conc,", "Conc.").replace(",", ";")
        with pytest.raises(UnableToRead, match="separated by semicolons; export it with commas"):
            read("counts", text.replace("Cell Conc;", "Cell Conc.").encode(), timezone=TIMEZONE)

    def test_a_line_cut_off_in_the_middle_and_a_column_there_twice_are_refused(self):
        content = FILES["cedex_hires.csv"]
        with pytest.raises(UnableToRead, match="line 4: 29 cells where the head has 34; the file is cut off"):
            read("counts", content[: content.rindex(",343899.25")].encode(), timezone=TIMEZONE)
        assert "“Viability” is there twice" in refusal("cedex_hires.csv", ("Std Dev.", "Viability"))
        assert "“Sample identifier” is there twice" in refusal(
            "cedex_hires.csv", ("Workarea name", "Sample identifier")
        )


class TestNCView:
    def test_it_counts_in_cells_per_ml_with_thousands_apart_and_tells_the_day_alone(self):
        file = counts("nc_view.csv")
        day = DayOnly(
            "NC-View tells the day of a count alone, 20 Nov 2026",
            datetime(2026, 11, 20, 5, tzinfo=UTC),
            datetime(2026, 11, 21, 5, tzinfo=UTC),
        )
        untold = [
            Missing(f"the number of counted {what} is not exported") for what in ("cells", "viable cells")
        ]
        assert [in_words(row) for row in file.rows[:2]] == [
            ("TIL-0001-D22", "2350000", "2570000", "91.4", *untold, day),
            ("TIL-0002-D22", "251000", "274000", "91.6", *untold, day),
        ]

    def test_a_day_with_a_clock_change_is_as_long_as_it_is(self):
        [row, *_] = counts("nc_view.csv", ("20261120-00019", "20261101-00019")).rows
        assert row.counted_at.ends_at - row.counted_at.begins_at == RUN.replace(hour=16) - RUN.replace(
            day=19, hour=15
        )

    def test_a_warning_is_passed_on_and_an_error_is_no_count(self):
        file = counts("nc_view.csv")
        assert file.remarks == ("Row 2 (TIL-0002-D22): the counter says “Warning: Foreign object detected”.",)
        assert {problem.row for problem in file.problems} == {"row 3 (TIL-0003-D22)"}
        assert str(file.problems[-1]) == (
            "Line 4, row 3 (TIL-0003-D22), STATUS: the counter says “Error: No liquid” of this count"
        )

    @pytest.mark.parametrize(
        ("old", "new", "column", "message"),
        [
            ("251 000", "251 00", "LIVE (cells/ml)", "'251 00' is not a number"),
            ("251 000", "251.000.000", "LIVE (cells/ml)", "'251.000.000' is not a number"),
            ("274 000", "", "TOTAL (cells/ml)", "the cell is empty"),
            ("22 900", "n/a", "DEAD (cells/ml)", "'n/a' is not a number"),
            ("251 000", "-251000", "LIVE (cells/ml)", "-251000 is below zero"),
            ("251 000", "151 000", "TOTAL (cells/ml)", "live and dead cells do not add up to the total"),
            (
                "20261120-00020",
                "Image 20",
                "NAME",
                "'Image 20' does not begin with a day, as 20261120-00019 does",
            ),
        ],
    )
    def test_one_bad_cell_is_named_and_costs_nothing_else(self, old, new, column, message):
        file = counts("nc_view.csv", (old, new))
        assert [(p.line, p.column, p.message) for p in file.problems if p.line == 3] == [(3, column, message)]
        assert file.rows[0].viable_cells_per_ml == 2350000


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("vi_cell_xr.txt", "2.35"),
        ("vi_cell_xr.xlsx", "0.62"),
        ("cedex_hires.csv", "2.3500145"),
        ("nc_view.csv", "2.35"),
    ],
)
def test_what_the_second_reader_sees_differently_is_not_understood(monkeypatch, name, ours):
    def convert(*arguments, **keywords):
        document = conversion_of_the_file(*arguments, **keywords)
        [first, *_] = document["cell counting aggregate document"]["cell counting document"]
        measurement = first["measurement aggregate document"]["measurement document"][0]
        processed = measurement["processed data aggregate document"]["processed data document"][0]
        processed["viable cell density (cell counter)"]["value"] = 12.5
        return document

    conversion_of_the_file = conversion.convert
    for module in ("vi_cell_xr", "counters"):
        monkeypatch.setattr(f"assays.readers.{module}.convert", convert)
    row = counts(name).rows[0]
    assert row.viable_cells_per_ml == Missing(f"two readers disagree: {ours} and 12.5")
    assert len(row.problems) == 1
