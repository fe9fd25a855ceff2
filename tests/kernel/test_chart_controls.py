from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from assays.kernel.control_charts import capability, cp_limits, cpk_limits, d2, ewma, ewma_limits, mean_chart
from assays.kernel.status import Status, UnableToAnswer

# NIST/SEMATECH e-Handbook 6.3.2.4
EWMA = [52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2]
EWMA += [52.6, 52.4, 53.6, 52.1]
PRINTED = [50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11, 49.36, 49.52, 50.05]
PRINTED += [49.38, 49.92, 50.73, 51.23, 51.94, 51.99]


def test_it_finds_the_printed_moving_averages():
    assert ewma(EWMA, start=50, weight=0.3) == pytest.approx(PRINTED, abs=0.0051)
    limits = ewma_limits(target=50, sd=2.0539, weight=0.3, k=3)
    assert limits == pytest.approx((47.4115, 52.5884), abs=2e-4)


@given(st.lists(st.floats(-100, 100), max_size=20), st.floats(-100, 100))
def test_a_weight_of_one_forgets(values, start):
    assert ewma(values, start=start, weight=1) == pytest.approx(values)


@pytest.mark.parametrize(
    ("n", "printed"),  # Montgomery, appendix VI
    list(enumerate([1.128, 1.693, 2.059, 2.326, 2.534, 2.704, 2.847, 2.970, 3.078], start=2)),
)
def test_it_finds_the_printed_mean_ranges(n, printed):
    assert d2(n) == pytest.approx(printed, abs=5e-4)


def test_the_mean_range_is_exact_where_it_has_a_closed_form():
    assert d2(2) == pytest.approx(2 / sqrt(pi), rel=1e-13)
    assert d2(3) == pytest.approx(3 / sqrt(pi), rel=1e-13)


def test_the_chart_of_means_recovers_a_known_process():
    values = np.random.default_rng(3).normal(20, 2, (4000, 4))

    chart = mean_chart(values, k=3)

    assert (chart.center, chart.sd_within) == pytest.approx((20, 2), rel=0.02)
    assert chart.upper - chart.center == pytest.approx(3 * chart.sd_within / 2)


@given(st.floats(-100, 100), st.floats(0.1, 10))
def test_a_chart_moves_with_origin_and_unit(shift, scale):
    values = np.array([[9.0, 11], [10, 12], [8, 11]])

    plain, moved = mean_chart(values, k=3), mean_chart(values * scale + shift, k=3)

    assert moved.sd_within == pytest.approx(plain.sd_within * scale)
    assert (moved.lower, moved.upper) == pytest.approx(
        (plain.lower * scale + shift, plain.upper * scale + shift), abs=1e-9
    )


def test_single_values_have_no_range():
    with pytest.raises(UnableToAnswer, match="range"):
        mean_chart(np.ones((5, 1)), k=3)


def test_a_process_in_the_middle_of_its_limits_has_one_index():
    fits = capability(center=10, sd=1, lower=7, upper=13, target=10)

    assert (fits.cp, fits.cpl, fits.cpu, fits.cpk, fits.cpm) == (1, 1, 1, 1, 1)


def test_a_process_off_its_target_is_less_capable():
    fits = capability(center=11, sd=1, lower=7, upper=13, target=10)

    assert (fits.cp, fits.cpk) == pytest.approx((1, 2 / 3))
    assert fits.cpm == pytest.approx(1 / sqrt(2))


@pytest.mark.parametrize(("sd", "lower", "status"), [(0, 7, Status.NOT_ESTIMABLE), (1, 13, Status.BAD_INPUT)])
def test_no_spread_or_no_room_has_no_capability(sd, lower, status):
    with pytest.raises(UnableToAnswer) as refused:
        capability(center=10, sd=sd, lower=lower, upper=13, target=10)

    assert refused.value.status is status


def test_the_limits_of_cp_are_those_of_the_variance():
    lower, upper = cp_limits(1.29, df=19, confidence=0.95)

    assert lower == pytest.approx(1.29 * sqrt(chi2.ppf(0.025, 19) / 19))
    assert upper == pytest.approx(1.29 * sqrt(chi2.ppf(0.975, 19) / 19))


def test_the_limits_of_cpk_are_wider_than_those_of_the_spread_alone():
    """1.33 ± 1.95996·√(1/180 + 1.33²/38) by hand."""
    assert cpk_limits(1.33, n=20, confidence=0.95) == pytest.approx((0.882606, 1.777394), abs=1e-6)


@given(
    st.lists(st.floats(-100, 100), max_size=12), st.floats(-50, 50), st.floats(0.1, 10), st.floats(0.05, 1)
)
def test_moving_averages_move_with_origin_and_unit_and_stay_among_their_values(values, shift, scale, weight):
    plain = ewma(values, start=0, weight=weight)
    moved = ewma([value * scale + shift for value in values], start=shift, weight=weight)

    assert moved == pytest.approx([mean * scale + shift for mean in plain], abs=1e-8)
    assert all(min(0, *values) - 1e-9 <= mean <= max(0, *values) + 1e-9 for mean in plain)


@given(st.floats(-2.5, 2.5), st.floats(-50, 50), st.floats(0.1, 10))
def test_capability_has_no_unit_and_falls_with_the_spread(off, shift, scale):
    def indices(sd, shift=0.0, scale=1.0):
        ends = {name: at * scale + shift for name, at in (("lower", -3), ("upper", 3), ("target", 0))}
        found = capability(center=off * scale + shift, sd=sd * scale, **ends)
        return found.cp, found.cpl, found.cpu, found.cpk, found.cpm

    assert indices(1, shift, scale) == pytest.approx(indices(1), rel=1e-6, abs=1e-9)
    assert all(wide < narrow for wide, narrow in zip(indices(1.1), indices(1), strict=True))
