"""EnVision, Kaleido, Methodical Mind and SMART Control: what a file does not say whole is not taken. PD-1."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pytest
from openpyxl import load_workbook

from assays.kernel.missing import Missing
from assays.readers import UnableToRead, plates_in, read
from assays.readers.records import LayoutKind, code_of
from tests.data.specimens.envision import envision
from tests.data.specimens.kaleido import kaleido_2, kaleido_3
from tests.data.specimens.methodical_mind import methodical_mind
from tests.data.specimens.plate import signal, used
from tests.data.specimens.smart_control import smart_control
from tests.data.specimens.workbook import workbook
from tests.readers.shared import TIMEZONE

TEXTS = {
    "envision": envision(),
    "kaleido_2": kaleido_2(),
    "kaleido_3": kaleido_3(),
    "methodical_mind": methodical_mind(),
}
FIRST = {"envision": "450", "kaleido_2": "450", "kaleido_3": "450", "methodical_mind": "IFN-g"}
LAST = {
    "envision": "Exported with EnVision",
    "kaleido_2": "Exported with Kaleido",
    "kaleido_3": "Exported with Kaleido",
    "methodical_mind": "Peak Vltg:",
}


@cache
def plate_of(text, *, timezone=TIMEZONE, plate=""):
    return read(
        "renamed.dat", text if isinstance(text, bytes) else text.encode(), timezone=timezone, plate=plate
    )


def refusal(text):
    with pytest.raises(UnableToRead) as refused:
        plate_of(text)
    return str(refused.value)


def a1(name):
    """The line of well A1 in the first table, and its first cell."""
    separator = "\t" if name == "methodical_mind" else ","
    line = plate_of(TEXTS[name]).well("A1").lines[FIRST[name]]
    return line, TEXTS[name].split("\r\n")[line - 1].split(separator)[1].strip()


@pytest.mark.parametrize(("name", "broken"), [*zip(TEXTS, ("OVER", "1,5", "٣", "NaN"), strict=True)])
def test_a_cell_that_is_no_number_is_named_and_the_others_stand(name, broken):
    whole, (line, cell) = plate_of(TEXTS[name]), a1(name)
    lines = TEXTS[name].split("\r\n")
    quoted = f'"{broken}"' if "," in broken and name != "methodical_mind" else broken
    lines[line - 1] = lines[line - 1].replace(cell, quoted, 1)
    plate = plate_of("\r\n".join(lines))
    [problem] = plate.problems
    assert (problem.line, problem.row, problem.column, problem.raw) == (line, "A1", FIRST[name], broken)
    assert isinstance(plate.well("A1").readings[FIRST[name]], Missing)
    assert plate.wells[1:] == whole.wells[1:]


@pytest.mark.parametrize("name", TEXTS)
def test_a_row_with_a_cell_too_few_or_too_many_is_refused_with_its_line(name):
    line, cell = a1(name)
    for changed in (f"{cell}{',' if name != 'methodical_mind' else chr(9)}7", None):
        lines = TEXTS[name].split("\r\n")
        row = lines[line - 1]
        separator = "\t" if name == "methodical_mind" else ","
        lines[line - 1] = (
            row.replace(cell, changed, 1) if changed else row.rstrip(separator).rpartition(separator)[0]
        )
        assert f"line {line}: row A has" in refusal("\r\n".join(lines))


@pytest.mark.parametrize("name", TEXTS)
def test_a_row_of_the_plate_that_is_gone_is_refused(name):
    line, _ = a1(name)
    lines = TEXTS[name].split("\r\n")
    del lines[line]
    assert "cut off or was edited" in refusal("\r\n".join(lines))


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_without_its_last_line_is_cut_off(name):
    kept = TEXTS[name][: TEXTS[name].rindex(LAST[name])]
    message = refusal(kept)
    assert "the file is cut off" in message
    assert LAST[name].split(":")[0].split(" with")[0] in message


@pytest.mark.parametrize("name", TEXTS)
def test_the_plate_is_called_by_its_barcode(name):
    plate = plate_of(TEXTS[name])
    assert plate.plate_code == plate.plate_name == ("PL0042" if name == "methodical_mind" else "PL-0042")
    without = TEXTS[name].replace("*PL0042*", "").replace('""PL-0042""', '""""').replace("PL-0042", "Plate 1")
    assert plate_of(without).plate_code == ""


@pytest.mark.parametrize("name", ["V-2020-10-26 16:16:17", "8/22/2023 10:50:28 AM", "V-2026-11-20 09:00:00"])
def test_a_time_in_the_place_of_a_barcode_is_no_name(name):
    assert code_of(name) == ""


def test_the_wavelengths_of_envision_are_those_of_its_filters():
    other = envision().replace("CWL=450nm BW=8nm", "of a kind that nobody knows")
    assert plate_of(other).read_labels == ("ELISA A450", "620")
    assert plate_of(envision().replace("Photometric 450,,,,131", "Photometric 4,,,,131")).read_labels == (
        "ELISA A450",
        "620",
    )
    monochromator = envision().replace("Exc. filter,,,,Photometric 450", "Excitation wavelength,,,,562 nm")
    assert plate_of(monochromator).read_labels == ("562", "620")
    luminescence = envision().replace("De=1st Ex=Btm Em=N/A", "De=USLum Ex=N/A Em=N/A")
    assert plate_of(luminescence).read_labels == ("ELISA A450", "ELISA A620")


@pytest.mark.parametrize("name", ["envision", "kaleido_2", "kaleido_3"])
def test_a_mark_on_the_map_that_nobody_knows_changes_nothing(name):
    mark = ",STD," if name == "envision" else ",S1,"
    assert mark in TEXTS[name]
    plate = plate_of(TEXTS[name].replace(mark, ",Q9,"))
    assert (plate.wells, plate.not_read) == (plate_of(TEXTS[name]).wells, ("Platemap",))


def test_envision_is_read_with_letters_and_numbers_or_without():
    lines = [
        line.partition(",")[2] if line[:2] in {f"{row}," for row in "ABCDEFGH"} and "- " not in line else line
        for line in envision().split("\r\n")
        if not line.startswith("Results for")
    ]
    head = [at for at, line in enumerate(lines) if line.startswith(",01,02")]
    assert len(head) == 3
    bare = plate_of("\r\n".join(line for at, line in enumerate(lines) if at not in head[:2]))
    whole = plate_of(envision())
    assert bare.problems == ()
    assert [well.readings for well in bare.wells] == [well.readings for well in whole.wells]


def test_what_envision_calculates_is_named_and_not_taken():
    about, _rest = envision().split("\r\n\r\n", 1)
    title, head, told = about.split("\r\n")
    calculated = [
        title,
        head.replace("Group,Label,ScanX,ScanY,Measinfo,Kinetics", "Formula"),
        told.replace("1,ELISA A450(1),0,0,De=1st Ex=Btm Em=N/A Wdw=N/A (8),0", "Calc 1: Ratio = X / Y"),
    ]
    grid = ["", "Calculated results: Calc 1", ",01,02,", "A,1,2,", "B,3,4,", "", ""]
    plate = plate_of("\r\n".join([*calculated, *grid, envision()]))
    assert plate.not_read == ("Calc 1: Ratio = X / Y", "Platemap")
    assert plate.read_labels == ("450", "620")
    assert plate.problems == ()


def test_the_earliest_time_of_envision_is_that_of_its_first_label():
    plate = plate_of(envision("11/20/2026 9:59:58 AM", "11/20/2026 10:01:02 AM"))
    assert plate.measured_at == datetime(2026, 11, 20, 14, 59, 58, tzinfo=UTC)
    assert plate.problems == ()


def test_kaleido_of_other_versions_and_images_are_refused():
    assert "was exported with Kaleido 1.2.9; read are 2.0, 3.0 and 3.5" in refusal(
        kaleido_3().replace("Exported with Kaleido 3.0.3067.117", "Exported with Kaleido 1.2.9")
    )
    images = "\r\n".join(
        f"{line[0]},{','.join(['20261120-c1.tiff'] * 12)}"
        if line[:2] in ("A,", "B,") and "." in line
        else line
        for line in kaleido_2().split("\r\n")
    )
    assert plate_of(images).problems[0].raw == "20261120-c1.tiff"
    alone = kaleido_2()
    for cell in {
        text
        for line in alone.split("\r\n")
        if line[1:2] == ","
        for text in line.split(",")[1:]
        if "." in text
    }:
        alone = alone.replace(f",{cell}", ",x.tiff")
    assert "holds no number; absorbance, fluorescence and luminescence are read, images are not" in refusal(
        alone
    )


def test_kaleido_3_5_as_a_spreadsheet_keeps_it():
    """Every line as long as the longest, and the time without seconds."""
    lines = kaleido_3("11/20/2026 10:04").replace("3.0.3067.117", "3.5.3082.227").split("\r\n")
    padded = [line + "," * (13 - line.count(",")) for line in lines[:-3]]
    plate = plate_of("\r\n".join(padded))
    assert plate.problems == ()
    assert plate.measured_at == datetime(2026, 11, 20, 15, 4, tzinfo=UTC)
    assert [well.readings for well in plate.wells] == [well.readings for well in plate_of(kaleido_3()).wells]


def test_kaleido_of_two_plates_is_refused():
    other = kaleido_2().replace("Barcode: PL-0042", "Barcode: PL-0041", 1)
    assert "is of the plates “PL-0041” and “PL-0042”; export one plate per file" in refusal(other)


def test_a_spot_of_methodical_mind_is_called_by_its_assay_or_its_number():
    assert plate_of(methodical_mind(assays=",,,")).read_labels == ("Spot 1", "Spot 2")
    plate = plate_of(methodical_mind())
    for well in used():
        assert plate.well(well.position).readings == {"IFN-g": signal(well), "IL-2": signal(well) // 2}
    legend = methodical_mind().replace("Visible Spots:", "Seen:").replace("<>   <>", "<>\r\n  \t<>")
    assert plate_of(legend).read_labels == ("IFN-g", "IL-2")
    hidden = methodical_mind().replace("Visible Spots:\t1,2", "Visible Spots:\t1")
    assert "which is not among the visible spots" in refusal(hidden)


def test_more_spots_than_anybody_waits_for_are_refused():
    head, table = methodical_mind().split("  \t1   ")
    head = head.replace("96 Multi-Spot 4", "384 Multi-Spot 25").replace(
        "Spots Per Well:\t4", "Spots Per Well:\t25"
    )
    head = head.replace("Per Row:\t12", "Per Row:\t24").replace("Per Col:\t8", "Per Col:\t16")
    columns = "\t".join(map(str, range(1, 25)))
    values = "\t71" * 24
    rows = [f"{' ' if spot else row}{values}" for row in "ABCDEFGHIJKLMNOP" for spot in range(25)]
    end = table[table.index("==========Processing") :]
    many = "\r\n".join([f"{head}\t{columns}", *rows, "", end]).replace("Visible Spots:\t1,2", "Seen:")
    assert "has 9,600 readings of one plate; at most 6,144 are read" in refusal(many.replace("<1>   <2>", ""))


def test_the_zone_that_methodical_mind_tells_is_that_of_its_instrument():
    """Otherwise somebody says when it was measured."""
    plate = plate_of(methodical_mind(), timezone="Europe/Zurich")
    assert isinstance(plate.measured_at, Missing)
    [problem] = plate.problems
    assert problem.message == "11/20/2026 10:04:05 EST: the instrument’s own zone was CET then"
    assert (
        plate_of(methodical_mind("11/20/2026\t10:04:05")).measured_at
        == plate_of(methodical_mind()).measured_at
    )


def test_spots_that_were_exported_apart_are_one_plate():
    def apart(spot):
        lines = methodical_mind().replace("Spots Per Well:\t4", "Spots Per Well:\t1").split("\r\n")
        start = next(at for at, line in enumerate(lines) if "=Data=" in line) + 2
        table = [line for line in lines[start:] if line[:2] in {f"{row} " for row in "ABCDEFGH"}]
        end = next(at for at, line in enumerate(lines) if "=Processing=" in line)
        kept = [line for line in lines[: start - 2] if not line.startswith(("Assays", "Visible Spots"))]
        return [*kept, f"SpotID   :\t{spot}", *lines[start - 2 : start], *table, "", *lines[end:]]

    text = "\r\n".join([*apart(1), *apart(2)])
    plate = plate_of(text)
    assert (plate.read_labels, plate.problems) == (("Spot 1", "Spot 2"), ())
    assert plates_in("m.txt", text.encode()) == ()
    assert "“Spot 1” is there twice" in refusal("\r\n".join([*apart(1), *apart(1)]))


def test_a_workbook_of_methodical_mind_is_refused_with_what_to_import_instead():
    rows = [line.split("\t") for line in methodical_mind().split("\r\n")]
    assert "made of an export of Methodical Mind; import the text file (TXT)" in refusal(
        workbook("Sheet1", rows)
    )


def changed(book, **cells):
    """The workbook with other cells in its table."""
    opened = load_workbook(io.BytesIO(book))
    for place, value in cells.items():
        opened["Table End point"][place] = value
    packed = io.BytesIO()
    opened.save(packed)
    return packed.getvalue()


def test_smart_control_tells_the_layout_of_its_plate():
    plate = plate_of(smart_control())
    assert (plate.read_labels, plate.plate_code, plate.problems) == (("485,530",), "PL-0042", ())
    assert plate.measured_at == datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
    for well in used():
        told = plate.well(well.position)
        assert told.readings == {"485,530": signal(well)}
        assert told.kind in (well.kind, LayoutKind.OTHER)
        if told.kind in (LayoutKind.STANDARD, LayoutKind.BLANK):
            assert told.group == well.group
        if isinstance(well.nominal_concentration, Decimal):
            assert told.nominal_concentration == well.nominal_concentration
        if isinstance(well.dilution_factor, Decimal):
            assert told.dilution_factor == well.dilution_factor
    assert [well.kind for well in plate.wells].count(LayoutKind.EMPTY) == 96 - 36
    assert plate.not_read == ("Blank corrected based on Raw Data (485-12/530-30)",)


def test_a_cell_of_smart_control_that_is_no_number_is_named():
    plate = plate_of(changed(smart_control(), B7="overflow", C7=None))
    whole = plate_of(smart_control())
    first, second = (well.position for well in used()[:2])
    assert [(problem.line, problem.row, problem.raw) for problem in plate.problems] == [
        (7, first, "overflow"),
        (7, second, ""),
    ]
    assert [well for well in plate.wells if well.position not in (first, second)] == [
        well for well in whole.wells if well.position not in (first, second)
    ]


def test_smart_control_that_was_edited_or_is_no_fluorescence_is_refused():
    assert "says “A01” where the next well is expected" in refusal(changed(smart_control(), C3="A01"))
    assert "there is no well P1 on a plate “NUNC 96”" in refusal(changed(smart_control(), B3="P01"))
    assert "has no line “Raw Data (485-12/530-30)”" in refusal(changed(smart_control(), A7="Raw Data (450)"))
    book = load_workbook(io.BytesIO(smart_control()))
    for row in book["Protocol Information"].iter_rows():
        if row[0].value == "Excitation:":
            row[1].value = None
    packed = io.BytesIO()
    book.save(packed)
    assert "read is a fluorescence of one excitation and one emission" in refusal(packed.getvalue())
    del book["Table End point"]
    book.save(packed := io.BytesIO())
    assert "export the table with the plate" in refusal(packed.getvalue())
