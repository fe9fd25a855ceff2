import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from assays.kernel.outliers import dixon, dixon_critical, generalized_esd, grubbs, studentise
from assays.kernel.status import Status, UnableToAnswer

# NIST/SEMATECH e-Handbook 1.3.5.17.1 and 1.3.5.17.3
GRUBBS = [199.31, 199.53, 200.19, 200.82, 201.92, 201.95, 202.18, 245.57]
ROSNER = [
    -0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58, 1.65, 1.69,
    1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15, 2.23, 2.24, 2.26, 2.35,
    2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92, 2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64,
    5.34, 5.42, 6.01,
]  # fmt: skip

VALUES = st.lists(st.integers(-1000, 1000), min_size=4, max_size=15, unique=True)


def test_it_finds_the_printed_statistic_of_grubbs():
    test = grubbs(GRUBBS, alpha=0.05)

    assert test.g == pytest.approx(2.4687, abs=1e-4)
    assert test.critical_one_sided == pytest.approx(2.032, abs=5e-4)
    assert test.critical_two_sided == pytest.approx(2.127, abs=5e-4)
    assert GRUBBS[test.suspect] == 245.57


def test_it_finds_the_printed_steps_of_rosner():
    steps, outliers = generalized_esd(ROSNER, alpha=0.05, most=10)

    printed_r = [3.118, 2.942, 3.179, 2.810, 2.815, 2.848, 2.279, 2.310, 2.101, 2.067]
    printed_critical = [3.158, 3.151, 3.143, 3.136, 3.128, 3.120, 3.111, 3.103, 3.094, 3.085]
    assert [step.r for step in steps] == pytest.approx(printed_r, abs=1.1e-3)
    assert [step.critical for step in steps] == pytest.approx(printed_critical, abs=1.1e-3)
    assert outliers == 3  # although the first two are not significant
    assert [ROSNER[step.suspect] for step in steps[:3]] == [6.01, 5.42, 5.34]


def test_of_two_values_equally_far_out_the_first_is_the_suspect():
    values = [10.3, 9.7, 10, 10.1, 9.9]  # rounding would choose

    assert grubbs(values, alpha=0.05).suspect == 0
    assert generalized_esd(values[::-1], alpha=0.05, most=1)[0][0].suspect == 3


@given(VALUES, st.integers(-500, 500), st.sampled_from([0.5, 2, 8]), st.randoms())
def test_neither_origin_nor_unit_nor_order_changes_the_verdict(values, shift, scale, random):
    moved = [value * scale + shift for value in values]
    random.shuffle(moved)

    test, again = grubbs(values, alpha=0.05), grubbs(moved, alpha=0.05)
    assert again.g == pytest.approx(test.g, rel=1e-9)
    assert again.sd == pytest.approx(test.sd * scale, rel=1e-9)
    steps, count = generalized_esd(values, alpha=0.05, most=1)
    assert steps[0].r == pytest.approx(test.g, rel=1e-12)
    assert steps[0].critical == pytest.approx(test.critical_two_sided, rel=1e-12)
    assert count == (test.g > test.critical_two_sided)


@pytest.mark.parametrize(
    ("alpha", "published"),
    [  # Rorabacher 1991, two-tailed, n = 3 to 10; interpolated there, hence the tolerance
        (0.10, [0.941, 0.765, 0.642, 0.560, 0.507, 0.468, 0.437, 0.412]),
        (0.05, [0.970, 0.829, 0.710, 0.625, 0.568, 0.526, 0.493, 0.466]),
    ],
)
def test_the_critical_values_of_dixon_are_the_published_ones(alpha, published):
    assert [dixon_critical(n, tail=alpha / 2) for n in range(3, 11)] == pytest.approx(published, abs=3e-3)


@pytest.mark.parametrize("n", [4, 7, 25])
def test_the_critical_value_of_dixon_leaves_alpha_in_normal_samples(n):
    values = np.sort(np.random.default_rng(n).standard_normal((200_000, n)), axis=1)
    spread = values[:, -1] - values[:, 0]
    critical = dixon_critical(n, tail=0.025)

    ends = (values[:, -1] - values[:, -2]) / spread, (values[:, 1] - values[:, 0]) / spread
    for end in ends:
        assert (end > critical).mean() == pytest.approx(0.025, abs=4 * (0.025 * 0.975 / 200_000) ** 0.5)


def test_dixon_suspects_the_end_with_the_larger_gap():
    test = dixon([0.189, 0.167, 0.187, 0.183, 0.186, 0.182, 0.181, 0.184, 0.181, 0.177], alpha=0.10)

    assert (test.suspect, test.q) == (1, pytest.approx(0.010 / 0.022))
    assert test.q > test.critical


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_a_deleted_residual_is_the_one_from_a_fit_without_the_point(seed):
    rng = np.random.default_rng(seed)
    x, weights = rng.uniform(0, 10, 8), rng.uniform(0.5, 2, 8)
    tangents = np.column_stack([np.ones(8), x])
    y = 2 + 3 * x + rng.standard_normal(8)

    def fit(keep):
        root = np.sqrt(weights[keep])[:, None]
        theta, *_ = np.linalg.lstsq(tangents[keep] * root, y[keep] * root[:, 0], rcond=None)
        return theta

    everything = np.ones(8, dtype=bool)
    found = studentise(y - tangents @ fit(everything), tangents, weights)

    for i in range(8):
        keep = everything.copy()
        keep[i] = False
        theta, w = fit(keep), weights[keep]
        variance = (w * (y[keep] - tangents[keep] @ theta) ** 2).sum() / (7 - 2)
        covariance = np.linalg.inv(tangents[keep].T @ (w[:, None] * tangents[keep]))
        spread = variance * (1 / weights[i] + tangents[i] @ covariance @ tangents[i])
        assert found.external[i] == pytest.approx((y[i] - tangents[i] @ theta) / spread**0.5, rel=1e-6)
        assert found.p[i] == pytest.approx(min(1, 8 * 2 * student.sf(abs(found.external[i]), 5)), rel=1e-9)
    assert found.leverage.sum() == pytest.approx(2)


@pytest.mark.parametrize(
    ("flag", "status"),
    [
        (lambda: grubbs([1, 2], alpha=0.05), Status.TOO_FEW_VALUES),
        (lambda: grubbs([1, 1, 1], alpha=0.05), Status.NOT_ESTIMABLE),
        (lambda: generalized_esd([1, 2, 3], alpha=0.05, most=2), Status.TOO_FEW_VALUES),
        (lambda: dixon([1, 2], alpha=0.05), Status.TOO_FEW_VALUES),
        (lambda: dixon(range(31), alpha=0.05), Status.BAD_INPUT),
        (lambda: dixon([1, 1, 1], alpha=0.05), Status.NOT_ESTIMABLE),
        (lambda: studentise(np.ones(3), np.eye(3)[:, :2]), Status.TOO_FEW_VALUES),
        (lambda: studentise(np.zeros(4), np.ones((4, 1))), Status.NOT_ESTIMABLE),
        (lambda: studentise(np.arange(4.0), np.eye(4)[:, :1]), Status.NOT_ESTIMABLE),
    ],
)
def test_what_cannot_be_tested_is_refused(flag, status):
    with pytest.raises(UnableToAnswer) as refused:
        flag()

    assert refused.value.status is status


def test_a_rest_of_equal_values_has_no_further_outlier():
    steps, outliers = generalized_esd([5, 5, 5, 5, 5, 9], alpha=0.05, most=2)

    assert outliers == 1
    assert steps[1].r.status is Status.NOT_EVALUABLE


@given(VALUES, st.integers(-500, 500), st.sampled_from([0.5, 2, 8]), st.randoms())
@settings(deadline=None, max_examples=15)
def test_the_gap_of_dixon_has_no_origin_no_unit_and_no_order(values, shift, scale, random):
    moved = [value * scale + shift for value in values]
    random.shuffle(moved)
    test, again = dixon(values, alpha=0.05), dixon(moved, alpha=0.05)

    assert (again.q, again.critical) == pytest.approx((test.q, test.critical), rel=1e-9)
    gaps = [sorted(values)[1] - min(values), max(values) - sorted(values)[-2]]
    if gaps[0] != gaps[1]:
        assert moved[again.suspect] == values[test.suspect] * scale + shift


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100), st.permutations(range(8)))
@settings(deadline=None, max_examples=15)
def test_studentised_residuals_have_no_unit_and_follow_their_points(seed, unit, order):
    rng = np.random.default_rng(seed)
    tangents = np.column_stack([np.ones(8), rng.uniform(0, 10, 8)])
    q, _ = np.linalg.qr(tangents)
    noise = rng.standard_normal(8)
    residuals = noise - q @ (q.T @ noise)

    plain = studentise(residuals, tangents)
    moved = studentise(unit * residuals[order], tangents[order] * [unit, 1], np.full(8, 3.0))

    assert moved.external == pytest.approx(plain.external[order], rel=1e-6)
    assert moved.p == pytest.approx(plain.p[order], rel=1e-6)
