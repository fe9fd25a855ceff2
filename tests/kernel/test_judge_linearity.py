import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress

from assays.kernel.linearity import best_order, dilution_linearity, fit_polynomial
from assays.kernel.status import Status, UnableToAnswer

# CLSI EP06-A, appendix C example: two results at each of six levels.
LEVELS = np.tile(np.arange(1.0, 7), 2)
RESULTS = np.array([4.7, 7.8, 10.4, 13.0, 15.5, 16.3, 4.6, 7.6, 10.2, 13.1, 15.3, 16.1])


def test_it_finds_that_the_example_of_the_guideline_is_a_cubic():
    fits = [fit_polynomial(LEVELS, RESULTS, order) for order in (1, 2, 3)]

    assert best_order(fits, alpha=0.05) == 3
    line = linregress(LEVELS, RESULTS)
    assert fits[0].coefficients == pytest.approx((line.intercept, line.slope))
    assert fits[0].t[1] == pytest.approx(line.slope / line.stderr)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.floats(1e-3, 1e6), st.floats(-1e3, 1e3))
def test_the_unit_of_the_levels_changes_no_fitted_value(seed, order, scale, shift):
    rng = np.random.default_rng(seed)
    x = np.repeat(np.arange(6.0), 2)
    y = rng.normal(0, 1, 12) + x**2

    plain, moved = fit_polynomial(x, y, order), fit_polynomial(x * scale + shift * scale, y, order)

    assert moved.resid_sd == pytest.approx(plain.resid_sd, rel=1e-6)
    assert moved.t[-1] == pytest.approx(plain.t[-1], rel=1e-5)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=4))
def test_a_polynomial_is_found_again(coefficients):
    x = np.linspace(10, 20, 9)
    y = sum(b * x**k for k, b in enumerate(coefficients))

    fit = fit_polynomial(x, y, len(coefficients) - 1)

    assert fit.at(x) == pytest.approx(y, rel=1e-8, abs=1e-8)


def test_a_higher_order_counts_though_one_between_is_not_significant():
    x = np.repeat(np.linspace(-1, 1, 9), 3)
    y = x**3 + np.tile([-0.01, 0, 0.01], 9)
    fits = [fit_polynomial(x, y, order) for order in (1, 2, 3)]

    assert fits[1].p_of_leading > 0.05
    assert best_order(fits, alpha=0.05) == 3


@pytest.mark.parametrize(
    ("x", "order", "status"),
    [
        ([1, 2], 1, Status.TOO_FEW_VALUES),
        ([1, 1, 2, 2, 1, 2], 2, Status.NOT_ESTIMABLE),
        ([3, 3, 3], 1, Status.NOT_ESTIMABLE),
    ],
)
def test_what_the_levels_do_not_determine_is_refused(x, order, status):
    with pytest.raises(UnableToAnswer) as refused:
        fit_polynomial(np.array(x, dtype=float), np.arange(float(len(x))), order)

    assert refused.value.status is status


def test_a_dilution_series_that_is_linear_recovers_everything():
    series = dilution_linearity([2, 4, 8], [50, 25, 12.5])

    assert series.recovery_percent == (100, 100, 100)
    assert (series.gsd, series.gcv_percent, series.loglog_slope) == pytest.approx((1, 0, -1))


@given(st.lists(st.floats(1, 100), min_size=2, max_size=8), st.floats(0.1, 10))
def test_the_unit_of_concentration_changes_no_ratio(concentrations, unit):
    dilutions = [2.0**i for i in range(len(concentrations))]

    plain = dilution_linearity(dilutions, concentrations)
    scaled = dilution_linearity(dilutions, [unit * value for value in concentrations])

    assert scaled.recovery_percent == pytest.approx(plain.recovery_percent)
    assert scaled.cv_percent == pytest.approx(plain.cv_percent)
    assert scaled.gcv_percent == pytest.approx(plain.gcv_percent)
    assert scaled.loglog_slope == pytest.approx(plain.loglog_slope, abs=1e-9)
    assert scaled.geometric_mean == pytest.approx(unit * plain.geometric_mean)


def test_one_dilution_has_no_spread():
    series = dilution_linearity([2], [50])

    assert series.mean == 100
    assert series.gsd.status is Status.TOO_FEW_VALUES
    assert series.cv_percent.status is Status.TOO_FEW_VALUES
    assert series.loglog_slope.status is Status.NOT_ESTIMABLE


@pytest.mark.parametrize(("dilution", "concentration"), [(0, 1), (1, 0), (-1, 1), (1, -1)])
def test_what_has_no_logarithm_is_refused(dilution, concentration):
    with pytest.raises(UnableToAnswer, match="above zero"):
        dilution_linearity([dilution], [concentration])


@pytest.mark.parametrize("certified", [[1.0] * 6, [1.0, 0.1, 0.01, 0.001, 1e-4, 1e-5]])
def test_a_polynomial_has_the_certified_coefficients_of_wampler(certified):
    """NIST Statistical Reference Datasets, linear regression, Wampler1 and Wampler2: exact, of order 5."""
    x = np.arange(21.0)

    fit = fit_polynomial(x, sum(b * x**k for k, b in enumerate(certified)), 5)

    assert fit.coefficients == pytest.approx(certified, rel=1e-7)
    assert fit.df == 15


def test_the_noise_of_wampler_leaves_the_certified_residual():
    """Wampler3: the same polynomial with a disturbance that is orthogonal to it."""
    x = np.arange(21.0)
    noise = [759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048]
    y = sum(x**k for k in range(6)) + np.array(noise + noise[-2::-1], dtype=float)

    fit = fit_polynomial(x, y, 5)

    assert fit.coefficients == pytest.approx([1.0] * 6, rel=1e-7)
    assert fit.resid_sd == pytest.approx(2360.14502379268, rel=1e-11)
