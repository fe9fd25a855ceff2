"""PD-1"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from assays.readers import UnableToRead, conversion, plates_in, read
from assays.readers.records import DayOnly
from tests.data.specimens.digital_pcr import ARRAY, NANOPLATE, wells
from tests.readers.shared import OWN, TIMEZONE

RESULTS, SUMMARY, QIACUITY = (
    (OWN / name).read_text() for name in ("absolute_q.csv", "absolute_q_summary.csv", "qiacuity.csv")
)
CLOCK = "2026-11-20 15:04:05.250000+00:00"
MEASURED = datetime(2026, 11, 20, 15, 4, 5, 250000, tzinfo=UTC)


def read_text(text):
    return read("dpcr.csv", text.encode(), timezone=TIMEZONE)


def refusal(text):
    with pytest.raises(UnableToRead) as refused:
        read_text(text)
    return str(refused.value)


def told(table):
    return {(row.well, row.sample_name, row.quantity): (row.value, row.unit) for row in table.rows}


@pytest.mark.parametrize(
    ("text", "array", "digits", "plate", "measured"),
    [
        (RESULTS, ARRAY, 2, "M01KM000042", MEASURED),
        (SUMMARY, ARRAY, 2, "", Missing("it holds no date and time")),
        (QIACUITY, NANOPLATE, 3, "PL-0042", Missing("it holds no date and time")),
    ],
    ids=["results", "summary", "qiacuity"],
)
def test_every_target_of_a_well_has_its_copies_and_its_partitions(text, array, digits, plate, measured):
    table = read_text(text)
    expected = {}
    for well, sample, targets in wells(array):
        for target, (positive, valid, copies) in targets.items():
            own = (well, sample, target)
            expected[own] = (Decimal(f"{copies:.{digits}f}"), "copies/µL")
            expected[(well, sample, f"{target}: positive partitions")] = (Decimal(positive), "partitions")
            expected[(well, sample, f"{target}: valid partitions")] = (Decimal(valid), "partitions")
    assert told(table) == expected
    assert (table.problems, table.remarks) == ((), ())
    assert (table.plate_code, table.measured_at) == (plate, measured)
    assert all(text.split("\n")[row.line - 1].count(row.sample_name) for row in table.rows)


@pytest.mark.parametrize(
    ("head", "plate"),
    [
        ("Concentration (copies/µL)", "PL-0042"),
        ("Conc. [copies/\ufffdL]", "PL-0042"),
        ("Conc. [cp/μL] (dPCR reaction)", "PL-0042"),
    ],
)
def test_the_heads_of_every_release_of_the_qiacuity_suite_are_known(head, plate):
    text = QIACUITY.replace("Conc. [cp/µL] (dPCR reaction)", head).replace("(Valid)", "(valid)")
    text = text.replace("(Positive)", "(positive)").replace("Target (Name)", "Target")
    table = read_text(text)
    assert (told(table), table.problems) == (told(read_text(QIACUITY)), ())


def test_an_older_export_names_neither_its_plate_nor_the_column_of_the_wells():
    lines = [line.split(",") for line in QIACUITY.split("\n")[1:] if line]
    text = "\n".join(
        ["sep=,", *(",".join(['""' if at == 0 else row[3], *row[4:]]) for at, row in enumerate(lines))]
    )
    table = read_text(text)
    assert (told(table), table.plate_code) == (told(read_text(QIACUITY)), "")


def test_a_plate_id_that_the_suite_made_up_is_no_code_but_the_name_is():
    text = QIACUITY.replace("PL-0042", "2186f026-541d-438c-8195-2a1da8a81e56")
    assert read_text(text).plate_code == "Copies"


@pytest.mark.parametrize(
    ("text", "old", "new", "name"),
    [
        (RESULTS, "M01KM000042", "M01KM000043", "M01KM000042"),
        (QIACUITY, '"PL-0042"', '"PL-0043"', "PL-0042"),
    ],
    ids=["results", "qiacuity"],
)
def test_of_several_plates_each_is_read_alone(text, old, new, name):
    start = 2 if text is QIACUITY else 1
    rows = text.rstrip("\n").split("\n")
    both = "\n".join([*rows, *(row.replace(old, new) for row in rows[start:])]).encode()
    second = name.replace("42", "43")
    assert plates_in("x.csv", both) == (name, second)
    for plate in (name, second):
        table = read("x.csv", both, timezone=TIMEZONE, plate=plate)
        assert (told(table), table.plate_code, table.problems) == (told(read_text(text)), plate, ())
    assert table.rows[0].line == len(rows) + (2 if text is RESULTS else 1)


@pytest.mark.parametrize(
    ("text", "old", "new", "problem"),
    [
        (RESULTS, ",214.12,", ",,", "the cell is empty"),
        (RESULTS, ",214.12,", ",N/A,", "'N/A' is no concentration"),
        (
            RESULTS,
            ",20441,FAM,WPRE,214.12",
            ",20441.5,FAM,WPRE,214.12",
            "'20441.5' is no number of partitions",
        ),
        (SUMMARY, ",214.12,", ",-,", "'-' is no concentration"),
        (QIACUITY, '"87.943"', '"inf"', "'inf' is no concentration"),
    ],
)
def test_a_cell_that_is_no_number_is_named_and_missing(text, old, new, problem):
    table = read_text(text.replace(old, new, 1))
    [found] = table.problems
    assert (found.row, found.message) == ("Positive control, A1", problem)
    assert Missing(problem) in [row.value for row in table.rows]


def test_partitions_that_do_not_add_up_make_all_of_the_target_missing():
    table = read_text(QIACUITY.replace('"25420","1806","23614"', '"25420","1806","23600"'))
    message = "1806 positive and 23600 negative partitions are not the 25420 valid ones"
    assert [one.message.partition(":")[0] for one in table.problems] == [message] * 3
    assert {one.column for one in table.problems} == {
        "WPRE",
        "WPRE: positive partitions",
        "WPRE: valid partitions",
    }
    more = read_text(RESULTS.replace("1.9,1806", "1.9,21806"))
    assert "21806 positive partitions are more than 20441 valid ones: 214.12" in [
        one.message for one in more.problems
    ]


def test_a_well_that_the_instrument_doubts_is_missing():
    table = read_text(SUMMARY.replace("A1,1/1.00000,PASS", "A1,1/1.00000,FAIL"))
    assert len(table.problems) == 6
    assert {one.row for one in table.problems} == {"Positive control, A1"}
    assert table.problems[0].message == "the instrument's own control says FAIL: 214.12"


def test_a_dilution_in_the_file_is_said_and_nothing_is_multiplied():
    table = read_text(SUMMARY.replace("1/1.00000", "1/10.00000"))
    assert table.remarks == ("The file names the dilution 1/10.00000; concentrations are as it prints them.",)
    assert table.rows[0].value == Decimal("214.12")


@pytest.mark.parametrize("text", [RESULTS, QIACUITY], ids=["results", "qiacuity"])
def test_more_targets_than_anybody_waits_for_are_refused(text):
    """Before the second reader has to go through them."""
    lines = text.split("\n")
    head = 2 if text is QIACUITY else 1
    many = refusal("\n".join([*lines[:head], *[lines[2]] * 2001]))
    assert "holds 2,001 targets of wells; at most 2,000 of a plate are read" in many


def test_a_day_alone_is_no_moment():
    table = read_text(RESULTS.replace(CLOCK, "11/20/2026"))
    assert table.measured_at == DayOnly(
        "The file tells the day alone, 20 Nov 2026",
        datetime(2026, 11, 20, 5, tzinfo=UTC),
        datetime(2026, 11, 21, 5, tzinfo=UTC),
    )
    assert read_text(RESULTS.replace(CLOCK, "11/20/2026 9:30:10")).measured_at == datetime(
        2026, 11, 20, 14, 30, 10, tzinfo=UTC
    )
    assert "'soon' is no date and time" in read_text(RESULTS.replace(CLOCK, "soon")).measured_at.reason


def test_a_second_reader_that_disagrees_is_named(monkeypatch):
    convert = conversion.convert

    def altered(filename, content, *args, **given):
        return convert(filename, content.replace("214.12", "214.13"), *args, **given)

    monkeypatch.setattr("assays.readers.absolute_q.convert", altered)
    [problem] = read_text(RESULTS).problems
    assert str(problem) == (
        "Line 3, Positive control, A1, WPRE: two readers disagree: the converter does not find 214.12"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RESULTS.replace(",B1,", ",A1,"), "line 5: “A1” is no well, or its target “WPRE” is there twice"),
        (RESULTS.replace("No template", ""), "line 5: well B1 names no sample"),
        (
            RESULTS.replace("Copies,2026", "Other,2026", 4),
            "holds Copies, Other, M01KM000042; export one run per file",
        ),
        (RESULTS.replace("Conc. cp/uL", "Copies per microliter"), "0 columns of the concentration"),
        (RESULTS.replace(",FAM,WPRE,214.12,,,1.9,1806", ""), "line 3: 8 cells where the head has 15"),
        (SUMMARY.replace(",1372,RPP30,", ",RPP30,", 1), "line 4: 27 cells where the head has 28"),
        (SUMMARY.replace("Threshold", "Other", 1), "go from “Target” to “Threshold” below its name"),
        (QIACUITY.replace("Partitions (Valid)", "Partitions"), "0 columns of the valid of a target"),
        (QIACUITY.replace('"A2","Positive', '"1A","Positive'), "“1A” is no well"),
    ],
)
def test_a_file_that_was_edited_is_refused_naming_the_place(text, message):
    assert message in refusal(text)
