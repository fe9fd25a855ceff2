"""A step's window and what it says about now."""

from datetime import UTC, datetime, timedelta

import pytest

from tilmfg.shell.drawings.window import window_bar

OPENS = datetime(2026, 11, 23, 8, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=24)


def _bar(now, performed=None):
    return window_bar(
        start=OPENS, end=CLOSES, now=now, planned=OPENS + timedelta(hours=12), performed=performed
    )


@pytest.mark.parametrize(
    ("now", "words", "tone"),
    [
        (OPENS - timedelta(hours=15), "Opens in 15 h", "ahead"),
        (OPENS, "Open for 1 day more", "waiting"),
        (CLOSES - timedelta(minutes=30), "Open for 30 min more", "waiting"),
        (CLOSES, "Open for 0 s more", "waiting"),
        (CLOSES + timedelta(hours=6), "Closed 6 h ago", "bad"),
    ],
)
def test_it_says_how_the_window_stands(now, words, tone):
    bar = _bar(now)
    assert (bar.words, bar.tone) == (words, tone)


@pytest.mark.parametrize(
    ("performed", "words", "tone"),
    [
        (OPENS - timedelta(hours=1), "Performed 1 h before the window opened", "bad"),
        (OPENS + timedelta(hours=1), "Performed inside the window", "good"),
        (CLOSES + timedelta(hours=2), "Performed 2 h after the window closed", "bad"),
    ],
)
def test_it_judges_the_step_and_not_the_clock_once_it_is_performed(performed, words, tone):
    bar = _bar(CLOSES + timedelta(days=3), performed)
    assert (bar.words, bar.tone, bar.now) == (words, tone, None)


def test_it_marks_now_within_the_band():
    bar = _bar(OPENS + timedelta(hours=12))
    assert bar.now.at == pytest.approx(50)
    assert bar.band_from < bar.now.at < bar.band_from + bar.band_width


def test_it_keeps_a_distant_now_at_the_end_of_the_bar():
    assert (_bar(OPENS - timedelta(days=9)).now.at, _bar(CLOSES + timedelta(days=9)).now.at) == (0, 100)


def test_it_refuses_a_window_that_closes_before_it_opens():
    with pytest.raises(ValueError, match="not before it closes"):
        window_bar(start=CLOSES, end=OPENS, now=OPENS, planned=None, performed=None)
