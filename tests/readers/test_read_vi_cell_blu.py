"""PD-1"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from assays.readers import CellCountFile, UnableToRead, conversion, read
from tests.readers.shared import OWN, REAL, TIMEZONE, needs_real_files

CLEAN = (OWN / "vi_cell_blu_clean.csv").read_text()


def read_text(text):
    return read("counts.csv", text.encode(), timezone=TIMEZONE)


def refusal(text):
    with pytest.raises(UnableToRead) as refused:
        read_text(text)
    return str(refused.value)


def test_it_reads_every_count_in_cells_per_ml_as_decimal():
    counts = read_text(CLEAN)

    assert isinstance(counts, CellCountFile)
    assert [row.sample_name for row in counts.rows] == ["TIL-0001-D11", "TIL-0001-D16", "TIL-0001-D22"]
    assert counts.rows[0].viable_cells_per_ml == Decimal(620000)
    assert str(counts.rows[0].viable_cells_per_ml) == "620000"
    assert counts.rows[0].viability_percent == Decimal("91.35")
    assert counts.rows[2].total_cells_per_ml == Decimal(26070000)
    assert counts.problems == ()


def test_it_turns_the_instruments_clock_into_utc():
    assert "11/9/2026 9:10" in CLEAN  # New York, winter time
    assert read_text(CLEAN).rows[0].counted_at == datetime(2026, 11, 9, 14, 10, tzinfo=UTC)


def test_error_cells_are_named_with_line_row_and_column_and_become_missing():
    counts = read("counts.csv", (OWN / "vi_cell_blu_error.csv").read_bytes(), timezone=TIMEZONE)

    assert [(p.line, p.row, p.column, p.raw) for p in counts.problems] == [
        (4, "row 3 (TIL-0002-D16)", "Cell count", "ERROR"),
        (4, "row 3 (TIL-0002-D16)", "Viable cells", "ERROR"),
    ]
    failed = counts.rows[2]
    assert failed.cells_counted == Missing("'ERROR' is not a number")
    assert failed.viable_cells_per_ml == Decimal(6100000)
    assert failed.problems == counts.problems


@pytest.mark.parametrize(
    ("written", "instead", "column"),
    [
        (",0.62,", ",ERROR,", "Viable (x10^6) cells/mL"),
        (",0.62,", ",,", "Viable (x10^6) cells/mL"),
        (",0.62,", ",-0.62,", "Viable (x10^6) cells/mL"),
        (",91.35,", ",n/a,", "Viability (%)"),
        (",11/9/2026 9:10,", ",21/9/2026 9:10,", "Analysis date/time"),
        (",11/9/2026 9:10,", ",11/1/2026 1:30,", "Analysis date/time"),  # the hour that comes twice
        (",11/9/2026 9:10,", ",3/8/2026 2:30,", "Analysis date/time"),  # the hour that never came
    ],
)
def test_one_bad_cell_costs_that_value_and_nothing_else(written, instead, column):
    assert CLEAN.count(written) == 1

    counts = read_text(CLEAN.replace(written, instead))

    assert [(p.line, p.column, p.raw) for p in counts.problems] == [(2, column, instead.strip(","))]
    assert len(counts.rows) == 3
    assert counts.rows[1].viable_cells_per_ml == Decimal(7850000)


def test_a_missing_column_is_named():
    message = refusal(CLEAN.replace("Viability (%)", "Viability"))

    assert message == "counts.csv, line 1: the column “Viability (%)” is missing."


def test_a_line_cut_off_in_the_middle_is_refused_with_its_number():
    message = refusal(CLEAN[: CLEAN.rindex(",TIL,6")])

    assert message == (
        "counts.csv, line 4: 15 cells where the head has 33; the file is cut off or was edited."
    )

    assert "line 4" in message
    assert "33" in message
    assert "cut off" in message


def test_a_header_without_counts_is_refused():
    assert "no counted sample" in refusal(CLEAN.partition("\n")[0])


def test_a_count_without_a_sample_id_is_refused():
    assert refusal(CLEAN.replace("TIL-0001-D16", "")) == "counts.csv, line 3: the cell 'Sample ID' is empty."


def test_what_the_second_reader_sees_differently_is_not_understood(monkeypatch):
    def convert(*arguments, **keywords):
        document = conversion_of_the_file(*arguments, **keywords)
        count = document["cell counting aggregate document"]["cell counting document"][1]
        measurement = count["measurement aggregate document"]["measurement document"][0]
        processed = measurement["processed data aggregate document"]["processed data document"][0]
        processed["viable cell density (cell counter)"]["value"] = 78.5
        return document

    conversion_of_the_file = conversion.convert
    monkeypatch.setattr("assays.readers.counters.convert", convert)

    counts = read_text(CLEAN)

    assert counts.rows[1].viable_cells_per_ml == Missing("two readers disagree: 7.85 and 78.5")
    assert [(p.line, p.column) for p in counts.problems] == [(3, "Viable (x10^6) cells/mL")]


@needs_real_files
def test_it_reads_the_real_export_and_names_its_two_error_cells():
    counts = read("vi_cell_blu.csv", (REAL / "vi_cell_blu.csv").read_bytes(), timezone=TIMEZONE)

    assert len(counts.rows) == 10
    assert [str(problem) for problem in counts.problems] == [
        "Line 8, row 7 (CLB008), Cell count: 'ERROR' is not a number",
        "Line 8, row 7 (CLB008), Viable cells: 'ERROR' is not a number",
    ]
    assert counts.rows[0].viable_cells_per_ml == Decimal(750000)
    assert counts.rows[0].counted_at == datetime(2022, 3, 21, 20, 56, tzinfo=UTC)
