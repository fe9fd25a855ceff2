"""Combination of independent estimates of one potency, on the scale of its natural logarithm.

M_i are the estimates (estimates,), V_i their variances, W_i = 1/V_i.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, chdtri, ndtri, stdtrit

from assays.kernel.missing import Missing
from assays.kernel.status import Status, UnableToAnswer, Unanswered

Array = NDArray[np.float64]

GRID = 400  # points at which the restricted likelihood is looked at before it is refined


class Heterogeneity(StrEnum):
    """How the variance v between assays is estimated."""

    SEMI_WEIGHTED = "semi_weighted"  # variance of M beyond the mean V; USP <1034>, Ph. Eur. up to the 9th
    DERSIMONIAN_LAIRD = "dersimonian_laird"  # moments of Q; DerSimonian & Laird 1986
    REML = "reml"  # restricted maximum likelihood; Viechtbauer 2005


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """A combined ln potency. Limits only where the method defines them."""

    mean: float
    se: float
    lower: float | Missing
    upper: float | Missing
    variance: float = 0.0  # between assays


@dataclass(frozen=True, slots=True, kw_only=True)
class Homogeneity:
    """χ² = Σ W(M − M̄w)², its degrees of freedom, p and the quantile it is compared with."""

    chi2: float
    df: int
    p: float
    critical: float


def variance_from_limits(lower: Array, upper: Array, df: Array, *, confidence: float) -> Array:
    """V = ((ln upper − ln lower)/(2t))² from limits on the ln scale (estimates,), t with `df` at `confidence`.

    Raises bad_input for degrees of freedom or a width that are not above zero. Source: Ph. Eur. 5.3, 6.1.
    """
    if (df <= 0).any():
        raise UnableToAnswer(Status.BAD_INPUT, "Degrees of freedom must be above zero.")
    if (upper <= lower).any():
        raise UnableToAnswer(Status.BAD_INPUT, "An upper limit must lie above its lower limit.")
    return ((upper - lower) / (2 * stdtrit(df, (1 + confidence) / 2))) ** 2


def compare_homogeneity(m: Array, v: Array, *, confidence: float) -> Homogeneity | Unanswered:
    """χ² = Σ W(M − M̄w)² with k − 1 df: whether the estimates differ by more than their variances explain.

    `m` and `v` (estimates,) on the ln scale; the critical value is the quantile at `confidence`. Unanswered,
    too_few_values, for one estimate; raises bad_input for a variance that is not above zero. Source: Ph. Eur. 5.3,
    6.2.2.
    """
    _check(m, v)
    if len(m) < 2:
        return Unanswered("One estimate cannot be heterogeneous.", Status.TOO_FEW_VALUES)
    chi2, df = _q(m, 1 / v), len(m) - 1
    return Homogeneity(
        chi2=chi2, df=df, p=float(chdtrc(df, chi2)), critical=float(chdtri(df, 1 - confidence))
    )


def combine_weighted(m: Array, v: Array, *, confidence: float, df: float | None) -> Combined:
    """M̄ = ΣWM/ΣW, se = 1/√ΣW; limits with t of `df`, the sum of those of the assays, else normal.

    Only for homogeneous estimates; `m` and `v` (estimates,) on the ln scale. Raises bad_input for a variance that is
    not above zero. Source: Ph. Eur. 5.3, 6.2.3.
    """
    _check(m, v)
    mean, se = _weighted(m, 1 / v)
    upper_tail = (1 + confidence) / 2
    quantile = float(ndtri(upper_tail)) if df is None else float(stdtrit(df, upper_tail))
    return Combined(mean=mean, se=se, lower=mean - quantile * se, upper=mean + quantile * se)


def combine_unweighted(m: Array, *, confidence: float) -> tuple[Combined, float]:
    """Mean of M (estimates,), se = SD/√k, limits with t(k − 1); and the SD. All on the ln scale.

    Raises too_few_values for a single estimate. Source: Ph. Eur. 5.3, 6.3.
    """
    if len(m) < 2:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "One estimate has no standard deviation.")
    mean, sd = float(m.mean()), float(m.std(ddof=1))
    se = sd / sqrt(len(m))
    quantile = float(stdtrit(len(m) - 1, (1 + confidence) / 2))
    return Combined(mean=mean, se=se, lower=mean - quantile * se, upper=mean + quantile * se), sd


def combine_heterogeneous(m: Array, v: Array, method: Heterogeneity) -> Combined:
    """M̄ with weights 1/(V_i + v), se = 1/√Σ weights; v between assays as `method` says, never below 0.

    - semi-weighted: v = s²(M) − mean V
    - DerSimonian-Laird: v = (χ² − (k − 1))/(ΣW − ΣW²/ΣW)
    - REML: the v ≥ 0 that maximises −½Σln(V_i + v) − ½ln Σw − ½Σw(M − M̄)²

    `m` and `v` (estimates,) on the ln scale. Raises too_few_values for a single estimate, bad_input for a variance that
    is not above zero. Sources: `Heterogeneity`.
    """
    _check(m, v)
    if len(m) < 2:
        raise UnableToAnswer(
            Status.TOO_FEW_VALUES, "One estimate tells nothing of the variance between assays."
        )
    between = _BETWEEN[method](m, v)
    mean, se = _weighted(m, 1 / (v + between))
    undefined = Unanswered("This method defines no limits.", Status.UNSUPPORTED)
    return Combined(mean=mean, se=se, lower=undefined, upper=undefined, variance=between)


def _semi_weighted(m: Array, v: Array) -> float:
    return max(0.0, float(m.var(ddof=1) - v.mean()))


def _dersimonian_laird(m: Array, v: Array) -> float:
    w = 1 / v
    return max(0.0, (_q(m, w) - (len(m) - 1)) / float(w.sum() - (w**2).sum() / w.sum()))


def _reml(m: Array, v: Array) -> float:
    """Every place where the likelihood turns down, and 0; the highest of them. It can have several."""
    from scipy.optimize import brentq  # here: it takes seconds to load, and a web process combines nothing

    def slope(between: float) -> float:
        w = 1 / (v + between)
        mean = (w * m).sum() / w.sum()
        return float(-w.sum() + (w**2).sum() / w.sum() + (w**2 * (m - mean) ** 2).sum())

    def height(between: float) -> float:
        w = 1 / (v + between)
        return float(np.log(w).sum() - np.log(w.sum()) - _q(m, w))

    top = 2 * float(np.ptp(m)) ** 2 + float(v.max())
    grid = np.append(0.0, np.geomspace(min(float(v.min()), top) * 1e-6, top, GRID))
    slopes = [slope(between) for between in grid]
    peaks = [0.0]
    for i in range(GRID):
        if slopes[i] > 0 >= slopes[i + 1]:
            peaks.append(float(brentq(slope, grid[i], grid[i + 1], xtol=1e-300, rtol=1e-14)))
    return max(peaks, key=height)


_BETWEEN: dict[Heterogeneity, Callable[[Array, Array], float]] = {
    Heterogeneity.SEMI_WEIGHTED: _semi_weighted,
    Heterogeneity.DERSIMONIAN_LAIRD: _dersimonian_laird,
    Heterogeneity.REML: _reml,
}


def _weighted(m: Array, w: Array) -> tuple[float, float]:
    return float((w * m).sum() / w.sum()), 1 / sqrt(float(w.sum()))


def _q(m: Array, w: Array) -> float:
    return float((w * (m - (w * m).sum() / w.sum()) ** 2).sum())


def _check(m: Array, v: Array) -> None:
    if len(m) != len(v) or not (v > 0).all():
        raise UnableToAnswer(Status.BAD_INPUT, "Each estimate needs a variance above zero.")
