"""PD-1"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from assays.readers import LayoutKind, PlateFile, UnableToRead, conversion, read
from tests.readers.shared import OWN, REAL, TIMEZONE, needs_real_files

PLATE = (OWN / "gen5_ifng_elisa.txt").read_text()
LINES = PLATE.split("\n")
RESULTS = LINES.index("Results")


def read_text(text):
    return read("plate.txt", text.encode(), timezone=TIMEZONE)


def refusal(text):
    with pytest.raises(UnableToRead) as refused:
        read_text(text)
    return str(refused.value)


def with_line(index, line):
    return "\n".join([*LINES[:index], line, *LINES[index + 1 :]])


def with_first_reading(text):
    """The plate with another text in well A1 at 450 nm."""
    cells = LINES[RESULTS + 2].split("\t")
    return with_line(RESULTS + 2, "\t".join([cells[0], text, *cells[2:]]))


@pytest.fixture(scope="module")
def plate():
    return read_text(PLATE)


def test_it_reads_the_plate_and_when_it_was_measured(plate):
    assert isinstance(plate, PlateFile)
    assert (plate.plate_name, plate.software, plate.instrument) == ("Plate 1", "Gen5 3.12.08", "Epoch 2")
    assert plate.measured_at == datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
    assert (plate.row_count, plate.column_count, len(plate.wells)) == (8, 12, 96)
    assert plate.problems == ()
    assert plate.not_read == ()


def test_every_well_carries_both_wavelengths_exactly_as_written(plate):
    cells = LINES[RESULTS + 2].split("\t")

    assert plate.read_labels == ("450", "620")
    assert str(plate.well("A1").readings["450"]) == cells[1]
    assert str(plate.well("A2").readings["450"]) == cells[2]
    assert str(plate.well("A1").readings["620"]) == LINES[RESULTS + 3].split("\t")[1]


def test_signal_minus_reference_is_exact(plate):
    well = plate.well("A1")

    assert well.difference("450", "620") == well.readings["450"] - well.readings["620"]
    assert well.difference("450", "630") == Missing("well A1 was not read at 630")


def test_the_layout_tells_standards_blanks_controls_samples_and_unstimulated_wells(plate):
    assert plate.groups() == (
        *(f"STD{i}" for i in range(1, 8)),
        "BLK",
        "CTL1",
        "CTL2",
        "SPL1",
        "SPL2",
        "UNS1",
        "UNS2",
    )
    assert plate.well("B1").nominal_concentration == Decimal(500)
    assert plate.well("H1").kind is LayoutKind.BLANK
    assert plate.well("A3").kind is LayoutKind.CONTROL
    assert plate.well("A3").nominal_concentration == Decimal(400)
    assert plate.well("E3").kind is LayoutKind.UNSTIMULATED


def test_a_dilution_is_read_as_a_factor_and_a_name_beside_the_well_id(plate):
    well = plate.well("D3")

    assert (well.layout_name, well.group, well.kind) == ("SPL1:2", "SPL1", LayoutKind.SAMPLE)
    assert (well.dilution_factor, well.nominal_concentration) == (Decimal(40), None)
    assert well.sample_name == "TIL-0001-D22"


@pytest.mark.parametrize(
    ("written", "factor"), [("0.1", "10"), ("0.333", "3"), ("0.04", "25"), ("8", "8"), ("1", "1")]
)
def test_a_fraction_and_a_factor_mean_the_same_dilution(written, factor):
    layout = PLATE.replace("\t0.025\t0.025\t", f"\t{written}\t{written}\t", 1)

    assert read_text(layout).well("D3").dilution_factor == Decimal(factor)


def test_an_unused_well_was_not_read_and_is_no_problem(plate):
    assert plate.well("H12").kind is LayoutKind.EMPTY
    assert plate.well("H12").readings["450"] == Missing("the well was not read")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("OVRFLW", "'OVRFLW' is not a number"),
        ("?????", "'?????' is not a number"),
        ("*2.311*", "masked in the instrument: *2.311*"),
        ("2,311", "'2,311' is not a number"),
        ("", "the cell is empty"),
    ],
)
def test_a_cell_that_is_no_number_is_named_and_missing(written, message):
    plate = read_text(with_first_reading(written))

    assert plate.well("A1").readings["450"] == Missing(message)
    assert [(p.line, p.row, p.column, p.raw, p.message) for p in plate.problems] == [
        (RESULTS + 3, "A1", "450", written, message)
    ]
    assert isinstance(plate.well("A2").readings["450"], Decimal)


def test_a_standard_without_concentration_is_named():
    plate = read_text(PLATE.replace("\t1000\t1000\t", "\t\t1000\t", 1))

    assert [(p.row, p.column, p.message) for p in plate.problems] == [
        ("A1", "Conc/Dil", "no concentration in the layout")
    ]


def test_a_cut_off_results_table_is_refused_with_the_missing_row():
    message = refusal("\n".join(LINES[: RESULTS + 2 + 8]))

    assert "“450”" in message
    assert "without row E" in message
    assert "rows A to H" in message


def test_a_row_cut_off_in_the_middle_is_refused_with_its_line():
    message = refusal("\n".join(LINES[: RESULTS + 3])[:-20])

    assert f"line {RESULTS + 3}: row A has" in message
    assert "12 wells and the label are expected" in message


def test_an_export_without_results_is_refused():
    message = refusal("\n".join(LINES[:RESULTS]))

    assert message.startswith("plate.txt has no results: after “Procedure Details” (line 19)")


def test_a_row_that_is_there_twice_is_refused_with_both_lines():
    message = refusal("\n".join([*LINES[: RESULTS + 3], LINES[RESULTS + 2], *LINES[RESULTS + 3 :]]))

    assert f"line {RESULTS + 4}: row A of “450” is there twice (first on line {RESULTS + 3})" in message


def test_two_plates_of_one_name_in_a_file_are_refused():
    message = refusal(PLATE + PLATE)

    assert "two plates are called “Plate 1”" in message
    assert "name them apart or export one plate per file" in message


def test_an_export_without_a_known_reading_is_refused():
    message = refusal(PLATE.replace("Wavelengths:  450, 620", "Wavelengths:  405"))

    assert "no absorbance, fluorescence or luminescence reading" in message
    assert "“450”, “620”" in message


def test_a_time_that_is_none_is_named_and_missing():
    plate = read_text(PLATE.replace("Date\t11/20/2026", "Date\t20.11.2026"))

    assert isinstance(plate.measured_at, Missing)
    assert [(p.row, p.column) for p in plate.problems] == [("header", "Date, Time")]


def test_what_the_second_reader_sees_differently_is_not_understood(monkeypatch):
    def convert(*arguments, **keywords):
        document = conversion_of_the_file(*arguments, **keywords)
        plate = document["plate reader aggregate document"]["plate reader document"][0]
        measurement = plate["measurement aggregate document"]["measurement document"][1]
        measurement["absorbance"]["value"] = 9.999
        measurement["sample document"]["sample identifier"] = "SPL9"
        return document

    conversion_of_the_file = conversion.convert
    monkeypatch.setattr("assays.readers.gen5.convert", convert)

    plate = read_text(PLATE)

    assert len(plate.problems) == 1
    assert plate.problems[0].row == "A1"
    assert plate.problems[0].column == "620"
    assert plate.problems[0].message.endswith("and 9.999")
    assert isinstance(plate.well("A1").readings["620"], Missing)


@needs_real_files
def test_it_reads_the_real_protein_plate_with_the_instruments_own_concentrations():
    plate = read("gen5.txt", (REAL / "gen5_elisa_standard_curve.txt").read_bytes(), timezone=TIMEZONE)

    assert plate.problems == ()
    assert plate.read_labels == ("630",)
    assert plate.not_read == ("Blank 630nmAbsRead:630",)
    assert plate.measured_at == datetime(2022, 10, 11, 1, 0, 4, tzinfo=UTC)
    assert plate.well("A1").readings["630"] == Decimal("3.337")
    assert plate.well("A1").instrument_concentration == Decimal("1980.423")
    assert plate.well("D4").dilution_factor == Decimal(8)


@needs_real_files
def test_it_reads_the_real_luminescence_plate_that_has_no_layout():
    plate = read("lum.txt", (REAL / "gen5_luminescence.txt").read_bytes(), timezone=TIMEZONE)

    assert plate.problems == ()
    assert plate.read_labels == ("Lum",)
    assert plate.well("H12").readings["Lum"] == Decimal(250360)
    assert plate.groups() == ()


@needs_real_files
def test_the_real_export_without_results_is_refused():
    with pytest.raises(UnableToRead, match="has no results: after “Procedure Details”"):
        read("gen5.txt", (REAL / "gen5_bad_no_results.txt").read_bytes(), timezone=TIMEZONE)
