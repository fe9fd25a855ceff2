import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.status import Status, UnableToAnswer
from assays.kernel.survival import Band, FlatRule, estimate_survival, survival_quantile

# Weeks in remission on 6-mercaptopurine; False where censored (Gehan 1965, Freireich et al. 1963).
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [True, True, True, False, True, False, True, False, False, True, True, False, False, False]
RELAPSED += [True, True, False, False, False, False, False]

SUBJECTS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25)


def quantile(times, events, band=Band.LOG_LOG, flat=FlatRule.MIDPOINT, q=0.5):
    survival = estimate_survival(times, events)
    return survival_quantile(survival, q=q, band=band, confidence=0.95, flat=flat)


def test_it_finds_the_published_curve_of_the_mercaptopurine_trial():
    survival = estimate_survival(WEEKS, RELAPSED)

    assert (survival.n, survival.events) == (21, 9)
    assert survival.times == (6, 7, 10, 13, 16, 22, 23)
    published = (0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448)
    assert survival.share == pytest.approx(published, abs=5e-4)


@pytest.mark.parametrize(("band", "lower"), [(Band.LOG, 16), (Band.LOG_LOG, 13)])
def test_it_finds_the_published_median_and_its_interval(band, lower):
    median = quantile(WEEKS, RELAPSED, band)

    assert (median.estimate, median.lower) == (23, lower)  # R survfit; SAS and lifelines for log-log
    assert median.upper.status is Status.NOT_REACHED


@given(SUBJECTS)
def test_without_censoring_it_is_the_share_still_event_free(subjects):
    times = [time for time, _ in subjects]
    survival = estimate_survival(times, [True] * len(times))

    for time, share in zip(survival.times, survival.share, strict=True):
        assert share == pytest.approx(sum(other > time for other in times) / len(times), abs=1e-12)


@given(SUBJECTS, st.randoms(), st.sampled_from(Band))
def test_neither_order_nor_unit_of_time_matters(subjects, random, band):
    shuffled = list(subjects)
    random.shuffle(shuffled)

    plain = quantile(*zip(*subjects, strict=True), band)
    scaled = quantile([2 * time for time, _ in shuffled], [event for _, event in shuffled], band)

    for name in ("estimate", "lower", "upper"):
        value, other = getattr(plain, name), getattr(scaled, name)
        assert other == (2 * value if isinstance(value, float | int) else value)


@given(SUBJECTS, st.sampled_from(Band), st.sampled_from(FlatRule))
def test_the_interval_holds_the_median(subjects, band, flat):
    median = quantile(*zip(*subjects, strict=True), band, flat)

    if isinstance(median.lower, int | float):
        assert median.lower <= (median.estimate if isinstance(median.estimate, int | float) else 99)
    if isinstance(median.upper, int | float):
        assert median.upper >= median.estimate


@pytest.mark.parametrize(("flat", "median"), [(FlatRule.MIDPOINT, 3.5), (FlatRule.FIRST, 2)])
def test_a_curve_that_lies_on_one_half_has_the_declared_median(flat, median):
    assert quantile([1, 2, 5, 9], [True, True, True, False], flat=flat).estimate == median


def test_a_curve_that_ends_on_one_half_has_the_time_of_its_last_event():
    assert quantile([1, 2, 5, 9], [True, True, False, False]).estimate == 2


def test_a_censoring_at_the_time_of_an_event_is_at_risk_there():
    assert estimate_survival([3, 3], [True, False]).share == (0.5,)


@pytest.mark.parametrize("band", Band)
def test_a_band_does_not_exist_where_nobody_is_left(band):
    only = quantile([4], [True], band)

    assert only.estimate == 4
    assert only.lower.status is Status.NOT_REACHED


@pytest.mark.parametrize("time", [-1, float("nan"), float("inf")])
def test_an_impossible_time_is_refused(time):
    with pytest.raises(UnableToAnswer, match="time"):
        estimate_survival([time], [True])
