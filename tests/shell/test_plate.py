"""A plate as a heat map."""

import pytest

from assays.kernel.missing import Missing
from tilmfg.shell.drawings.plate import plate_shape, row_and_column
from tilmfg.shell.pictures import Well


def _wells(*positions, value=1.0):
    return [Well(position=position, value=value, role="sample") for position in positions]


@pytest.mark.parametrize(
    ("last", "rows", "columns"),
    [
        ("B3", 2, 3),
        ("D6", 4, 6),
        ("H12", 8, 12),
        ("A12", 8, 12),
        ("P24", 16, 24),
        ("A1", 2, 3),
        ("Q1", 32, 48),
        ("AF48", 32, 48),
    ],
)
def test_it_takes_the_smallest_plate_that_holds_every_well(last, rows, columns):
    shape = plate_shape(_wells("A1", last))
    assert (len(shape.rows), len(shape.columns)) == (rows, columns)


@pytest.mark.parametrize("position", ["A0", "AG1", "A49", "1A", "", "BA1", "A1 "])
def test_it_refuses_a_position_that_no_plate_has(position):
    with pytest.raises(ValueError, match="not a well position"):
        row_and_column(position)


def test_it_reads_a_column_with_a_leading_zero():
    assert row_and_column("B03") == (1, 2)


def test_it_names_the_rows_of_the_largest_plate_and_leaves_their_values_to_the_table():
    shape = plate_shape(_wells("Z1", "AA1", "AF48"))
    assert [letter for letter, _ in shape.rows][25:] == ["Z", "AA", "AB", "AC", "AD", "AE", "AF"]
    assert shape.rows[26][1] == shape.wells[1].y
    assert {well.value for well in shape.wells} == {""}


def test_it_counts_no_empty_wells_where_none_has_a_role_yet():
    wells = [Well(position=f"A{n}", value=n, role="empty") for n in (1, 2)]
    assert plate_shape(wells).roles == []
    assert plate_shape([*wells, *_wells("A3")]).roles == [("sample", 1), ("empty", 2)]


def test_it_shades_from_the_lowest_to_the_highest_value():
    wells = [Well(position=f"A{n}", value=n, role="sample") for n in range(1, 8)]
    assert [well.shade for well in plate_shape(wells).wells] == list("0123456")


def test_it_says_why_a_value_is_missing_and_shades_nothing():
    gone = Well(position="A2", value=Missing(reason="OVRFLW"), role="sample")
    shape = plate_shape([*_wells("A1"), gone])
    assert shape.wells[1].shade == "none"
    assert "missing: OVRFLW" in shape.wells[1].words


def test_it_counts_roles_in_the_order_of_the_plate_reader_and_the_masked():
    wells = [
        Well(position="A1", value=1, role="blank"),
        Well(position="A2", value=1, role="standard", masked=True),
        Well(position="A3", value=1, role="spike"),
    ]
    shape = plate_shape(wells)
    assert shape.roles == [("standard", 1), ("blank", 1), ("spike", 1)]
    assert shape.masked_count == 1
    assert shape.wells[2].role == "other"


def test_it_draws_a_plate_of_equal_or_missing_values():
    assert plate_shape(_wells("A1", "A2")).wells[0].shade == "0"
    assert plate_shape(_wells("A1", value=None)).lowest == ""
