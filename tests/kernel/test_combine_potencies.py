from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from assays.kernel.combination import (
    Heterogeneity,
    combine_heterogeneous,
    combine_unweighted,
    combine_weighted,
    compare_homogeneity,
    variance_from_limits,
)
from assays.kernel.status import Status, UnableToAnswer

# Ph. Eur. 5.3, 6.6: six assays with 20 degrees of freedom each, potency and 95 % limits.
POTENCY = np.log([18367, 18003, 18064, 17832, 18635, 18269])
LOWER = np.log([17755, 17415, 17319, 17253, 17959, 17722])
UPPER = np.log([19002, 18610, 18838, 18429, 19339, 18834])

# Thirteen trials of BCG against tuberculosis: cases and others, vaccinated and not (Colditz et al. 1994).
BCG = np.array(
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
        (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
        (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ],
    dtype=float,
)  # fmt: skip
A, B, C, D = BCG.T
LOG_RISK = np.log(A / (A + B)) - np.log(C / (C + D))
VARIANCE = 1 / A - 1 / (A + B) + 1 / C - 1 / (C + D)

ESTIMATES = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2)), min_size=2, max_size=9)


def arrays(pairs):
    m, v = np.array(pairs).T
    return m, v


def test_it_combines_as_the_pharmacopoeia_prints():
    df = np.full(6, 20.0)
    v = variance_from_limits(LOWER, UPPER, df, confidence=0.95)

    homogeneity = compare_homogeneity(POTENCY, v, confidence=0.95)
    combined = combine_weighted(POTENCY, v, confidence=0.95, df=120)

    assert homogeneity.chi2 == pytest.approx(4.42, abs=0.005)
    assert homogeneity.critical == pytest.approx(11.07, abs=0.005)
    printed = [exp(value) for value in (combined.mean, combined.lower, combined.upper)]
    assert printed == pytest.approx((18187, 17946, 18431), abs=0.5)


@pytest.mark.parametrize(
    ("method", "variance", "mean", "se"),
    [  # Viechtbauer 2010, J Stat Softw 36(3): the same data with metafor
        (Heterogeneity.REML, 0.3132, -0.7145, 0.1798),
        (Heterogeneity.DERSIMONIAN_LAIRD, 0.3088, -0.7141, 0.1787),
    ],
)
def test_it_finds_the_published_variance_between_trials(method, variance, mean, se):
    combined = combine_heterogeneous(LOG_RISK, VARIANCE, method)

    assert (combined.variance, combined.mean, combined.se) == pytest.approx((variance, mean, se), abs=5e-5)


def test_the_heterogeneity_of_the_trials_is_the_published_one():
    assert compare_homogeneity(LOG_RISK, VARIANCE, confidence=0.95).chi2 == pytest.approx(152.233, abs=5e-4)


@given(ESTIMATES)
@settings(deadline=None, max_examples=15)
def test_reml_is_where_a_search_finds_the_restricted_likelihood_highest(pairs):
    m, v = arrays(pairs)

    def depth(between):
        w = 1 / (v + between)
        mean = (w * m).sum() / w.sum()
        return 0.5 * (np.log(v + between).sum() + np.log(w.sum()) + (w * (m - mean) ** 2).sum())

    found = combine_heterogeneous(m, v, Heterogeneity.REML).variance

    starts = np.append(0, np.geomspace(1e-4, 100, 60))
    searches = [minimize_scalar(depth, bounds=(s / 3, s * 3 + 1e-6), method="bounded").fun for s in starts]
    assert found >= 0
    assert depth(found) <= min(*searches, depth(0)) + 1e-10


@given(ESTIMATES, st.floats(-5, 5), st.randoms())
@settings(deadline=None, max_examples=40)
@pytest.mark.parametrize("method", Heterogeneity)
def test_a_common_factor_moves_the_mean_and_nothing_else(method, pairs, shift, random):
    m, v = arrays(pairs)
    random.shuffle(pairs)
    shuffled = arrays(pairs)

    combined = combine_heterogeneous(m, v, method)
    moved = combine_heterogeneous(shuffled[0] + shift, shuffled[1], method)

    assert moved.mean == pytest.approx(combined.mean + shift, abs=1e-6)
    assert moved.variance == pytest.approx(combined.variance, rel=1e-6, abs=1e-8)
    assert moved.se == pytest.approx(combined.se, rel=1e-6)


def test_equal_estimates_have_no_variance_between_them():
    for method in Heterogeneity:
        combined = combine_heterogeneous(np.zeros(3), np.array([1.0, 2, 3]), method)
        assert (combined.mean, combined.variance) == (0, 0)


def test_the_unweighted_mean_asks_no_variance():
    combined, sd = combine_unweighted(np.log([50, 100, 200]), confidence=0.95)

    assert exp(combined.mean) == pytest.approx(100)
    assert exp(sd) == pytest.approx(2)
    half = 4.302652729696142 * np.log(2) / 3**0.5  # t(2) at 0.975
    assert combined.upper - combined.mean == pytest.approx(half)


def test_without_degrees_of_freedom_the_limits_are_normal():
    combined = combine_weighted(np.zeros(2), np.array([2.0, 2.0]), confidence=0.95, df=None)

    assert combined.upper == pytest.approx(1.959963984540054)


def test_one_estimate_tells_nothing_of_others():
    m, v = np.array([1.0]), np.array([0.1])

    assert compare_homogeneity(m, v, confidence=0.95).status is Status.TOO_FEW_VALUES
    for combine in (
        lambda: combine_unweighted(m, confidence=0.95),
        lambda: combine_heterogeneous(m, v, Heterogeneity.REML),
    ):
        with pytest.raises(UnableToAnswer) as refused:
            combine()
        assert refused.value.status is Status.TOO_FEW_VALUES


@pytest.mark.parametrize("v", [[0.0, 1.0], [-1.0, 1.0], [float("nan"), 1.0]])
def test_a_variance_must_be_above_zero(v):
    with pytest.raises(UnableToAnswer, match="variance"):
        combine_weighted(np.zeros(2), np.array(v), confidence=0.95, df=None)


def test_limits_must_be_in_order():
    with pytest.raises(UnableToAnswer, match="upper limit"):
        variance_from_limits(np.array([2.0]), np.array([1.0]), np.array([5.0]), confidence=0.95)


@given(ESTIMATES, st.floats(-5, 5), st.floats(0.1, 10), st.randoms())
@settings(deadline=None, max_examples=30)
def test_weighted_and_plain_means_move_with_origin_and_unit_and_know_no_order(pairs, shift, unit, random):
    shuffled = list(pairs)
    random.shuffle(shuffled)
    (m, v), (other, w) = arrays(pairs), arrays(shuffled)

    for plain, moved in (
        (
            combine_weighted(m, v, confidence=0.95, df=9),
            combine_weighted(unit * other + shift, unit**2 * w, confidence=0.95, df=9),
        ),
        (
            combine_unweighted(m, confidence=0.95)[0],
            combine_unweighted(unit * other + shift, confidence=0.95)[0],
        ),
    ):
        assert moved.mean == pytest.approx(unit * plain.mean + shift, abs=1e-8)
        assert moved.upper - moved.lower == pytest.approx(unit * (plain.upper - plain.lower), abs=1e-8)
    chi2 = compare_homogeneity(m, v, confidence=0.95).chi2
    moved_chi2 = compare_homogeneity(unit * other + shift, unit**2 * w, confidence=0.95).chi2
    assert moved_chi2 == pytest.approx(chi2, rel=1e-6, abs=1e-8)


@given(ESTIMATES)
@settings(deadline=None, max_examples=20)
def test_a_further_assay_makes_the_weighted_mean_more_precise(pairs):
    m, v = arrays(pairs)

    assert combine_weighted(m, v, confidence=0.95, df=None).se < (
        combine_weighted(m[1:], v[1:], confidence=0.95, df=None).se
    )
