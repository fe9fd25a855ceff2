"""Where limits lie on the bar under an input."""

import pytest

from tilmfg.shell.drawings.limits import limit_bar, limits_in_words


def test_it_draws_nothing_without_limits():
    assert limit_bar(None, None) is None


def test_it_puts_both_limits_on_the_bar_with_room_on_either_side():
    bar = limit_bar(450, 550, "mL")
    assert (bar.start, bar.end) == (400, 600)
    assert (bar.band_from, bar.band_to) == (25, 75)


def test_it_ends_a_percentage_at_a_hundred_and_an_amount_at_nothing():
    assert limit_bar(70, None, "%").end == 100
    assert limit_bar(None, 0.7, "EU/mL").start == 0


def test_it_goes_logarithmic_where_the_limits_lie_decades_apart():
    bar = limit_bar(5e6, 2e8, "cells")
    assert bar.log
    assert bar.band_from == pytest.approx(100 - bar.band_to, abs=0.02)


def test_it_lets_negative_temperatures_be():
    bar = limit_bar(None, -150, "°C")
    assert bar.start < -150 < bar.end


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (70, None, "at least 70 %"),
        (None, 0.7, "at most 0.7 %"),
        (450, 550, "450 to 550 %"),
        (0, None, "at least 0 %"),
    ],
)
def test_it_says_the_limits(low, high, words):
    assert limits_in_words(low, high, "%").replace("\u00a0", " ") == words


def test_it_refuses_limits_the_wrong_way_round():
    with pytest.raises(ValueError, match="not below the upper"):
        limit_bar(5, 2)
