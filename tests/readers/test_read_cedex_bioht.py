"""Roche Cedex Bio HT: each result as the analyser prints it, bounds as bounds. PD-1."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from assays.readers import UnableToRead, read
from tests.data.specimens.cedex_bioht import RESULTS, cedex_bioht, cedex_bioht_of_software_5
from tests.readers.shared import TIMEZONE

FLAGGED = "The analyser marked with “v” what stands on lines 9, 10."


def table(*replaced, text=None):
    text = text or cedex_bioht()
    for old, new in replaced:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return read("archive", text.encode(), timezone=TIMEZONE)


def refusal(text):
    with pytest.raises(UnableToRead) as refused:
        table(text=text)
    return str(refused.value)


@pytest.mark.parametrize("make", [cedex_bioht, cedex_bioht_of_software_5])
def test_each_result_is_the_file_s_own_in_its_own_unit(make):
    read_of = table(text=make())
    expected = [
        (sample, f"{test} {dilution}".strip(), unit, *value.rpartition(" ")[::2])
        for _, sample, test, dilution, unit, _, value, _ in RESULTS
        if make is cedex_bioht or not dilution
    ]
    assert [(row.sample_name, row.quantity, row.unit) for row in read_of.rows] == [
        row[:3] for row in expected
    ]
    for row, (_, quantity, _, sign, number) in zip(read_of.rows, expected, strict=True):
        if quantity not in ("OSM2B", "NH3B"):
            assert (row.qualifier, row.value) == (sign or "=", Decimal(number))
    assert read_of.measured_at == datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
    assert [problem.message for problem in read_of.problems] == [
        "no second reader knows OSM2B in “mosm/kg”",
        "'ERROR' is not a number",
    ]


def test_what_was_diluted_by_hand_is_another_quantity_and_nothing_is_multiplied():
    diluted = [row for row in table().rows if row.quantity.startswith("IGGHD")]
    assert [(row.quantity, row.value, row.dilution) for row in diluted] == [
        ("IGGHD", Decimal("3.933"), 1),
        ("IGGHD 1/5", Decimal("4.105"), 1),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "< TEST RNG\t  < 20.00",
            "< TEST RNG\t  20.00",
            "“20.00” and its flag “< TEST RNG” do not say the same",
        ),
        ("< TEST RNG\t  < 20.00", " \t  < 20.00", "“< 20.00” and its flag “” do not say the same"),
        ("  0.561\t", "  0,561\t", "'0,561' is not a number"),
        ("  0.561\t", "  \t", "the cell is empty"),
        (
            "2026-11-20 09:52:53",
            "20.11.2026 09:52",
            "'20.11.2026 09:52' is no date and time of the form 2026-11-29 15:30:00",
        ),
    ],
)
def test_one_bad_cell_is_named_and_costs_nothing_else(old, new, message):
    changed = table((old, new))
    assert message in [problem.message for problem in changed.problems]
    assert sum(isinstance(row.value, Missing) for row in changed.rows) == 3
    assert changed.rows[0].value == Decimal("0.78")


def test_lines_that_are_no_result_or_repeat_one_are_named_and_not_taken():
    lines = cedex_bioht().split("\r\n")
    lines += [lines[1], lines[2].replace("40\t", "41\t", 1), ""]
    read_of = table(text="\r\n".join(lines))
    assert [row.value for row in read_of.rows[:2]] == [Decimal("0.78"), Decimal("2104.60")]
    assert len(read_of.rows) == len(RESULTS)
    assert read_of.remarks == (
        "Line 15 repeats line 2 and counts once.",
        "Line 16 is of the kind 41, no result (40), and is not taken.",
        FLAGGED,
    )


def test_an_archive_of_several_days_says_so():
    assert table(("2026-11-20 09:52:11", "2026-11-18 09:52:11")).remarks == (
        "The archive holds results of several days, 18 Nov 2026 to 20 Nov 2026; the last of them counts.",
        FLAGGED,
    )


@pytest.mark.parametrize("end", ["0.13", "0.13026", "0.13026\t"])
def test_a_line_that_is_not_whole_is_refused_with_its_number(end):
    text = cedex_bioht()
    assert refusal(text[: text.index(end) + len(end)]) == (
        "archive, line 2: a result has 13 cells, the last of them not empty; the file is cut off or was edited."
    )


def test_another_software_is_refused_with_those_that_are_read():
    assert refusal(cedex_bioht().replace("7.0.0", "9.0.0")) == (
        "archive, line 1: of software 9.0.0.2410 (2410); versions 5, 6, 7 are read."
    )
