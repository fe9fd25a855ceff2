"""A line of the counter of Cellaca counts whole or not at all. PD-1."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from assays.readers import UnableToRead, read
from tests.data.specimens.matrix import WELLS, matrix, matrix_flat, matrix_workbook
from tests.readers.shared import TIMEZONE

WRITTEN = {"above a head": matrix(), "alone": matrix_flat(), "in a workbook": matrix_workbook()}


def counts_of(content):
    return read("renamed.dat", content if isinstance(content, bytes) else content.encode(), timezone=TIMEZONE)


@pytest.mark.parametrize("how", WRITTEN)
def test_the_counts_are_the_same_however_they_were_exported(how):
    counts = counts_of(WRITTEN[how])
    for row, (name, live, dead, per_ml, error) in zip(counts.rows, WELLS, strict=True):
        assert (row.sample_name, row.viable_cells_counted, row.cells_counted) == (name, live, live + dead)
        assert row.viable_cells_per_ml == Decimal(per_ml) * 1_000_000
        assert row.viability_percent == round(Decimal(live * 100) / (live + dead))
        assert [problem.raw for problem in row.problems] == ([error] if error else [])
    is_told = how == "above a head"
    told = (datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC), Decimal(2))
    not_told = (Missing("it holds no date and time"), Missing("the file does not tell the dilution"))
    assert {(row.counted_at, row.dilution) for row in counts.rows} == {told if is_told else not_told}


def test_a_well_whose_image_failed_is_named_and_so_not_imported():
    *_, failed = counts_of(matrix()).rows
    assert failed.viability_percent == 100
    [problem] = failed.problems
    assert "the counter reports “No Cells found in F2 Image A, Intensity range to low”" in str(problem)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("4.41,", "many,", "Live Concentration (E6): 'many' is not a number"),
        ("2249,", "-2249,", "Live Count: -2249 is below zero"),
        ("2489,", "2488,", "Total Count: live and dead cells do not add up to the total"),
        ("90.00,", "99.00,", "Viability (%): 99.00 % is not the live part of the counted cells"),
        (",2489,", ",,", "Total Count: the cell is empty"),
    ],
)
def test_what_is_no_number_or_contradicts_itself_is_named(old, new, message):
    first, second, _ = counts_of(matrix().replace(old, new, 1)).rows
    assert [str(problem).split("), ", 1)[1] for problem in first.problems] == [message]
    assert second.problems == ()


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("Results Timestamp,11/20/2026", "Results Timestamp,20.11.2026", "Results Timestamp"),
        ("Dilution Factor: 2", "Dilution Factor: half", "Dilution"),
    ],
)
def test_what_is_said_once_of_all_and_not_understood_is_a_problem_of_each(old, new, column):
    for row in counts_of(matrix().replace(old, new)).rows[:2]:
        assert [problem.column for problem in row.problems] == [column]


def test_a_part_of_one_in_a_workbook_is_told_by_the_counted_cells():
    """87 % is kept as 0.87, and 100 % as 1; 0.87 % of cells that mostly live is a contradiction."""
    text = matrix_flat().replace("90.00%", "0.9").replace("87.00%", "0.87%").replace("100.00%", "1")
    first, second, third = counts_of(text).rows
    assert (first.viability_percent, third.viability_percent) == (90, 100)
    assert [problem.column for problem in second.problems] == ["Viability"]


def test_a_file_without_a_column_or_a_name_is_refused_with_its_line():
    for old, new, message in (
        (
            "Live Concentration (E6)",
            "Live",
            "line 9: one column “Live Cells/mL or Live Concentration (E6)” is",
        ),
        ("TIL-0002-D22", "", "line 11: the cell “Well Name” is empty"),
        (",1814,3.55,5,", ",1814,3.55", "line 11: 14 cells where the head has 16"),
    ):
        with pytest.raises(UnableToRead) as refused:
            counts_of(matrix().replace(old, new))
        assert message in str(refused.value)
