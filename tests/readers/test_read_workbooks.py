"""What SkanIt, Mabtech Apex and Diomni write into workbooks. PD-1"""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from assays.kernel.missing import Missing
from assays.readers import LayoutKind, UnableToRead, conversion, plates_in, read
from tests.data.specimens.mabtech_apex import LIGHTS, spots
from tests.data.specimens.plate import COLUMNS, ROWS, SOURCE
from tests.data.specimens.skanit import skanit
from tests.readers.shared import OWN, TIMEZONE

MEASURED = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
SKANIT, ELISPOT, FLUOROSPOT, DIOMNI = (
    (OWN / name).read_bytes() for name in ("skanit.xlsx", "elispot.xlsx", "fluorospot.xlsx", "diomni.xlsx")
)
ABSORBANCE, DATABASE = "Absorbance 1_01", "Plate Database"
USED = [well for well in SOURCE.wells if well.layout_name]


def edited(content, sheet, *edits, dropped=(), title=""):
    """`edits` are cells and what is written into them, `dropped` rows from the last to the first."""
    book = load_workbook(io.BytesIO(content))
    for cell, value in edits:
        book[sheet][cell].value = value
    for row in dropped:
        book[sheet].delete_rows(row)
    if title:
        book[sheet].title = title
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def replaced(content, old, new):
    book = load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = cell.value.replace(old, new)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def of(content, **given):
    return read("export.xlsx", content, timezone=TIMEZONE, **given)


def refusal(content):
    with pytest.raises(UnableToRead) as refused:
        of(content)
    return str(refused.value)


def problems(records):
    return [(one.line, one.row, one.column, one.message) for one in records.problems]


class TestSkanIt:
    def test_the_wells_hold_what_the_grid_of_samples_says(self):
        plate = of(SKANIT)
        assert plate.not_read == ("Blank subtraction 1_01",)
        assert [(well.group, well.kind) for well in plate.wells] == [
            (well.group, well.kind) for well in SOURCE.wells
        ]
        assert plate.plate_code == ""

    def test_samples_that_the_program_numbered_are_samples(self):
        plate = of(replaced(SKANIT, "SPL1", "Un0001"))
        assert {well.kind for well in plate.wells if well.group == "Un0001"} == {LayoutKind.SAMPLE}

    @pytest.mark.parametrize(
        ("value", "message"),
        [("OVER", "'OVER' is not a number"), (None, "the cell is empty"), ("2,5", "'2,5' is not a number")],
    )
    def test_a_cell_that_is_no_number_is_named_and_missing(self, value, message):
        plate = of(edited(SKANIT, ABSORBANCE, ("B12", value)))
        assert problems(plate) == [(12, "A1", "450", message)]
        assert plate.well("A1").readings["450"] == Missing(message)
        assert plate.well("A1").readings["620"] == Decimal("0.041")

    def test_wells_without_a_name_are_read_as_well(self):
        plate = of(edited(SKANIT, ABSORBANCE, ("M19", 0.062), ("M31", 0.041)))
        assert (plate.problems, plate.well("H12").kind) == ((), LayoutKind.EMPTY)
        assert plate.well("H12").readings == {"450": Decimal("0.062"), "620": Decimal("0.041")}
        assert plate.well("A1").readings == SOURCE.well("A1").readings

    def test_of_several_plates_each_is_read_alone(self):
        content = skanit("PL-0042", "Plate 2")
        assert plates_in("x.xlsx", content) == ("PL-0042", "Plate 2")
        broken = edited(content, ABSORBANCE, ("B48", "OVER"))
        first, second = (of(broken, plate=plate) for plate in ("PL-0042", "Plate 2"))
        assert (first.plate_code, second.plate_code) == ("PL-0042", "")
        assert (problems(first), problems(second)) == ([], [(48, "A1", "450", "'OVER' is not a number")])
        for well in USED:
            assert first.well(well.position).readings == well.readings
        with pytest.raises(UnableToRead, match="holds 2 plates: PL-0042, Plate 2; none of them is called “”"):
            of(content)

    def test_a_plate_may_be_called_by_its_barcode(self):
        plate = of(skanit("PL-0042"))
        assert (plate.plate_code, plate.problems) == ("PL-0042", ())
        assert plate.well("A1").readings == SOURCE.well("A1").readings

    @pytest.mark.parametrize(
        ("unit", "kind", "light", "label"),
        [
            ("RLU", "Luminescence", "Wavelength: 0 nm", "Lum"),
            ("RFU", "Fluorescence", "Excitation: 485 nm, emission: 528 nm", "485,528"),
        ],
    )
    def test_light_is_read_as_absorbance_is(self, unit, kind, light, label):
        content = edited(
            SKANIT,
            ABSORBANCE,
            ("A11", unit),
            ("A9", light),
            ("A21", "note"),
            dropped=range(31, 22, -1),
            title=f"{kind} 1_01",
        )
        plate = of(replaced(content, "Absorbance 1", f"{kind} 1"))
        assert (plate.read_labels, plate.problems) == ((label,), ())
        assert plate.well("A1").readings[label] == SOURCE.well("A1").readings["450"]

    def test_a_grid_that_is_cut_off_is_refused_with_its_place(self):
        message = refusal(edited(SKANIT, ABSORBANCE, dropped=range(31, 28, -1)))
        assert "“Absorbance 1_01”, line 23: 5 rows of 12 wells follow, which is no plate" in message

    def test_one_wavelength_twice_is_refused(self):
        message = refusal(replaced(SKANIT, "620 nm", "450 nm"))
        assert "line 23: the plate “Plate 1” is read at 450 a second time" in message

    def test_more_grids_than_anybody_waits_for_are_refused(self):
        book = load_workbook(io.BytesIO(SKANIT))
        rows = list(book[ABSORBANCE].iter_rows(min_row=9, max_row=20, values_only=True))
        for nanometres in range(300, 311):
            for row in [(f"Wavelength: {nanometres} nm",), *rows[1:]]:
                book[ABSORBANCE].append(row)
        saved = io.BytesIO()
        book.save(saved)
        assert "holds 13 grids of one plate; at most 12 are read" in refusal(saved.getvalue())

    def test_a_file_without_its_grids_is_refused(self):
        assert "no sheet of absorbance" in refusal(edited(SKANIT, ABSORBANCE, title="Results"))

    def test_a_second_reader_that_disagrees_is_named(self, monkeypatch):
        convert = conversion.convert

        def altered(filename, content, *args, **given):
            return convert(filename, edited(content, ABSORBANCE, ("B12", 2.5861)), *args, **given)

        monkeypatch.setattr("assays.readers.skanit.convert", altered)
        message = "two readers disagree: the converter does not find 2.586"
        assert problems(of(SKANIT)) == [(12, "A1", "450", message)]


class TestMabtechApex:
    def test_every_well_has_its_spots_and_their_volumes(self):
        plate = of(ELISPOT)
        assert plate.read_labels == ("Spots", "Average RSV", "Sum RSV")
        for row, letter in enumerate(ROWS):
            for column in COLUMNS:
                count = spots(row, column)
                assert plate.well(f"{letter}{column}").readings == {
                    "Spots": count,
                    "Average RSV": 410 + column,
                    "Sum RSV": count * (410 + column),
                }
        assert (plate.plate_code, plate.problems) == ("PL-0042", ())
        assert plate.measured_at == datetime(2026, 11, 20, 15, 7, 12, tzinfo=UTC)
        assert plate.not_read == ("Saved Date", "Exposure", "Preset Intensity", "Layout-Donor")

    def test_every_population_of_a_fluorospot_is_a_reading_of_the_wells_that_were_read(self):
        plate = of(FLUOROSPOT)
        assert [label for label in plate.read_labels if "RSV" not in label] == list(LIGHTS)
        assert plate.well("A1").readings["LED490 Total"] == spots(0, 1)
        assert plate.well("D12").readings["LED490+LED550"] == spots(3, 12) + 4
        assert plate.well("D12").readings["LED550 Single: Sum RSV550"] == 9042
        assert "LED490 Total: Sum RSV550" not in plate.read_labels
        assert set(plate.well("E1").readings.values()) == {Missing("the well was not read")}
        assert plate.problems == ()

    @pytest.mark.parametrize(
        ("value", "message"),
        [("TNTC", "'TNTC' is not a number"), (None, "the cell is empty"), ("", "the cell is empty")],
    )
    def test_a_cell_that_is_no_number_is_named_and_missing(self, value, message):
        plate = of(edited(ELISPOT, DATABASE, ("C3", value)))
        assert problems(plate) == [(3, "A2", "Spots", message)]
        assert plate.well("A2").readings["Average RSV"] == 412

    def test_a_well_that_was_masked_in_the_instrument_is_missing(self):
        plate = of(edited(ELISPOT, DATABASE, ("K2", "YES")))
        assert plate.well("A1").readings["Spots"] == Missing("masked in the instrument: 5")
        assert {one.row for one in plate.problems} == {"A1"}

    def test_of_several_plates_each_is_read_alone(self):
        book = load_workbook(io.BytesIO(ELISPOT))
        sheet = book[DATABASE]
        for row in list(sheet.iter_rows(min_row=2, values_only=True)):
            sheet.append(["PL-0043", row[1], row[2] + 1, *row[3:]])
        saved = io.BytesIO()
        book.save(saved)
        both = saved.getvalue()
        assert plates_in("x.xlsx", both) == ("PL-0042", "PL-0043")
        first, second = (of(both, plate=plate) for plate in ("PL-0042", "PL-0043"))
        assert (first.plate_code, second.plate_code) == ("PL-0042", "PL-0043")
        assert first.wells == of(ELISPOT).wells
        assert (second.well("A1").readings["Spots"], second.problems) == (6, ())
        assert second.well("A1").lines["Spots"] == 98

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (
                edited(ELISPOT, DATABASE, ("B3", "A1")),
                "line 3: “A1” is no well, or its “Spots” is there twice",
            ),
            (edited(FLUOROSPOT, DATABASE, dropped=[6]), "“LED490+LED550” is not there for well A1"),
            (edited(ELISPOT, DATABASE, ("F1", "Date")), "line 1: the column “Read Date” is missing"),
            (edited(ELISPOT, DATABASE, dropped=range(97, 1, -1)), "holds no well that was read"),
        ],
    )
    def test_a_file_that_was_edited_is_refused_naming_the_place(self, content, message):
        assert message in refusal(content)


class TestDiomni:
    def test_both_releases_name_their_sheet_and_the_plate(self):
        older = of(edited(DIOMNI, "Target Call", title="Target_Call"))
        assert older == of(DIOMNI)
        assert (older.software, older.instrument) == ("Diomni 4.3.0", "QuantStudio™ 7 Pro System")
        assert (older.measured_at, older.plate_code, older.rows[0].line) == (MEASURED, "PL-0042", 15)

    def test_a_cell_that_is_no_cycle_is_named_and_missing(self):
        table = of(edited(DIOMNI, "Target Call", ("H15", "thirty")))
        assert problems(table) == [
            (15, "Positive control, A1", "Mycoplasma", "'thirty' is no quantification cycle")
        ]

    def test_a_reaction_left_out_in_the_instrument_is_missing(self):
        table = of(edited(DIOMNI, "Target Call", ("B15", "Yes")))
        assert table.rows[0].value == Missing("left out in the instrument's own analysis: 31.204")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (edited(DIOMNI, "Target Call", ("A14", "Place")), "no line that begins with “Well”"),
            (edited(DIOMNI, "Target Call", ("H14", "Cycle")), "line 14: the column “Cq” is missing"),
            (edited(DIOMNI, "Target Call", ("A16", "A1")), "line 16: “A1” is no well, or its target"),
            (edited(DIOMNI, "Target Call", ("C15", None)), "well A1 has a Cq and no sample"),
            (edited(DIOMNI, "Target Call", ("B15", "perhaps")), "“perhaps” is neither true nor false"),
        ],
    )
    def test_a_file_that_was_edited_is_refused_naming_the_place(self, content, message):
        assert message in refusal(content)
