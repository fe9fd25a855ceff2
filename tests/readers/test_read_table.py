"""Our own table of values: what stands in it is read exactly, what does not make sense is named by its line."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.missing import Missing
from assays.readers import Format, UnableToRead, read, recognise
from assays.readers.table import HEAD, HEAD_WITH_WELLS

WHEN = "2026-11-03 14:20:00"


def table(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines, ""]).encode()


def rows(*lines: str):
    return read("values.csv", table(*lines), timezone="Europe/Zurich")


def test_it_is_recognised_by_its_first_line_alone():
    assert recognise("anything.txt", table(f"T-1,Live,5,events,1,{WHEN}")) is Format.TABLE
    with pytest.raises(UnableToRead, match="no export of an instrument known here"):
        recognise("values.csv", table(head=HEAD.replace("Unit", "Units")))


def test_it_reads_values_bounds_units_and_the_clock_of_the_instrument():
    read_table = rows(f'"T-1, left",Cq,>40,cycles,,{WHEN}', f"T-2,Live,91234,events,2.5,{WHEN}")
    first, second = read_table.rows
    assert (first.sample_name, first.qualifier, first.value, first.dilution) == ("T-1, left", ">", 40, 1)
    assert (second.line, second.value, second.unit) == (3, Decimal(91234), "events")
    assert second.dilution == Decimal("2.5")
    assert read_table.measured_at == datetime(2026, 11, 3, 13, 20, tzinfo=UTC)
    assert read_table.problems == ()


def test_a_last_column_may_name_the_well():
    lines = [
        f"STD1,IL-2,18250,MFI,1,{WHEN},A01",
        f"STD1,IL-2,87,beads,1,{WHEN},A1",
        f"S,IL-2,5,MFI,1,{WHEN},",
    ]
    content = table(*lines, head=HEAD_WITH_WELLS)
    assert recognise("plate.csv", content) is Format.TABLE
    assert [row.well for row in read("plate.csv", content, timezone="UTC").rows] == ["A1", "A1", ""]
    for refused, words in (
        ("Z99", "“Z99” names no well"),
        ("A1,B1", "8 cells"),
        ("A49", "“A49” names no well"),
    ):
        with pytest.raises(UnableToRead, match=words):
            read("p.csv", table(f"S,IL-2,5,MFI,1,{WHEN},{refused}", head=HEAD_WITH_WELLS), timezone="UTC")


@pytest.mark.parametrize("raw", ["", "n/a", "1,000", ">>40", ">", "NaN", "4e99", "=1+1"])
def test_a_value_that_is_none_is_a_problem_and_missing(raw):
    found = rows(f'T-1,Cq,"{raw}",cycles,1,{WHEN}')
    [row], [problem] = found.rows, found.problems
    assert isinstance(row.value, Missing)
    assert (problem.line, problem.column, problem.raw) == (2, "Value", raw)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "without a row"),
        (["T-1,Cq,30,cycles,1"], "line 2: 5 cells"),
        ([f",Cq,30,cycles,1,{WHEN}"], "line 2: a row names a sample"),
        ([f"T-1,,30,cycles,1,{WHEN}"], "line 2: a row names a sample"),
        ([f"T-1,Cq,30,cycles,0.5,{WHEN}"], "line 2: the dilution “0.5”"),
        ([f"T-1,Cq,30,cycles,ten,{WHEN}"], "line 2: the dilution “ten”"),
        ([f'"T-1,Cq,30,cycles,1,{WHEN}'], "line 2"),
    ],
)
def test_a_row_that_is_no_row_refuses_the_file(lines, words):
    with pytest.raises(UnableToRead, match=words):
        rows(*lines)


def test_a_row_without_a_time_leaves_the_file_without_one():
    found = rows(f"T-1,Cq,30,cycles,1,{WHEN}", "T-2,Cq,30,cycles,1,yesterday")
    assert isinstance(found.measured_at, Missing)


@given(st.text())
def test_whatever_follows_the_first_line_is_read_or_refused(text):
    try:
        found = read("values.csv", table(text), timezone="UTC")
    except UnableToRead:
        return
    assert found.rows
