"""The straight line in s at given b, μ and ln g, and the tangents of what is iterated, projected off it.

Given the shape s (`logistic`), y = d + (a − d)·s. Source: Golub & Pereyra 1973; Kaufman 1975 for the shortened
Jacobian.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.kernel.arrangement import Points
from assays.kernel.logistic import Array, Family, centre

LEAST_SPREAD = 1e-16  # variance of s over the points below which the curve is lost in rounding


@dataclass(slots=True)
class State:
    """Where the active curves are, and the straight line there."""

    b: Array
    mu: Array
    log_g: Array
    t: Array
    s: Array
    length: Array  # ln(1 + e^z), for asymmetric families; else empty
    slope: Array  # −∂s/∂z
    centred: Array
    spread: Array
    level: Array
    rise: Array
    residual: Array
    cost: Array

    def take(self, keep: NDArray) -> "State":
        return self._each(lambda values: values[..., keep])

    def replace_where(self, ok: NDArray[np.bool_], other: "State") -> "State":
        pairs: Any = ((getattr(self, name), getattr(other, name)) for name in _STATE)
        return State(*(np.where(ok, new, old) for old, new in pairs))

    def copy(self) -> "State":
        return self._each(np.copy)

    def _each(self, function: Callable[[Array], Array]) -> "State":
        values: Any = (getattr(self, name) for name in _STATE)
        return State(*(function(value) for value in values))


_STATE = tuple(field.name for field in fields(State))  # asking every time is slow


def line_on(s: Array, y: Array, weights: Array, *, through_zero: bool = False) -> tuple[Array, ...]:
    """Weighted least-squares line of each column of `y` (points, curves) on the same column of s.

    Returns (centred s, its weighted sum of squares, level, rise, residual, cost), level 0 through zero. Where s
    hardly varies, μ being far outside the doses, there is no line and the cost is infinite. Raises nothing.
    """
    total = weights.sum(0)
    if through_zero:
        centred, level = s, np.zeros(y.shape[1])
        weighted = weights * s
        spread = (weighted * s).sum(0)
        rise = (weighted * y).sum(0) / spread
        residual = y - rise * s
    else:
        mean_s = (weights * s).sum(0) / total
        centred = s - mean_s
        weighted = weights * centred
        spread = (weighted * centred).sum(0)
        rise = (weighted * y).sum(0) / spread
        mean_y = (weights * y).sum(0) / total
        level = mean_y - rise * mean_s
        residual = y - mean_y - rise * centred
    cost = (weights * residual * residual).sum(0)
    return centred, spread, level, rise, residual, np.where(spread > LEAST_SPREAD * total, cost, np.inf)


def state_at(family: Family, points: Points, b: Array, mu: Array, log_g: Array) -> State:
    """The shape s, its slope −∂s/∂z and the least-squares line in s at b (n,), μ (h, n), ln g (n,). Raises nothing."""
    t = points.log_x - (mu[0] if family.curves == 1 else mu[points.curve])
    z = b * t if family.sign > 0 else -b * t
    length = np.empty((0, len(b)))
    if family.asymmetric:
        z += centre(log_g)[0]
        length = np.logaddexp(0.0, z)
        g = np.exp(log_g)
        s = np.exp(-g * length)
        slope = g * s * np.exp(z - length)
    else:
        s = 1.0 / (1.0 + np.exp(z))
        slope = s * (1.0 - s)
    line = line_on(s, points.y, points.weights, through_zero=family.through_zero)
    return State(b, mu, log_g, t, s, length, slope, *line)


def raw_tangents(family: Family, points: Points, state: State) -> tuple[list[Array], list[Array]]:
    """∂f/∂θ = factor × tangent (points, curves) for b, every μ and ln g; the factors (curves,) save passes over the
    points. Raises nothing."""
    q = state.rise * state.slope  # −∂f/∂z
    raw = [q * state.t]
    factors = [np.full_like(state.b, -family.sign)]
    if family.curves == 1:
        raw.append(q)
    else:
        raw.extend(q * (points.curve == k)[:, None] for k in range(family.curves))
    factors.extend([family.sign * state.b] * family.curves)
    if family.asymmetric:
        g = np.exp(state.log_g)
        by_length = np.where(state.s > 0, state.length * state.s, 0.0)
        raw.append(-state.rise * g * by_length - centre(state.log_g)[1] * q)
        factors.append(np.ones_like(state.b))
    return raw, factors


def tangents_of(family: Family, points: Points, state: State) -> tuple[list[Array], list[Array]]:
    """The tangents (points, curves) projected off the straight line, and their factors (curves,). Raises nothing."""
    weights, total = points.weights, points.weights.sum(0)
    raw, factors = raw_tangents(family, points, state)
    weighted = weights * state.centred
    projected = []
    for tangent in raw:
        along = (weighted * tangent).sum(0) / state.spread
        if not family.through_zero:
            tangent = tangent - (weights * tangent).sum(0) / total
        projected.append(tangent - along * state.centred)
    return projected, factors


def normal_equations(
    points: Points, state: State, tangents: list[Array]
) -> tuple[list[list[Array]], list[Array]]:
    """Lower triangle of the projected normal matrix and its right-hand side, as arrays (curves,). Raises nothing."""
    weighted = [points.weights * tangent for tangent in tangents]
    matrix = [[(weighted[i] * tangents[j]).sum(0) for j in range(i + 1)] for i in range(len(tangents))]
    return matrix, [(w * state.residual).sum(0) for w in weighted]


def cholesky(matrix: list[list[Array]], damping: Array | float = 0.0) -> list[list[Array]]:
    """L with L Lᵀ = matrix + damping·diag(matrix), unrolled over a few rows and vectorised over curves (curves,).

    Raises nothing: where the matrix is not positive definite L is NaN.
    """
    lower: list[list[Array]] = []
    for i, row in enumerate(matrix):
        new: list[Array] = []
        for j in range(i):
            value = row[j]
            for k in range(j):
                value = value - new[k] * lower[j][k]
            new.append(value / lower[j][j])
        value = row[i] * (1.0 + damping)
        for k in range(i):
            value = value - new[k] * new[k]
        new.append(np.sqrt(value))
        lower.append(new)
    return lower


def solve_lower(lower: list[list[Array]], right: list[Array]) -> list[Array]:
    """x with L Lᵀ x = right, each an array (curves,). Raises nothing."""
    size = len(lower)
    y: list[Array] = []
    for i in range(size):
        value = right[i]
        for k in range(i):
            value = value - lower[i][k] * y[k]
        y.append(value / lower[i][i])
    x: list[Array] = [np.empty(0)] * size
    for i in reversed(range(size)):
        value = y[i]
        for k in range(i + 1, size):
            value = value - lower[k][i] * x[k]
        x[i] = value / lower[i][i]
    return x
