"""Control charts of means, and the capability of the process behind them.

Source: NIST/SEMATECH e-Handbook 6.3.2; Montgomery, Statistical Quality Control.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtr, ndtri

from assays.kernel.quadrature import gauss_legendre
from assays.kernel.status import Status, UnableToAnswer

Array = NDArray[np.float64]


def ewma(values: Sequence[float], *, start: float, weight: float) -> list[float]:
    """E_i = λ·x_i + (1 − λ)·E_(i−1), E_0 = `start`: one mean for each of `values` (n,), 0 < λ = `weight` ≤ 1.

    In the unit of the values. Raises nothing. Source: Roberts 1959; NIST/SEMATECH e-Handbook 6.3.2.4.
    """
    means, last = [], start
    for value in values:
        last = weight * value + (1 - weight) * last
        means.append(last)
    return means


def ewma_limits(*, target: float, sd: float, weight: float, k: float) -> tuple[float, float]:
    """Steady-state limits target ± k·sd·√(λ/(2 − λ)), sd that of a single value, in its unit. Raises nothing.

    Source: NIST/SEMATECH e-Handbook 6.3.2.4.
    """
    half = k * sd * sqrt(weight / (2 - weight))
    return target - half, target + half


@lru_cache
def d2(n: int) -> float:
    """Mean range of n standard normal values: ∫ 1 − (1 − Φ)ⁿ − Φⁿ dx; d2(5) = 2.325929.

    Raises too_few_values for n < 2. Source: Tippett 1925.
    """
    if n < 2:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "A single value has no range.")
    nodes, weights = gauss_legendre(200)
    x = 5 * (nodes + 1)  # the integrand is even
    p, q = ndtr(x), ndtr(-x)
    return float(2 * 5 * (weights * (-np.expm1(n * np.log(p)) - q**n)).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanChart:
    """Centre, SD within subgroups and limits of a chart of subgroup means."""

    center: float
    sd_within: float
    lower: float
    upper: float


def mean_chart(subgroups: Array, *, k: float) -> MeanChart:
    """Limits from baseline `subgroups` (subgroups, n): centre the mean of means, sd = mean range/d2(n),
    limits centre ± k·sd/√n. UnableToAnswer: too_few_values for n = 1."""
    n = subgroups.shape[1]
    center = float(subgroups.mean(1).mean())
    sd = float(np.ptp(subgroups, axis=1).mean()) / d2(n)
    half = k * sd / sqrt(n)
    return MeanChart(center=center, sd_within=sd, lower=center - half, upper=center + half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """Cp indices with the SD they were given: within subgroups (Cp …) or overall (Pp …)."""

    cp: float
    cpl: float
    cpu: float
    cpk: float
    cpm: float


def capability(*, center: float, sd: float, lower: float, upper: float, target: float) -> Capability:
    """How often the process spread fits between the specification limits.

        Cp = (U − L)/6s   Cpl = (c − L)/3s   Cpu = (U − c)/3s   Cpk = min   Cpm = (U − L)/(6√(s² + (c − T)²))

    Units of the values; a log-normal potency belongs on the ln scale. UnableToAnswer: not_estimable for
    s = 0, bad_input unless L < U.
    """
    if lower >= upper:
        raise UnableToAnswer(Status.BAD_INPUT, "The lower specification limit must lie below the upper.")
    if sd <= 0:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "The process has no spread.")
    cpl, cpu = (center - lower) / (3 * sd), (upper - center) / (3 * sd)
    return Capability(
        cp=(upper - lower) / (6 * sd),
        cpl=cpl,
        cpu=cpu,
        cpk=min(cpl, cpu),
        cpm=(upper - lower) / (6 * sqrt(sd**2 + (center - target) ** 2)),
    )


def cpk_limits(cpk: float, *, n: int, confidence: float) -> tuple[float, float]:
    """Approximate limits of Cpk or Ppk from `n` ≥ 2 values: Cpk ± z·√(1/(9n) + Cpk²/(2(n − 1))), without unit.

    Raises nothing. Source: Bissell 1990, Applied Statistics 39:331; NIST/SEMATECH e-Handbook 6.1.6.
    """
    half = float(ndtri((1 + confidence) / 2)) * sqrt(1 / (9 * n) + cpk**2 / (2 * (n - 1)))
    return cpk - half, cpk + half


def cp_limits(cp: float, *, df: int, confidence: float) -> tuple[float, float]:
    """Limits of Cp or Pp from the χ² distribution of the variance: Cp·√(χ²_(α/2; df)/df) and at 1 − α/2, without unit.

    Raises nothing; `df` ≥ 1 are those of the SD. Source: Montgomery; NIST/SEMATECH e-Handbook 6.1.6.
    """
    tail = (1 - confidence) / 2
    return cp * sqrt(float(chdtri(df, 1 - tail)) / df), cp * sqrt(float(chdtri(df, tail)) / df)
