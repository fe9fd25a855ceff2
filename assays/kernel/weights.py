"""Weights of the points of a fit, by rules that a method declares."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assays.kernel.logistic import Array
from assays.kernel.rounding import round_to_decimals
from assays.kernel.status import Status, UnableToAnswer


class WeightRule(StrEnum):
    """Weight of a point: 1, 1/y, 1/y², or 1/s² of its level."""

    NONE = "none"
    ONE_OVER_Y = "1/y"
    ONE_OVER_Y2 = "1/y2"
    LEVEL_SD = "1/sd2_level"


@dataclass(frozen=True, slots=True)
class Weights:
    """A rule, and for 1/s² of the level the decimals to which s and the weight are rounded, half up."""

    rule: WeightRule = WeightRule.NONE
    sd_decimals: int | None = None
    weight_decimals: int | None = None


@dataclass(frozen=True, slots=True)
class FitPoints:
    """The points a curve is fitted to, by ascending dose; `wells_x`, `wells_y` are the single wells behind them."""

    x: Array
    y: Array
    weights: Array
    wells_x: Array
    wells_y: Array


def points_of(x: Array, y: Array, *, weights: Weights, level_means: bool) -> FitPoints:
    """Wells, or one point per distinct dose (the mean of its wells, counted once), with their weights.

    1/y and 1/y² take the response of the point fitted, 1/s² the SD (n − 1) of the wells at its dose, whether
    wells or means are fitted. x and y are (wells,). Raises bad_input for a weight that is not a positive number
    and too_few_values for the SD of a single well. Source: Carroll & Ruppert 1988; for a power of the mean see
    `forms.fit_power_of_mean`.
    """
    order = np.lexsort((y, x))  # sums do not depend on the order of the table
    x, y = x[order], y[order]
    levels, level_of, counts = np.unique(x, return_inverse=True, return_counts=True)
    means = np.bincount(level_of, weights=y) / counts
    by_level = _level_weights(y, level_of, means, counts, levels, weights)
    at, response = (levels, means) if level_means else (x, y)
    if by_level is not None:
        w = by_level if level_means else by_level[level_of]
    else:
        w = _response_weights(response, weights.rule)
    return FitPoints(at, response, w, x, y)


def _response_weights(y: Array, rule: WeightRule) -> Array:
    if rule is WeightRule.NONE:
        return np.ones(len(y))
    if (y == 0).any() or (rule is WeightRule.ONE_OVER_Y and (y < 0).any()):
        raise UnableToAnswer(
            Status.BAD_INPUT, f"the weight {rule} of the response {y.min():g} is no positive number"
        )
    return 1.0 / y if rule is WeightRule.ONE_OVER_Y else 1.0 / y**2


def _level_weights(
    y: Array,
    level_of: NDArray[np.intp],
    means: Array,
    counts: NDArray[np.intp],
    levels: Array,
    weights: Weights,
) -> Array | None:
    if weights.rule is not WeightRule.LEVEL_SD:
        return None
    if (counts < 2).any():
        single = levels[counts < 2][0]
        raise UnableToAnswer(Status.TOO_FEW_VALUES, f"the dose {single:g} has one response, which has no SD")
    with np.errstate(over="ignore"):  # judged below
        sd = np.sqrt(np.bincount(level_of, weights=(y - means[level_of]) ** 2) / (counts - 1))
    if not np.isfinite(sd).all():
        far = levels[int(np.argmin(np.isfinite(sd)))]
        raise UnableToAnswer(Status.BAD_INPUT, f"the responses at dose {far:g} lie too far apart for an SD")
    rounded = [_rounded(Decimal(repr(float(s))), weights.sd_decimals) for s in sd]
    if min(rounded) <= 0:
        zero = levels[int(np.argmin(sd))]
        raise UnableToAnswer(
            Status.BAD_INPUT, f"the responses at dose {zero:g} have the SD 0, which gives no weight"
        )
    w = [float(_rounded(1 / (s * s), weights.weight_decimals)) for s in rounded]
    if min(w) <= 0:
        raise UnableToAnswer(Status.BAD_INPUT, "a weight was rounded to 0")
    return np.array(w)


def _rounded(value: Decimal, decimals: int | None) -> Decimal:
    return value if decimals is None else round_to_decimals(value, decimals)
