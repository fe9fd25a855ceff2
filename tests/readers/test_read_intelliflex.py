"""PD-1"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.kernel.missing import Missing
from assays.readers import UnableToRead, read
from tests.readers.shared import OWN, TIMEZONE

HEAD, *ROWS = (OWN / "intelliflex.csv").read_text().split("\n")
TEXT = "\n".join([HEAD, *ROWS])


def read_text(text):
    return read("plate.csv", text.encode(), timezone=TIMEZONE)


def test_a_well_that_ran_dry_has_no_number_and_names_no_analyte():
    cells = ROWS[0].split(",")
    start = HEAD.split(",").index("R12: RP1 ANALYTE NAME")
    dry = [*cells[:start], *["NaN"] * (len(cells) - start)]
    plate = read_text("\n".join([HEAD, ",".join(dry), *ROWS[1:]]))
    assert plate.analytes == ("IFN-g", "IL-2")
    assert plate.well("A1").readings["IFN-g"] == Missing("'NaN' is not a number")
    assert [(one.line, one.row, one.column) for one in plate.problems] == [
        (2, "A1", "IFN-g"),
        (2, "A1", "IL-2"),
        (2, "A1", "IFN-g, beads"),
        (2, "A1", "IL-2, beads"),
    ]
    assert isinstance(plate.well("A2").bead_counts["IL-2"], Decimal)


def test_one_analyte_on_two_reporters_is_told_by_the_reporter():
    plate = read_text(TEXT.replace("R15: RP1", "R12: RP2").replace("IL-2", "IFN-g"))
    assert plate.analytes == ("IFN-g, RP1", "IFN-g, RP2")
    assert plate.problems == ()
    first, second = plate.well("A1").readings.values()
    assert first == 2 * second


def test_two_analytes_of_one_name_and_one_of_two_are_refused():
    with pytest.raises(UnableToRead, match="line 1: two analytes have one name"):
        read_text(TEXT.replace(",IL-2,", ",IFN-g,"))
    with pytest.raises(UnableToRead, match="“R15: RP1 ANALYTE NAME” names IL-2 and IL-4"):
        read_text(TEXT.replace(",IL-2,", ",IL-4,").replace(",IL-4,", ",IL-2,", 1))


def test_more_readings_than_anybody_waits_for_are_refused():
    """Before the second reader has to go through them."""
    names = HEAD.split(",")
    start = names.index("R12: RP1 ANALYTE NAME")
    head = names[:start] + [f"R{region}: RP1 {what}" for region in range(300) for what in ("MEDIAN", "COUNT")]
    rows = [[*row.split(",")[:start], *["50"] * 600] for row in ROWS if row.strip()]
    with pytest.raises(
        UnableToRead, match="holds 300 analytes in 36 wells; at most 10,000 readings of a plate"
    ):
        read_text("\n".join(",".join(row) for row in (head, *rows)))


@pytest.mark.parametrize("clock", ["11/20/2026 10:04", "2026-11-20 10:04:00 AM", "2026-11-20T15:04:00Z"])
def test_every_clock_of_the_instrument_is_told_in_utc(clock):
    plate = read_text(TEXT.replace("2026-11-20 10:04:05", clock))
    assert plate.measured_at == datetime(2026, 11, 20, 15, 4, tzinfo=UTC)


def test_a_panel_of_fifty_analytes_is_read():
    names = HEAD.split(",")
    width = 5  # columns of an analyte
    head, rows = list(names), [row.split(",") for row in ROWS if row.strip()]
    for region in range(16, 64):
        head += [name.replace("R15", f"R{region}").strip() for name in names[-width:]]
        rows = [[*row, f"A{region}", str(region), "100", "60", "90"] for row in rows]
    plate = read_text("\n".join(",".join(cell.strip() for cell in row) for row in [head, *rows]))
    assert (len(plate.analytes), plate.problems) == (50, ())
