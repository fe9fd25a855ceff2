from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.flow import events_needed, percent_of, poisson_cv_percent
from assays.kernel.status import Status, UnableToAnswer


@pytest.mark.parametrize(
    ("cv", "events"), [(5, 400), (10, 100), (1, 10_000), (3, 1112), (0.1, 1_000_000), (200, 1)]
)
def test_it_tells_how_many_events_a_precision_takes(cv, events):
    assert events_needed(cv) == events


@given(st.decimals("0.05", 100, places=2))
def test_one_event_fewer_would_not_do(cv):
    events = events_needed(cv)

    assert cv**2 * events >= 10_000
    assert events == 1 or cv**2 * (events - 1) < 10_000


def test_it_is_the_precision_of_counting():
    assert poisson_cv_percent(400) == 5
    assert poisson_cv_percent(0).status is Status.NOT_EVALUABLE


def test_a_parent_without_events_has_no_percentage():
    assert percent_of(30, 120) == 25
    assert percent_of(0, 120) == 0
    assert percent_of(0, 0).status is Status.NOT_EVALUABLE


def test_no_precision_takes_no_number_of_events():
    with pytest.raises(UnableToAnswer, match="above zero"):
        events_needed(0)


@given(st.integers(1, 10**9))
def test_more_events_count_more_precisely(events):
    assert poisson_cv_percent(4 * events) == pytest.approx(poisson_cv_percent(events) / 2)
    assert poisson_cv_percent(events) == pytest.approx(100 / sqrt(events))
