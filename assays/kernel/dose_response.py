"""What is reported about one fitted curve: residual statistics, lack of fit, information criteria."""

from dataclasses import dataclass
from math import log, pi

import numpy as np

from assays.kernel.logistic import Array
from assays.kernel.quantiles import f_tail
from assays.kernel.status import Status, UnableToAnswer


@dataclass(frozen=True, slots=True)
class LackOfFit:
    """F with its tail probability p, and the degrees of freedom of what the curve misses and of pure error."""

    f: float
    p: float
    df1: int
    df2: int


def adjusted_r2(y: Array, weights: Array, rss: float, parameters: int, *, denominator: str) -> float:
    """1 − (rss/tss)(n − 1)/(n − p − 1), or n − p; tss = Σ w(y − ȳ)² about the weighted mean.

    y and weights are (n,). Both definitions are in use (drLumi prints n − p − 1), so the method must name one. Raises
    too_few_values without degrees of freedom, not_evaluable where y does not vary. Source: Draper & Smith.
    """
    n = len(y)
    freedom = n - parameters - (1 if denominator == "n-p-1" else 0)
    mean = float((weights * y).sum() / weights.sum())
    tss = float((weights * (y - mean) ** 2).sum())
    if freedom <= 0:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "no degrees of freedom are left")
    if tss == 0:
        raise UnableToAnswer(Status.NOT_EVALUABLE, "every response is the same")
    return 1 - (rss / tss) * (n - 1) / freedom


def akaike(n: int, rss: float, parameters: int) -> float:
    """n(ln(2π·rss/n) + 1) + 2(p + 1), Akaike's criterion with the variance counted as a parameter.

    Raises not_evaluable for an exact fit. Source: Akaike 1974.
    """
    if rss <= 0:
        raise UnableToAnswer(Status.NOT_EVALUABLE, "the curve is exact: its likelihood is unbounded")
    return n * (log(2 * pi * rss / n) + 1) + 2 * (parameters + 1)


def pure_error(x: Array, y: Array, weights: Array) -> tuple[float, int]:
    """Σ w(y − ȳ)² within equal x, ȳ weighted, and its degrees of freedom n − levels; x, y, weights are (n,).

    In squared units of the responses, times weight. Raises nothing: without replicates it is 0 with 0 df. Source:
    Draper & Smith, section 2.1.
    """
    _, level_of, counts = np.unique(x, return_inverse=True, return_counts=True)
    total = np.bincount(level_of, weights=weights)
    means = np.bincount(level_of, weights=weights * y) / total
    return float((weights * (y - means[level_of]) ** 2).sum()), int(len(y) - len(counts))


def lack_of_fit(rss: float, df: int, pe: float, df_pe: int) -> LackOfFit:
    """F = ((rss − pe)/(df − df_pe))/(pe/df_pe), with its tail probability.

    Raises too_few_values without replicates or spare dose levels, not_evaluable without any pure error.
    Source: Draper & Smith, section 2.1.
    """
    df1 = df - df_pe
    if df_pe <= 0 or df1 <= 0:
        raise UnableToAnswer(
            Status.TOO_FEW_VALUES, "lack of fit needs replicates and more doses than parameters"
        )
    if pe <= 0:
        raise UnableToAnswer(Status.NOT_EVALUABLE, "the replicates agree exactly: there is no pure error")
    f = ((rss - pe) / df1) / (pe / df_pe)
    return LackOfFit(f, f_tail(f, df1, df_pe), df1, df_pe)
