import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from assays.kernel.proportions import clopper_pearson, wilson
from assays.kernel.status import Status, UnableToAnswer

COUNTS = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("events", "n", "lower", "upper"),
    [
        (23, 73, 21.1, 43.4),  # response rate in the label of Amtagvi, 2024
        (10, 39, 13.0, 42.1),
        (0, 10, 0.0, 30.8),  # 1 − 0.025^(1/10)
        (10, 10, 69.2, 100.0),
    ],
)
def test_it_finds_the_printed_exact_limits(events, n, lower, upper):
    limits = clopper_pearson(events, n, confidence=0.95)

    assert [100 * limit for limit in limits] == pytest.approx([lower, upper], abs=0.05)


@given(COUNTS, st.floats(0.5, 0.999))
def test_each_exact_limit_leaves_half_of_alpha_in_its_tail(counts, confidence):
    events, n = counts
    lower, upper = clopper_pearson(events, n, confidence=confidence)

    if events:
        assert binom.sf(events - 1, n, lower) == pytest.approx((1 - confidence) / 2, rel=1e-8)
    else:
        assert lower == 0
    if events < n:
        assert binom.cdf(events, n, upper) == pytest.approx((1 - confidence) / 2, rel=1e-8)
    else:
        assert upper == 1


@given(COUNTS, st.floats(0.5, 0.999))
def test_the_score_limits_are_those_of_scipy(counts, confidence):
    expected = binomtest(*counts).proportion_ci(confidence, method="wilson")

    assert wilson(*counts, confidence=confidence) == pytest.approx(tuple(expected), rel=1e-10, abs=1e-13)


@given(COUNTS)
@pytest.mark.parametrize("interval", [clopper_pearson, wilson])
def test_events_and_their_absence_mirror_each_other(interval, counts):
    events, n = counts
    lower, upper = interval(events, n, confidence=0.95)

    assert interval(n - events, n, confidence=0.95) == pytest.approx((1 - upper, 1 - lower), abs=1e-12)
    assert 0 <= lower <= events / n <= upper <= 1


@pytest.mark.parametrize("interval", [clopper_pearson, wilson])
@pytest.mark.parametrize(
    ("events", "n", "status"),
    [
        (0, 0, Status.NOT_EVALUABLE),
        (1, 0, Status.BAD_INPUT),
        (5, 4, Status.BAD_INPUT),
        (-1, 4, Status.BAD_INPUT),
    ],
)
def test_impossible_counts_are_refused(interval, events, n, status):
    with pytest.raises(UnableToAnswer) as refused:
        interval(events, n, confidence=0.95)

    assert refused.value.status is status


@given(COUNTS, st.floats(0.5, 0.99))
@pytest.mark.parametrize("interval", [clopper_pearson, wilson])
def test_one_event_more_raises_both_limits_and_more_confidence_moves_them_apart(interval, counts, confidence):
    events, n = counts
    lower, upper = interval(events, n, confidence=confidence)
    wide = interval(events, n, confidence=(1 + confidence) / 2)

    assert wide[0] <= lower
    assert upper <= wide[1]
    if events < n:
        more = interval(events + 1, n, confidence=confidence)
        assert more[0] > lower
        assert more[1] > upper or upper == 1
