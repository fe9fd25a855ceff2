"""The wells of a standard curve, arranged for fitting: ordered, weighted, with their level means."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from assays.kernel.logistic import Array, log_doses

WEIGHT_FLOOR = 0.01  # of the largest level mean


class Weighting(StrEnum):
    """Weight of a response: 1, 1/y or 1/y², where y is the mean of its level.

    y is at least 1 % of the largest level mean, so that a level near zero does not decide the fit alone.
    """

    NONE = "none"
    ONE_OVER_Y = "1/y"
    ONE_OVER_Y2 = "1/y²"

    @property
    def power(self) -> int:
        return {Weighting.NONE: 0, Weighting.ONE_OVER_Y: 1, Weighting.ONE_OVER_Y2: 2}[self]


@dataclass(frozen=True, slots=True)
class Points:
    """Wells as arrays (points,) and their levels as arrays (levels,), both by ascending dose."""

    x: Array
    y: Array
    weights: Array
    weight_floor: float
    level_x: Array
    level_mean: Array
    replicates: Array
    pure_error: float  # variance within levels; nan without replicates

    @property
    def degrees_of_freedom(self) -> int:
        return len(self.x) - 4

    @property
    def log_x(self) -> Array:
        """ln x, as `logistic` has it for dose 0."""
        return log_doses(self.x)


def arrange(doses: Sequence[float], responses: Sequence[float], *, weighting: Weighting) -> Points:
    """Doses and responses (points,) as `Points`, in the units given; ValueError for what can be no standard curve.

    Weight = max(level mean, 1 % of the largest)^−power. Source: Carroll & Ruppert 1988.
    """
    x, y = np.asarray(doses, dtype=float), np.asarray(responses, dtype=float)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"{x.size} doses and {y.size} responses were given; each dose needs one response.")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("Every dose and every response must be a finite number.")
    if (x < 0).any():
        raise ValueError(f"The dose {x.min():g} is below zero.")
    # By dose, then response: sums, and with them the last digit, do not depend on the order of the wells.
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    level_x, level_of, replicates = np.unique(x, return_inverse=True, return_counts=True)
    level_mean = np.bincount(level_of, weights=y) / replicates
    freedom = len(x) - len(level_x)
    within = float(((y - level_mean[level_of]) ** 2).sum())
    floor = WEIGHT_FLOOR * float(np.abs(level_mean).max(initial=0.0)) or 1.0
    return Points(
        x=x,
        y=y,
        weights=np.maximum(level_mean[level_of], floor) ** -float(weighting.power),
        weight_floor=floor,
        level_x=level_x,
        level_mean=level_mean,
        replicates=replicates.astype(float),
        pure_error=within / freedom if freedom else float("nan"),
    )
