from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import chi2, norm

from assays.kernel.quantal import Link, fit_quantal
from assays.kernel.quantal_profile import log_potency_profile
from assays.kernel.status import Status, UnableToAnswer

Z = norm.ppf(0.975)

# Ph. Eur. 5.3, example 3.1: diphtheria vaccine, guinea pigs protected at doses in IU.
DOSES = np.array([1.0, 1.6, 2.5, 4.0] * 2)
SAMPLES = ["S"] * 4 + ["T"] * 4
N = np.array([12.0, 12, 12, 11, 11, 12, 11, 11])
PROTECTED = np.array([0.0, 3, 6, 10, 0, 4, 8, 10])

# Ph. Eur. 5.3, example 3.3: poliomyelitis vaccine, cultures of eight unaffected at log10 dilutions.
LOG10_DILUTIONS = -np.arange(3.5, 8.5, 0.5)
UNAFFECTED = np.array([0.0, 0, 1, 2, 6, 7, 7, 8, 8, 8])

SHARES = {
    Link.PROBIT: norm.cdf,
    Link.LOGIT: lambda eta: 1 / (1 + np.exp(-eta)),
    Link.GOMPIT: lambda eta: -np.expm1(-np.exp(eta)),
    Link.ANGLE: lambda eta: np.sin(np.clip(eta, -np.pi / 2, np.pi / 2)) / 2 + 0.5,
}


def fitted(link=Link.PROBIT, doses=DOSES, n=N, responders=PROTECTED, samples=SAMPLES):
    return fit_quantal(samples, np.log(doses), n, responders, link=link)


@pytest.mark.parametrize(
    ("link", "printed"),
    [  # example 3.2 prints the four links side by side
        (Link.PROBIT, (160.6, 121.0, 215.2)),
        (Link.LOGIT, (162.9, 121.1, 221.1)),
        (Link.GOMPIT, (158.3, 118.7, 213.3)),
        (Link.ANGLE, (155.8, 122.6, 200.7)),
    ],
)
def test_it_finds_the_potency_that_the_pharmacopoeia_prints(link, printed):
    fit = fitted(link)

    limits = fit.log_potency_limits("T", "S", quantile=Z)
    potency = [140 * exp(m) for m in (fit.log_potency("T", "S"), *limits)]
    assert potency == pytest.approx(printed, abs=0.05)


def test_it_finds_the_titre_that_the_pharmacopoeia_prints():
    fit = fit_quantal(
        ["x"] * 10, LOG10_DILUTIONS * np.log(10), np.full(10, 8.0), UNAFFECTED, link=Link.PROBIT
    )

    lower, upper = fit.log_ed50_limits("x", quantile=Z)
    titres = [-m / np.log(10) - np.log10(0.05) for m in (upper, fit.log_ed50("x"), lower)]
    assert titres == pytest.approx((6.30, 6.63, 6.96), abs=0.005)


@pytest.mark.parametrize("link", Link)
@pytest.mark.parametrize("seed", range(6))
def test_it_reaches_the_maximum_that_a_search_finds(link, seed):
    rng = np.random.default_rng(seed)
    samples, log_doses = ["a"] * 5 + ["b"] * 5 + ["c"] * 5, np.tile(np.linspace(-1.5, 2, 5), 3)
    n = rng.integers(5, 40, 15).astype(float)
    member = np.repeat(np.eye(3), 5, axis=0)
    true = member @ np.array([0.1, -0.4, 0.3]) + 0.7 * log_doses
    responders = rng.binomial(n.astype(int), SHARES[link](true)).astype(float)

    def height(theta):
        p = SHARES[link](member @ theta[:3] + theta[3] * log_doses)
        with np.errstate(all="ignore"):
            terms = np.where(responders > 0, responders * np.log(p), 0)
            terms = terms + np.where(responders < n, (n - responders) * np.log1p(-p), 0)
        return -terms.sum() if np.isfinite(terms).all() else 1e9

    fit = fit_quantal(samples, log_doses, n, responders, link=link)

    found = np.array([*fit.intercepts.values(), fit.slope])
    search = minimize(
        height, found + 0.02, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 9000}
    )
    assert height(found) <= search.fun + 1e-9
    assert found == pytest.approx(search.x, abs=2e-5)
    # expected information, with the slope of the link by differences
    eta, step = member @ found[:3] + found[3] * log_doses, 1e-6
    p, rise = SHARES[link](eta), (SHARES[link](eta + step) - SHARES[link](eta - step)) / (2 * step)
    with np.errstate(all="ignore"):
        weight = np.where((p > 1e-12) & (p < 1 - 1e-12), n * rise**2 / (p * (1 - p)), 0)
    design = np.column_stack([member, log_doses])
    assert fit.covariance == pytest.approx(np.linalg.inv(design.T @ (weight[:, None] * design)), rel=1e-4)


@given(st.floats(0.01, 100), st.permutations(range(8)), st.sampled_from(Link))
@settings(deadline=None, max_examples=40)
def test_neither_the_unit_of_doses_nor_the_order_of_rows_changes_a_potency(unit, order, link):
    order = list(order)
    fit, other = (
        fitted(link),
        fitted(link, DOSES[order] * unit, N[order], PROTECTED[order], [SAMPLES[i] for i in order]),
    )

    assert other.slope == pytest.approx(fit.slope, rel=1e-8)
    assert other.chi2 == pytest.approx(fit.chi2, rel=1e-7)
    assert other.log_potency("T", "S") == pytest.approx(fit.log_potency("T", "S"), rel=1e-7)
    assert other.log_potency_limits("T", "S", quantile=Z) == pytest.approx(
        fit.log_potency_limits("T", "S", quantile=Z), rel=1e-6
    )


def test_counting_the_unprotected_turns_the_lines_and_keeps_the_potency():
    fit, turned = fitted(), fitted(responders=N - PROTECTED)

    assert turned.slope == pytest.approx(-fit.slope)
    assert turned.log_potency("T", "S") == pytest.approx(fit.log_potency("T", "S"))


def test_a_sample_of_twice_the_activity_has_twice_the_potency():
    doubled = np.where(np.array(SAMPLES) == "T", DOSES / 2, DOSES)

    ratio = fitted(doses=doubled).log_potency("T", "S") - fitted().log_potency("T", "S")
    assert ratio == pytest.approx(np.log(2))


@pytest.mark.parametrize("link", Link)
@pytest.mark.parametrize(
    "responders",
    [
        [0, 0, 12, 11, 0, 0, 11, 11],  # a dose separates
        [12, 12, 0, 0, 11, 12, 0, 0],
        [0, 0, 6, 11, 0, 0, 3, 11],  # mixed at one dose only
        [0, 0, 0, 0, 0, 4, 8, 10],  # none of S
        [0, 3, 6, 10, 11, 12, 11, 11],  # all of T
    ],
)
def test_what_has_no_finite_estimate_is_refused(link, responders):
    with pytest.raises(UnableToAnswer) as refused:
        fitted(link, responders=np.array(responders, dtype=float))

    assert refused.value.status is Status.NOT_ESTIMABLE


@pytest.mark.parametrize("link", Link)
def test_flat_lines_have_a_slope_of_zero_and_no_potency(link):
    fit = fitted(link, n=np.full(8, 10.0), responders=np.full(8, 5.0))

    assert fit.slope == pytest.approx(0, abs=1e-12)
    limits = fit.log_potency_limits("T", "S", quantile=Z)
    assert limits.status is Status.LIMITS_DO_NOT_EXIST


def profiled(doses=DOSES, responders=PROTECTED, link=Link.PROBIT):
    return log_potency_profile(
        SAMPLES, np.log(doses), N, responders, link=link, test="T", standard="S", confidence=0.95
    )


@pytest.mark.parametrize("link", [Link.PROBIT, Link.GOMPIT])
def test_a_profile_ends_where_the_likelihood_that_a_search_finds_has_fallen_by_chi_squared(link):
    limits, fit = profiled(link=link), fitted(link)

    def height(theta, m):
        p = SHARES[link](theta[0] + theta[1] * (np.log(DOSES) + m * (np.array(SAMPLES) == "T")))
        p = np.clip(p, 1e-300, 1 - 1e-16)
        return (PROTECTED * np.log(p) + (N - PROTECTED) * np.log1p(-p)).sum()

    for m in limits:
        lower = -minimize(lambda theta, m=m: -height(theta, m), [-1.0, 1.5], method="Nelder-Mead").fun
        assert 2 * (fit.log_likelihood - lower) == pytest.approx(chi2.ppf(0.95, 1), abs=1e-5)
    assert limits[0] < fit.log_potency("T", "S") < limits[1]
    assert limits == pytest.approx(fit.log_potency_limits("T", "S", quantile=Z), abs=0.03)


def test_every_interval_of_a_potency_moves_with_the_potency():
    doubled = np.where(np.array(SAMPLES) == "T", DOSES / 2, DOSES)

    assert np.subtract(profiled(doubled), profiled()) == pytest.approx(np.log(2), abs=1e-8)
    delta = [fitted(doses=d).log_potency_delta("T", "S", quantile=Z) for d in (DOSES, doubled)]
    assert np.subtract(delta[1], delta[0]) == pytest.approx(np.log(2), abs=1e-8)
    assert sum(delta[0]) / 2 == pytest.approx(fitted().log_potency("T", "S"))
    near = fitted().log_potency_limits("T", "S", quantile=1e-4)  # where g goes to 0, Fieller's are these
    assert near == pytest.approx(fitted().log_potency_delta("T", "S", quantile=1e-4), abs=1e-8)


def test_flat_lines_have_no_profile():
    flat = log_potency_profile(
        SAMPLES, np.log(DOSES), np.full(8, 10.0), np.array([5.0, 6, 4, 5] * 2), link=Link.LOGIT,
        test="T", standard="S", confidence=0.95,
    )  # fmt: skip

    assert flat.status in (Status.LIMITS_DO_NOT_EXIST, Status.NOT_ESTIMABLE)


@pytest.mark.parametrize("responders", [-1.0, 13.0])
def test_impossible_counts_are_refused(responders):
    with pytest.raises(UnableToAnswer) as refused:
        fitted(responders=np.append(PROTECTED[:-1], responders))

    assert refused.value.status is Status.BAD_INPUT
