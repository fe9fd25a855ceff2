"""Normal tolerance factors k: mean ± k·s covers a share of the population with a stated confidence."""

from math import sqrt

import numpy as np
from scipy.special import chdtrc, chdtri, nctdtrit, ndtr, ndtri

from assays.kernel.quadrature import gauss_legendre
from assays.kernel.status import Status, UnableToAnswer

NODES = 400  # of the quadrature over the mean
FARTHEST = 9.5  # standard errors of the mean; beyond lies less than 1e-20


def one_sided_exact(n: int, *, coverage: float, confidence: float) -> float:
    """k = t′(γ; n − 1, z_P·√n)/√n, t′ the quantile of the noncentral t distribution.

    mean + k·s lies above the P quantile (mean − k·s below the 1 − P quantile) with probability γ.
    UnableToAnswer: too_few_values for n < 2. Source: ISO 16269-6; Owen 1968.
    """
    _check(n)
    return float(nctdtrit(n - 1, float(ndtri(coverage)) * sqrt(n), confidence)) / sqrt(n)


def one_sided_natrella(n: int, *, coverage: float, confidence: float) -> float:
    """k ≈ (z_P + √(z_P² − ab))/a, a = 1 − z_γ²/(2(n − 1)), b = z_P² − z_γ²/n.

    not_estimable where n is so small that the approximation gives no number. Source: NIST/SEMATECH
    e-Handbook 7.2.6.3, after Natrella 1963.
    """
    _check(n)
    z_p, z_g = float(ndtri(coverage)), float(ndtri(confidence))
    a, b = 1 - z_g**2 / (2 * (n - 1)), z_p**2 - z_g**2 / n
    if a <= 0 or z_p**2 < a * b:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, f"The approximation of Natrella has no value for n = {n}.")
    return (z_p + sqrt(z_p**2 - a * b)) / a


def two_sided_howe(n: int, *, coverage: float, confidence: float) -> float:
    """k ≈ z_(1+P)/2·√((n − 1)(1 + 1/n)/χ²), χ² the lower 1 − γ quantile with n − 1 df, without unit.

    UnableToAnswer: too_few_values for n < 2. Source: Howe 1969.
    """
    _check(n)
    z = float(ndtri((1 + coverage) / 2))
    return z * sqrt((n - 1) * (1 + 1 / n) / float(chdtri(n - 1, confidence)))


def two_sided_exact(n: int, *, coverage: float, confidence: float) -> float:
    """The k for which mean ± k·s covers at least P of the population with probability exactly γ:

        γ = ∫ φ(z)·Pr(χ²_(n−1) ≥ (n − 1)·r(z)²/k²) dz,   Φ(x + r) − Φ(x − r) = P at x = z/√n

    z is the standardised mean, r the half-width that just covers P there. Gauss-Legendre quadrature, root
    by Brent. UnableToAnswer: too_few_values for n < 2. Source: Odeh 1978; ISO 16269-6.
    """
    from scipy.optimize import brentq  # here: it takes seconds to load

    _check(n)
    nodes, weights = gauss_legendre(NODES)
    z = FARTHEST * (nodes + 1) / 2  # the integrand is even
    density = FARTHEST * weights * np.exp(-(z**2) / 2) / sqrt(2 * np.pi)
    reach2 = (n - 1) * _half_width(z / sqrt(n), coverage) ** 2

    def excess(log_k: float) -> float:
        return float((density * chdtrc(n - 1, reach2 / np.exp(2 * log_k))).sum()) - confidence

    guess = np.log(two_sided_howe(n, coverage=coverage, confidence=confidence))
    return float(np.exp(brentq(excess, guess - 3, guess + 3, xtol=1e-14)))


def _half_width(x: np.ndarray, coverage: float) -> np.ndarray:
    """r with Φ(x + r) − Φ(x − r) = P at each x ≥ 0, by bisection: exact to the last digit, never astray."""
    low = np.full_like(x, float(ndtri((1 + coverage) / 2)))
    high = x + low
    for _ in range(100):
        middle = (low + high) / 2
        short = ndtr(x + middle) - ndtr(x - middle) < coverage
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return (low + high) / 2


def _check(n: int) -> None:
    if n < 2:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "A tolerance factor needs at least two values.")
