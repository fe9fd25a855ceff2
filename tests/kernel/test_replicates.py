import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.missing import Missing
from assays.kernel.replicates import (
    Mean,
    Replicates,
    average,
    geometric_cv_percent,
    geometric_sd,
    summarise,
)


def test_mean_sd_and_cv_of_three_values():
    assert summarise([98.0, 100.0, 102.0]) == Replicates(3, 100.0, 2.0, 2.0)


def test_a_single_value_has_no_spread_and_never_zero():
    single = summarise([5.0])

    assert single.mean == 5.0
    assert single.sd == single.cv_percent == Missing("a single value has no spread")


def test_no_value_has_no_mean():
    assert summarise([]).mean == Missing("no value")
    assert average([], kind=Mean.ARITHMETIC) == Missing("no value")


@pytest.mark.parametrize("values", [[-1.0, 1.0], [-3.0, -5.0]])
def test_a_mean_that_is_not_above_zero_has_no_cv(values):
    assert summarise(values).cv_percent == Missing("the mean is not above zero")


def test_the_geometric_mean_is_that_of_the_logarithms():
    assert average([10.0, 1000.0], kind=Mean.GEOMETRIC) == pytest.approx(100.0)
    assert average([10.0, 1000.0], kind=Mean.ARITHMETIC) == 505.0


def test_a_geometric_mean_needs_values_above_zero():
    assert average([10.0, 0.0], kind=Mean.GEOMETRIC) == Missing("a geometric mean needs values above zero")


@given(st.lists(st.floats(0.001, 1e6), min_size=2, max_size=12), st.floats(0.01, 100))
def test_cv_does_not_depend_on_the_unit(values, factor):
    scaled = summarise([factor * value for value in values]).cv_percent

    assert math.isclose(scaled, summarise(values).cv_percent, rel_tol=1e-6, abs_tol=1e-9)


def test_geometric_spread_is_that_of_a_log_normal_distribution():
    assert geometric_sd(math.log(2)) == pytest.approx(2)
    assert geometric_cv_percent(0.1) == pytest.approx(10.025, abs=5e-4)
    draws = np.random.default_rng(5).lognormal(3, 0.4, 400_000)
    assert geometric_cv_percent(0.4) == pytest.approx(100 * draws.std() / draws.mean(), rel=0.01)


@pytest.mark.parametrize(
    ("values", "mean", "sd"),
    [  # NIST Statistical Reference Datasets, univariate: NumAcc1 to NumAcc4, certified
        ([10000001.0, 10000003.0, 10000002.0], 10000002, 1),
        ([1.2, *([1.1, 1.3] * 500)], 1.2, 0.1),
        ([1000000.2, *([1000000.1, 1000000.3] * 500)], 1000000.2, 0.1),
        ([10000000.2, *([10000000.1, 10000000.3] * 500)], 10000000.2, 0.1),
    ],
)
def test_large_values_keep_the_certified_spread(values, mean, sd):
    found = summarise(values)

    assert found.mean == pytest.approx(mean, rel=1e-15)
    assert found.sd == pytest.approx(sd, rel=2e-8)  # what the doubles that stand for the values allow
