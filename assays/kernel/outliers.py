"""Tests for values that do not belong. They flag; removing is never the machine's.

Source: NIST/SEMATECH e-Handbook 1.3.5.17; Grubbs 1969; Rosner 1983; Dixon 1950, Rorabacher 1991.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit

from assays.kernel.quadrature import gauss_legendre
from assays.kernel.rounding import as_decimal
from assays.kernel.status import Status, UnableToAnswer, Unanswered

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grubbs:
    """G = max|x − x̄|/s, its critical values at α, and the value that is farthest out (index from 0)."""

    g: float
    critical_one_sided: float
    critical_two_sided: float
    suspect: int
    mean: float
    sd: float


def grubbs(values: Sequence[float], *, alpha: float) -> Grubbs:
    """Grubbs' test of one value of `values` (n,), n ≥ 3, in any unit.

    Critical value (n − 1)/√n·√(t²/(n − 2 + t²)), t the upper quantile with n − 2 df at α/n if the side of
    the suspect was fixed before (one-sided), else at α/(2n). UnableToAnswer: too_few_values, not_estimable
    if all values are equal.
    """
    n = len(values)
    if n < 3:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, f"Grubbs' test needs three values; {n} are given.")
    suspect, mean, sd = _farthest(values)
    if sd == 0:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "All values are equal.")
    return Grubbs(
        g=abs(values[suspect] - mean) / sd,
        critical_one_sided=_grubbs_critical(n, alpha / n),
        critical_two_sided=_grubbs_critical(n, alpha / (2 * n)),
        suspect=suspect,
        mean=mean,
        sd=sd,
    )


def _grubbs_critical(n: int, tail: float) -> float:
    t2 = float(stdtrit(n - 2, tail)) ** 2
    return (n - 1) / sqrt(n) * sqrt(t2 / (n - 2 + t2))


@dataclass(frozen=True, slots=True, kw_only=True)
class EsdStep:
    """The i-th most extreme value: R, the critical λ, and its index (from 0) among all values."""

    r: float | Unanswered
    critical: float
    suspect: int


def generalized_esd(values: Sequence[float], *, alpha: float, most: int) -> tuple[tuple[EsdStep, ...], int]:
    """Up to `most` outliers of `values` (n,): the steps, and how many are outliers.

    At step i the value farthest from the mean of the remaining ones is taken away; R = |x − x̄|/s,
    λ = (n − i)·t/√((n − i − 1 + t²)(n − i + 1)), t at 1 − α/(2(n − i + 1)) with n − i − 1 df. The number of
    outliers is the largest i with R > λ, also when earlier steps are not significant. Two-sided.
    UnableToAnswer: too_few_values if fewer than two values would remain beside the last suspect.
    """
    n = len(values)
    if n - most < 2:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, f"{most} outliers cannot be looked for in {n} values.")
    remaining = list(range(n))
    steps = []
    for i in range(1, most + 1):
        place, mean, sd = _farthest([values[index] for index in remaining])
        suspect = remaining.pop(place)
        t = float(stdtrit(n - i - 1, 1 - alpha / (2 * (n - i + 1))))
        critical = (n - i) * t / sqrt((n - i - 1 + t**2) * (n - i + 1))
        r = abs(values[suspect] - mean) / sd if sd else Unanswered("The rest is equal.", Status.NOT_EVALUABLE)
        steps.append(EsdStep(r=r, critical=critical, suspect=suspect))
    found = [i for i, s in enumerate(steps, start=1) if isinstance(s.r, float) and s.r > s.critical]
    return tuple(steps), max(found, default=0)


def _farthest(values: Sequence[float]) -> tuple[int, float, float]:
    """Index of the value farthest from the mean, the mean and the SD. Of two equally far, the first: hence
    exact fractions of the decimals as written, since rounding must not choose."""
    exact = [Fraction(as_decimal(value)) for value in values]
    centre = sum(exact, Fraction(0)) / len(exact)
    distances = [abs(value - centre) for value in exact]
    mean = float(centre)
    sd = sqrt(fsum(float(distance) ** 2 for distance in distances) / (len(values) - 1))
    return distances.index(max(distances)), mean, sd


@dataclass(frozen=True, slots=True, kw_only=True)
class Dixon:
    """Q = gap/range of the end value with the larger gap (index from 0), and its critical value."""

    q: float
    critical: float
    suspect: int


def dixon(values: Sequence[float], *, alpha: float) -> Dixon:
    """Dixon's Q (r10) of `values` (n,), 3 ≤ n ≤ 30, two-sided: either end may be the outlier.

    The critical value solves Pr(r10 > Q) = α/2 for one named end of n normal values, by quadrature over the
    two ends instead of a table. UnableToAnswer: too_few_values, bad_input for n > 30, not_estimable if all
    values are equal.
    """
    n = len(values)
    if n < 3:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, f"Dixon's test needs three values; {n} are given.")
    if n > 30:
        raise UnableToAnswer(Status.BAD_INPUT, f"Dixon's test is for at most 30 values; {n} are given.")
    order = sorted(range(n), key=values.__getitem__)
    low, high = values[order[0]], values[order[-1]]
    if low == high:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "All values are equal.")
    gaps = values[order[1]] - low, high - values[order[-2]]
    at_top = gaps[1] > gaps[0]
    return Dixon(
        q=max(gaps) / (high - low),
        critical=dixon_critical(n, tail=alpha / 2),
        suspect=order[-1] if at_top else order[0],
    )


def dixon_critical(n: int, *, tail: float) -> float:
    """The Q that r10 of one named end exceeds with probability `tail` in n normal values:

    Pr(r10 > Q) = ∬_(x<z) n(n − 1)·φ(x)·φ(z)·[Φ(z − Q(z − x)) − Φ(x)]^(n−2) dx dz

    Without unit; n ≥ 3 and 0 < `tail` < 1. Raises ValueError where no such Q exists.
    """
    from scipy.optimize import brentq  # here: it takes seconds to load

    nodes, weights = gauss_legendre(160)
    z = 9 * nodes[:, None]  # the largest value
    span = 9 * (nodes[None, :] + 1)  # z − x, up to 18
    x = z - span
    density = n * (n - 1) * 81 * weights[:, None] * weights[None, :] * _density(z) * _density(x)

    def excess(q: float) -> float:
        between = np.maximum(ndtr(z - q * span) - ndtr(x), 0.0)
        return float((density * between ** (n - 2)).sum()) - tail

    return float(brentq(excess, 0.0, 1.0, xtol=1e-12))


def _density(x: Array) -> Array:
    return np.exp(-(x**2) / 2) / sqrt(2 * np.pi)


@dataclass(frozen=True, slots=True)
class StudentisedResiduals:
    """Residuals of a fit in units of their own standard errors, each (points,).

    `internal` uses s of all points; `external` (deleted) s without the point, and follows t with df − 1.
    `p` is two-sided and adjusted for the number of points (Bonferroni), at most 1.
    """

    internal: Array
    external: Array
    leverage: Array
    p: Array


def studentise(residuals: Array, tangents: Array, weights: Array | None = None) -> StudentisedResiduals:
    """Studentised residuals y − f (points,) of a least-squares fit with Jacobian `tangents` (points, parameters).

        r_i = e_i·√w_i / (s·√(1 − h_ii)),   H = QQᵀ of the weighted Jacobian,   s² = Σwe²/(n − p)
        t_i = r_i·√((n − p − 1)/(n − p − r_i²))

    Exact for linear models, first order for curves. UnableToAnswer: too_few_values unless n > p + 1,
    not_estimable if the fit is exact or a point determines a parameter alone (h = 1). Source: Cook &
    Weisberg 1982.
    """
    n, p = tangents.shape
    if n <= p + 1:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, f"{n} points and {p} parameters leave too little.")
    root = np.ones(n) if weights is None else np.sqrt(weights)
    q, _ = np.linalg.qr(tangents * root[:, None])
    leverage = (q**2).sum(1)
    scaled = residuals * root
    variance = float((scaled**2).sum()) / (n - p)
    if variance == 0 or (leverage > 1 - 1e-12).any():
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "A residual has no variance of its own.")
    internal = scaled / np.sqrt(variance * (1 - leverage))
    left = np.maximum(n - p - internal**2, 0.0)
    with np.errstate(divide="ignore"):
        external = internal * np.sqrt((n - p - 1) / left)
    tails = 2 * stdtr(n - p - 1, -np.abs(external))
    return StudentisedResiduals(internal, external, leverage, np.minimum(1.0, n * tails))
