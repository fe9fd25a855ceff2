import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.precision import nested_precision
from assays.kernel.status import Status, UnableToAnswer

SEEDS = st.integers(0, 2**32 - 1)


def results(seed, days=5, runs=2, replicates=3):
    rng = np.random.default_rng(seed)
    day, run = rng.normal(0, 2, (days, 1, 1)), rng.normal(0, 1, (days, runs, 1))
    return 100 + day + run + rng.normal(0, 1.5, (days, runs, replicates))


@given(SEEDS)
def test_the_sums_of_squares_add_up(seed):
    values = results(seed)

    found = nested_precision(values)

    i, k, n = values.shape
    parts = found.ms_day * (i - 1) + found.ms_run * i * (k - 1) + found.ms_error * i * k * (n - 1)
    assert parts == pytest.approx(((values - values.mean()) ** 2).sum(), rel=1e-9)


def test_it_recovers_the_components_of_a_long_study():
    found = nested_precision(results(1, days=6000))

    assert (found.day, found.run, found.error) == pytest.approx((4, 1, 2.25), rel=0.06)
    assert found.within_laboratory == pytest.approx(7.25**0.5, rel=0.03)


@given(SEEDS, st.floats(0.1, 50), st.floats(-20, 20))
def test_it_moves_with_unit_and_origin(seed, scale, shift):
    plain, moved = nested_precision(results(seed)), nested_precision(results(seed) * scale + shift)

    assert moved.within_laboratory == pytest.approx(plain.within_laboratory * scale, rel=1e-7)
    assert moved.df_within_laboratory == pytest.approx(plain.df_within_laboratory, rel=1e-6)


@given(SEEDS)
def test_the_order_within_the_design_does_not_matter(seed):
    values = results(seed)

    turned = nested_precision(values[::-1, ::-1, ::-1])

    assert turned.df_within_laboratory == pytest.approx(nested_precision(values).df_within_laboratory)


def test_replicates_that_agree_less_than_runs_leave_no_component_of_runs():
    values = np.array([[[1.0, 3], [3, 1]], [[5, 7], [7, 5]]])

    found = nested_precision(values)

    assert (found.run, found.ms_run) == (0, 0)
    assert found.day == pytest.approx(8)
    assert found.error == pytest.approx(2)


def test_degrees_of_freedom_are_those_of_satterthwaite():
    values = np.array([[[1.0, 3], [5, 7]], [[2, 4], [2, 4]]])  # mean squares 2, 8 and 2

    # total 5; spread (2/4)²/1 + (8/4)²/2 + (2/2)²/4
    assert nested_precision(values).df_within_laboratory == pytest.approx(25 / 2.5)


@pytest.mark.parametrize("shape", [(1, 2, 2), (2, 1, 2), (2, 2, 1)])
def test_a_design_without_repetition_is_refused(shape):
    with pytest.raises(UnableToAnswer) as refused:
        nested_precision(np.ones(shape))

    assert refused.value.status is Status.TOO_FEW_VALUES
