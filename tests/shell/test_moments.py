"""Times in the facility's words, UTC beside them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tilmfg.shell.moments import day_in_words, in_words, length_in_words

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "today 14:05 (19:05 UTC)"),
        (NOW - timedelta(days=1), "yesterday 14:05 (19:05 UTC)"),
        (NOW + timedelta(days=1), "tomorrow 14:05 (19:05 UTC)"),
        (NOW - timedelta(days=20), "3 Nov 2026 14:05 (19:05 UTC)"),
        (NOW + timedelta(hours=9), "today 23:05 (04:05 UTC on 24 Nov)"),
    ],
)
def test_it_names_the_day_where_the_facility_is(moment, words):
    assert str(in_words(moment, now=NOW, zone=NEW_YORK)) == words


def test_it_says_utc_once_where_the_facility_keeps_utc():
    assert str(in_words(NOW, now=NOW, zone=UTC)) == "today 19:05 UTC"


def test_it_tells_the_two_hours_of_a_clock_change_apart():
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    words = [str(in_words(first + timedelta(hours=h), now=first, zone=NEW_YORK)) for h in (0, 1)]
    assert words == ["today 01:30 (05:30 UTC)", "today 01:30 (06:30 UTC)"]


def test_it_refuses_a_time_without_a_zone():
    with pytest.raises(ValueError, match="no time zone"):
        in_words(datetime(2026, 11, 23, 14, 5), now=NOW, zone=NEW_YORK)  # noqa: DTZ001


def test_it_writes_a_far_day_with_its_year():
    assert day_in_words(date(2027, 2, 14), today=date(2026, 11, 23)) == "14 Feb 2027"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=25), "25 s"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=3, minutes=10), "3 h 10 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=1, hours=2, minutes=5), "1 day 2 h"),
        (timedelta(days=4), "4 days"),
        (-timedelta(minutes=5), "5 min"),
    ],
)
def test_it_says_how_long_in_the_two_units_that_matter(length, words):
    assert length_in_words(length) == words
