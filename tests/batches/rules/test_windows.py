"""Windows are calendar days of the facility, whatever UTC and daylight saving say."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tilmfg.batches.definitions import GEN2_22_DAYS
from tilmfg.batches.rules import Process, day_of, span_of

NEW_YORK = ZoneInfo("America/New_York")
PROCESS = Process.parse(GEN2_22_DAYS)


def here(*parts):
    return datetime(*parts, tzinfo=NEW_YORK)


def window(step, started_at, **performed):
    return span_of(PROCESS.step(step), started_at=started_at, performed=performed, zone=NEW_YORK)


def test_it_counts_days_of_the_facility_and_not_of_utc():
    late = datetime(2026, 3, 3, 3, 30, tzinfo=UTC)  # still 2 March, 22:30, in New York
    assert day_of(datetime(2026, 3, 13, 5, 0, tzinfo=UTC), started_at=late, zone=NEW_YORK) == 11
    assert window("rep_start", late).opens_at == here(2026, 3, 12)


def test_it_takes_whole_days_across_a_change_of_clocks():
    harvest = window("harvest", here(2026, 2, 14, 10))  # day 22 is 8 March, a day of 23 hours
    assert (harvest.opens_at, harvest.closes_at) == (here(2026, 3, 8), here(2026, 3, 10))
    assert harvest.planned_at == here(2026, 3, 8, 8)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (here(2026, 3, 11, 23, 59), False),
        (here(2026, 3, 12), True),
        (here(2026, 3, 15), True),
        (here(2026, 3, 15, 0, 1), False),
    ],
)
def test_both_ends_belong_to_the_window(moment, inside):
    assert window("rep_start", here(2026, 3, 2, 10)).holds(moment) is inside


def test_a_contact_clock_runs_from_the_step_before():
    started = here(2026, 3, 2, 10)
    assert window("freeze", started) is None
    freeze = window("freeze", started, harvest=here(2026, 3, 24, 14, 30))
    assert (freeze.opens_at, freeze.closes_at) == (here(2026, 3, 24, 14, 30), here(2026, 3, 24, 16, 30))
