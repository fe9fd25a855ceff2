"""What each well of a plate holds, as a method lays it down."""

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.missing import Missing
from assays.readers import LayoutKind, read
from assays.rules.dilution_series import Series, fill_series
from assays.rules.layout_tables import as_grid, as_list, read_table
from assays.rules.layouts import (
    PLATES,
    Cell,
    Layout,
    UnableToLayOut,
    differences,
    lay_over,
    place_of,
    position_at,
    read_layout,
)
from tests.assays import bench

STANDARD = Cell(role="standard", name="STD", nominal=Decimal(1000))


def laid_out(wells=96, **cells):
    return read_layout({"wells": wells, "cells": cells})


def problems_of(content):
    with pytest.raises(UnableToLayOut) as refused:
        read_layout(content)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("wells", PLATES)
def test_it_names_every_well_of_every_plate(wells):
    layout = Layout(wells)
    positions = list(layout.positions)
    assert len(set(positions)) == wells == len(positions)
    assert [position_at(*place_of(position)) for position in positions] == positions


def test_the_last_well_of_the_largest_plate_is_af48():
    assert list(Layout(1536).positions)[-1] == "AF48"
    assert laid_out(1536, AF48={"role": "blank", "name": "BLK"}).cells["AF48"].role == "blank"


def test_it_takes_a01_for_a1_and_stores_what_it_reads():
    layout = laid_out(
        B02={"role": "sample", "name": "SPL1", "dilution": "20.0", "condition": "Stimulated"},
        A01={"role": "standard", "name": "STD1", "nominal": "1E3"},
    )
    assert list(layout.cells) == ["A1", "B2"]
    assert layout.content["cells"]["A1"]["nominal"] == "1000"
    assert layout.cells["B2"].dilution == 20
    assert read_layout(layout.content) == layout


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ({"role": "standards", "name": "STD1"}, "A1: The role is “standards”; allowed: standard, blank"),
        ({"role": "standard", "name": "STD1"}, "A1: A standard needs its nominal value."),
        ({"role": "standard", "name": "STD1", "nominal": "1,5"}, "“1,5”, which is no number"),
        ({"role": "standard", "name": "STD1", "nominal": "NaN"}, "“NaN”, which is no number"),
        ({"role": "standard", "name": "STD1", "nominal": "-1"}, "is -1; allowed: 0 or more"),
        ({"role": "standard", "name": "STD1", "nominal": "1e20"}, "at most 15 digits"),
        ({"role": "standard", "name": "STD1", "nominal": "1e999999999"}, "at most 15 digits"),
        ({"role": "standard", "name": "STD1", "nominal": "1e-999999999"}, "at most 15 digits"),
        ({"role": "blank", "name": "BLK", "nominal": "5"}, "a blank has none"),
        ({"role": "blank", "name": "BLK", "condition": "stimulated"}, "allowed: none, for it is a blank"),
        ({"role": "sample", "name": "=SUM(A1)"}, "The name is “=SUM(A1)”"),
        ({"role": "sample", "name": ""}, "The name is “”; allowed: 1 to 20"),
        ({"role": "sample", "name": "SPL1", "dilution": "0.05"}, "is 0.05; allowed: 1 or more"),
        ({"role": "sample", "name": "SPL1", "condition": "hot"}, "allowed: stimulated, unstimulated"),
        ({"role": "empty", "name": "SPL1"}, "An empty well has no name"),
        ({"role": "sample", "name": "SPL1", "colour": "red"}, "“colour” is not known"),
        ("STD1", "What a well holds is said by role, name"),
    ],
)
def test_it_names_the_well_that_is_wrong(cell, words):
    (problem,) = problems_of({"wells": 96, "cells": {"A1": cell}})
    assert words in problem
    assert problem.startswith("A1: ")


def test_it_names_every_well_that_is_wrong_not_the_first_alone():
    cell = {"role": "standard", "name": "STD1"}
    assert len(problems_of({"wells": 96, "cells": {"A1": cell, "B1": cell, "I1": cell, "A13": cell}})) == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"wells": 100, "cells": {}}, "no plate of “100” wells; allowed: 6, 12, 24, 48, 96, 384, 1536"),
        ({"wells": True, "cells": {}}, "no plate of “True”"),
        ({"wells": 96, "cells": []}, "named by their wells"),
        ({"wells": 96}, "“wells” and “cells”"),
    ],
)
def test_it_refuses_what_is_no_plate(content, words):
    assert words in problems_of(content)[0]


def test_one_name_is_one_thing():
    (problem,) = problems_of(
        {
            "wells": 96,
            "cells": {
                "A1": {"role": "sample", "name": "SPL1", "condition": "stimulated"},
                "A2": {"role": "sample", "name": "SPL1", "condition": "unstimulated"},
            },
        }
    )
    assert problem.startswith("A2: It is sample SPL1, unstimulated, but A1 of that name is sample SPL1, stim")


def test_wells_that_are_alike_are_replicates():
    cell = {"role": "sample", "name": "SPL1", "dilution": "20"}
    layout = laid_out(A1=cell, A2=cell, B1=cell | {"dilution": "40"})
    assert list(layout.replicates.values()) == [("A1", "A2"), ("B1",)]


samples = st.builds(
    Cell,
    role=st.just("sample"),
    name=st.sampled_from(["SPL1", "SPL2", "T-7.b", "x_1"]),
    dilution=st.integers(1, 10**6).map(Decimal),
)
controls = st.builds(
    Cell,
    role=st.just("control"),
    name=st.sampled_from(["CTL1", "9", "QC+high"]),
    nominal=st.none() | st.integers(0, 10**9).map(lambda number: Decimal(number).scaleb(-3)),
)


@given(
    st.sampled_from(sorted(PLATES)),
    st.lists(st.tuples(st.integers(0, 1535), samples | controls), max_size=6),
)
def test_a_table_of_a_layout_reads_as_that_layout(wells, drawn):
    positions = list(Layout(wells).positions)
    content = Layout(wells, {positions[place % wells]: cell for place, cell in drawn}).content
    layout = read_layout(content)
    for written in (as_list(layout), as_grid(layout)):
        assert read_table(written, wells=wells) == layout
        assert read_table("\ufeff" + written.replace("\n", "\r\n").replace(",", ";"), wells=wells) == layout


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("well,role,colour\nA1,blank,red", "The column “colour” is not known"),
        ("well,role,role\nA1,blank,blank", "“role” is there twice"),
        ("well,role,name\nA1,blank,BLK\nA01,blank,BLK", "A1: The well is given twice"),
        ("well,role,name\nA1,blank,BLK,5", "A1: The row has 4 parts, the head 3"),
        ("A1,blank,BLK", "The first row is neither"),
        (",1,2\nA,blank BLK,\nA,blank BLK,", "A1: The well is given twice"),
        (",1,2\nA,standard STD1 =10 =20,", "A1: “standard STD1 =10 =20” gives the nominal twice"),
        (",1,2\nQ,blank BLK,", "Q1: A plate of 96 wells has no well Q1; allowed: A1 to H12"),
        ('well,role\nA1,"blank', "The table cannot be read"),
        ("x" * 200_001, "200,001 letters"),
    ],
)
def test_a_table_that_is_wrong_says_where(table, words):
    with pytest.raises(UnableToLayOut, match=r".*") as refused:
        read_table(table, wells=96)
    assert words in str(refused.value)


def test_standards_fall_and_each_level_has_its_name():
    series = Series(cell=STANDARD, factor=Decimal(2), steps=7, direction="down", replicates=2)
    layout = fill_series(Layout(96), at="A1", series=series)
    assert [layout.cells[f"{row}2"].in_words for row in "ABG"] == [
        "standard STD1, 1000",
        "standard STD2, 500",
        "standard STD7, 15.625",
    ]
    assert len(layout.cells) == 14


def test_samples_are_diluted_under_one_name():
    sample = Cell(role="sample", name="SPL1", dilution=Decimal(20), condition="stimulated")
    series = Series(cell=sample, factor=Decimal(2), steps=3, replicates=2)
    layout = fill_series(Layout(96), at="C3", series=series)
    assert layout.replicates == {
        dataclasses.replace(sample, dilution=Decimal(20)): ("C3", "D3"),
        dataclasses.replace(sample, dilution=Decimal(40)): ("C4", "D4"),
        dataclasses.replace(sample, dilution=Decimal(80)): ("C5", "D5"),
    }


def test_a_series_that_does_not_end_is_kept_to_its_digits():
    layout = fill_series(Layout(96), at="A1", series=Series(cell=STANDARD, factor=Decimal(3), steps=8))
    assert layout.cells["A2"].nominal == Decimal("333.333333333333")
    assert layout.cells["A8"].nominal == Decimal("0.457247370828")


@pytest.mark.parametrize(
    ("changed", "at", "words"),
    [
        ({"steps": 13}, "A1", "A13: A plate of 96 wells has no well A13"),
        ({"replicates": 2}, "H1", "I1: A plate of 96 wells has no well I1"),
        ({"steps": 1}, "A1", "1 steps; allowed: 2 to 48"),
        ({"factor": Decimal(1)}, "A1", "The factor is 1; allowed: above 1"),
        ({"replicates": 0}, "A1", "0 replicates"),
        ({"direction": "up"}, "A1", "allowed: right, down"),
        ({}, "here", "“here” names no well to begin with"),
    ],
)
def test_a_series_that_cannot_be_laid_out_says_why(changed, at, words):
    series = Series(cell=STANDARD, factor=Decimal(2), steps=3)
    with pytest.raises(UnableToLayOut, match=words):
        fill_series(Layout(96), at=at, series=dataclasses.replace(series, **changed))


@pytest.fixture
def file():
    """An ELISA plate whose file has a layout of its own."""
    return read("plate.txt", bench.plate(("S-1", 640.0)), timezone=bench.ZONE)


def as_laid_out(file):
    roles = {LayoutKind.UNSTIMULATED: "sample", LayoutKind.OTHER: "sample"}
    content = {}
    for well in file.wells:
        if well.kind is LayoutKind.EMPTY:
            continue
        content[well.position] = {
            "role": roles.get(well.kind, well.kind.value),
            "name": well.group,
            "nominal": "" if well.nominal_concentration is None else f"{well.nominal_concentration:f}",
            "dilution": f"{well.dilution_factor or 1:f}",
            "condition": "unstimulated" if well.kind is LayoutKind.UNSTIMULATED else "",
        }
    return read_layout({"wells": 96, "cells": content})


def without_layout(file):
    wells = (
        dataclasses.replace(
            well,
            kind=LayoutKind.EMPTY,
            group="",
            layout_name="",
            nominal_concentration=None,
            dilution_factor=None,
        )
        for well in file.wells
    )
    return dataclasses.replace(file, wells=tuple(wells))


def test_a_file_with_its_own_layout_keeps_it_and_agrees_or_does_not(file):
    layout = as_laid_out(file)
    assert lay_over(file, layout) is file
    assert differences(file, layout) == ()
    moved = read_layout(
        layout.content | {"cells": layout.content["cells"] | {"H12": {"role": "blank", "name": "BLANK9"}}}
    )
    assert differences(file, moved) == ("H12 is empty; in the method it is blank BLANK9.",)


@pytest.mark.parametrize(
    ("name", "differs"), [("S001", False), ("Standard 1", False), ("S002", True), ("Sample", True)]
)
def test_a_standard_is_the_methods_by_its_number_whatever_the_instrument_calls_it(file, name, differs):
    layout = as_laid_out(file)
    wells = [dataclasses.replace(well, group=name) if well.position == "A1" else well for well in file.wells]
    assert bool(differences(dataclasses.replace(file, wells=tuple(wells)), layout)) is differs


def test_a_different_dilution_is_a_difference_of_that_well(file):
    content = as_laid_out(file).content
    position, cell = next((at, cell) for at, cell in content["cells"].items() if cell["role"] == "sample")
    cell["dilution"] = "7"
    (sentence,) = differences(file, read_layout(content))
    assert sentence.startswith(f"{position} is sample ")
    assert "1 : 7" in sentence


def test_a_file_without_layout_takes_the_methods(file):
    layout, bare = as_laid_out(file), without_layout(file)
    laid = lay_over(bare, layout)
    assert differences(laid, layout) == ()
    assert [(well.kind, well.group) for well in laid.wells] == [
        (well.kind, well.group) for well in file.wells
    ]
    assert [well.readings for well in laid.wells] == [well.readings for well in file.wells]


def test_a_file_that_names_its_wells_and_no_concentration_takes_the_methods(file):
    layout = as_laid_out(file)
    untold = Missing("no concentration in the file")
    named = dataclasses.replace(
        file,
        wells=tuple(
            dataclasses.replace(well, nominal_concentration=well.nominal_concentration and untold)
            for well in file.wells
        ),
    )
    assert lay_over(named, layout) == file
    undiluted = dataclasses.replace(
        file,
        wells=tuple(
            dataclasses.replace(well, dilution_factor=well.dilution_factor and untold) for well in file.wells
        ),
    )
    assert lay_over(undiluted, layout) == file


def test_a_file_that_tells_any_concentration_keeps_what_it_leaves_out(file):
    first, *wells = file.wells
    untold = dataclasses.replace(first, nominal_concentration=Missing("no concentration in the layout"))
    partly = dataclasses.replace(file, wells=(untold, *wells))
    assert lay_over(partly, as_laid_out(file)) is partly


def test_a_standard_of_another_name_takes_no_concentration(file):
    first, *wells = file.wells
    untold = [
        dataclasses.replace(well, nominal_concentration=well.nominal_concentration and Missing("none"))
        for well in (dataclasses.replace(first, group="STD9"), *wells)
    ]
    laid = lay_over(dataclasses.replace(file, wells=tuple(untold)), as_laid_out(file))
    assert laid.wells[0].nominal_concentration == Missing("none")
    assert laid.wells[1:] == file.wells[1:]


def test_a_plate_of_another_size_is_not_laid_over(file):
    with pytest.raises(UnableToLayOut, match="8 × 12 wells, that of the method 16 × 24"):
        lay_over(without_layout(file), Layout(384))
    assert differences(file, Layout(384)) == (
        "The plate of the file has 8 × 12 wells, that of the method 16 × 24.",
    )
