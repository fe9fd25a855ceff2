import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import chi2, norm

from assays.kernel.status import Status, UnableToAnswer
from assays.kernel.tolerance import one_sided_exact, one_sided_natrella, two_sided_exact, two_sided_howe

SIZES = st.integers(2, 400)
SHARES = st.floats(0.51, 0.999)


@pytest.mark.parametrize(
    ("n", "coverage", "confidence", "k"),
    [  # ISO 16269-6, one-sided, unknown standard deviation
        (5, 0.90, 0.95, 3.407),
        (5, 0.95, 0.95, 4.203),
        (10, 0.95, 0.95, 2.911),
        (20, 0.95, 0.95, 2.396),
        (43, 0.90, 0.99, 1.8740),
    ],
)
def test_it_finds_the_printed_one_sided_factors(n, coverage, confidence, k):
    assert one_sided_exact(n, coverage=coverage, confidence=confidence) == pytest.approx(k, abs=6e-4)


@pytest.mark.parametrize(
    ("n", "coverage", "confidence", "k"),
    [  # ISO 16269-6, two-sided
        (2, 0.95, 0.95, 36.519),
        (5, 0.95, 0.95, 5.077),
        (10, 0.95, 0.95, 3.393),
        (20, 0.95, 0.95, 2.760),
        (43, 0.90, 0.99, 2.2228),
    ],
)
def test_it_finds_the_printed_two_sided_factors(n, coverage, confidence, k):
    assert two_sided_exact(n, coverage=coverage, confidence=confidence) == pytest.approx(k, abs=6e-4)


def test_it_finds_the_approximations_of_the_nist_handbook():
    n, shares = 43, {"coverage": 0.90, "confidence": 0.99}  # 7.2.6.3

    assert one_sided_natrella(n, **shares) == pytest.approx(1.8752, abs=5e-5)
    assert two_sided_howe(n, **shares) == pytest.approx(2.2173, abs=5e-5)


@given(st.integers(2, 60), SHARES, SHARES)
@settings(deadline=None, max_examples=25)
def test_the_one_sided_factor_covers_with_its_confidence(n, coverage, confidence):
    """By quadrature over the mean instead of the noncentral t distribution."""
    k = one_sided_exact(n, coverage=coverage, confidence=confidence)
    z = norm.ppf(coverage)

    def covered(x):  # Pr(x + k·s ≥ z) for the mean x
        return norm.pdf(x, scale=n**-0.5) * chi2.sf((n - 1) * ((z - x) / k) ** 2, n - 1)

    inside = quad(covered, -9 / n**0.5, z, points=[0], epsabs=1e-12, limit=300)[0]
    assert inside + norm.sf(z * n**0.5) == pytest.approx(confidence, abs=1e-8)


@given(st.integers(2, 60), SHARES, SHARES)
@settings(deadline=None, max_examples=12)
def test_the_two_sided_factor_covers_with_its_confidence(n, coverage, confidence):
    k = two_sided_exact(n, coverage=coverage, confidence=confidence)

    def covered(x):
        def short(half):
            return norm.cdf(x + half) - norm.cdf(x - half) - coverage

        half = brentq(short, 0, x + 20, xtol=1e-13)
        return norm.pdf(x, scale=n**-0.5) * chi2.sf((n - 1) * (half / k) ** 2, n - 1)

    assert 2 * quad(covered, 0, 9.5 / n**0.5, epsabs=1e-11)[0] == pytest.approx(confidence, abs=1e-8)


@given(SIZES, SHARES, SHARES)
@settings(deadline=None, max_examples=40)
@pytest.mark.parametrize("factor", [one_sided_exact, two_sided_exact])
def test_more_coverage_or_more_confidence_takes_a_larger_factor_and_more_values_a_smaller(
    factor, n, coverage, confidence
):
    k = factor(n, coverage=coverage, confidence=confidence)

    assert factor(n, coverage=(1 + coverage) / 2, confidence=confidence) > k
    assert factor(n, coverage=coverage, confidence=(1 + confidence) / 2) > k
    assert k > factor(5 * n, coverage=coverage, confidence=confidence) or confidence < 0.6


@pytest.mark.parametrize("factor", [one_sided_exact, one_sided_natrella, two_sided_exact, two_sided_howe])
def test_a_single_value_has_no_factor(factor):
    with pytest.raises(UnableToAnswer) as refused:
        factor(1, coverage=0.9, confidence=0.95)

    assert refused.value.status is Status.TOO_FEW_VALUES


def test_the_approximation_that_fails_for_few_values_is_refused():
    with pytest.raises(UnableToAnswer, match="Natrella"):
        one_sided_natrella(2, coverage=0.9, confidence=0.99)
