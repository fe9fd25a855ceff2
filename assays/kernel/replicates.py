"""Replicates of one thing: mean, standard deviation, coefficient of variation, and their combination."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, expm1, fsum, log, sqrt

from assays.kernel.missing import Missing


class Mean(StrEnum):
    """How several values become one; declared by the method."""

    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"


@dataclass(frozen=True, slots=True)
class Replicates:
    """Summary of n values in the unit of the values; %CV is 100·SD/mean, SD with n − 1."""

    n: int
    mean: float | Missing
    sd: float | Missing
    cv_percent: float | Missing


def summarise(values: Sequence[float]) -> Replicates:
    """Mean, SD = √(Σ(y − ȳ)²/(n − 1)) and %CV = 100·SD/ȳ of `values` (n,), same unit.

    One value has no SD and no %CV, and a mean of zero or less has no %CV: Missing, never 0. Source: USP <1010>.
    """
    n = len(values)
    if n == 0:
        nothing = Missing("no value")
        return Replicates(0, nothing, nothing, nothing)
    mean = fsum(values) / n
    if n == 1:
        single = Missing("a single value has no spread")
        return Replicates(1, mean, single, single)
    sd = sqrt(fsum((value - mean) ** 2 for value in values) / (n - 1))
    cv = 100 * sd / mean if mean > 0 else Missing("the mean is not above zero")
    return Replicates(n, mean, sd, cv)


def average(values: Sequence[float], *, kind: Mean) -> float | Missing:
    """One value from several of the same thing, e.g. dilution-corrected concentrations in range.

    Arithmetic Σy/n or geometric exp(Σ ln y / n). No value, or a geometric mean with a value that is
    not above zero, is Missing. In the unit of `values` (n,). Source: USP <1010>; <1034> for the geometric mean.
    """
    if not values:
        return Missing("no value")
    if kind is Mean.ARITHMETIC:
        return fsum(values) / len(values)
    if min(values) <= 0:
        return Missing("a geometric mean needs values above zero")
    return exp(fsum(log(value) for value in values) / len(values))


def geometric_sd(sd_of_ln: float) -> float:
    """exp(SD of the natural logarithms): the factor of one standard deviation, without unit. Source: Kirkwood 1979.

    Raises OverflowError beyond the doubles.
    """
    return exp(sd_of_ln)


def geometric_cv_percent(sd_of_ln: float) -> float:
    """100·√(exp(s²) − 1), s the SD of the natural logarithms, in percent. Source: Kirkwood 1979.

    Raises OverflowError beyond the doubles.
    """
    return 100 * sqrt(expm1(sd_of_ln**2))
