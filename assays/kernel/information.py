"""The inverse of the information matrix of fitted curves, thousands at once."""

import numpy as np

from assays.kernel.arrangement import CHUNK, Points, arrange
from assays.kernel.descent import Projection
from assays.kernel.logistic import Array, Family
from assays.kernel.straight_line import cholesky, normal_equations, raw_tangents, solve_lower, state_at


def information(
    family: Family, log_x: Array, y: Array, weights: Array | None, fit: Projection
) -> tuple[Array, Array, Array]:
    """(JᵀWJ)⁻¹ of (a, d, b, μ_1 … μ_h[, ln g]) at `fit`, (curves, p, p); Σ w(y − ȳ)² about the mean, (curves,); and the
    determinant of the correlation matrix of the projected tangents, 0 where parameters cannot be told apart.

    By blocks: with T the tangents of the iterated parameters, T = m + k·(s − s̄) + P, (PᵀWP)⁻¹ is their block, and the
    straight line's 1/Σw and 1/Σw(s − s̄)² with m and k give the rest. Arguments as `projection.project` has them, in the
    units given. Raises nothing: a singular matrix is not finite. Source: Golub & Pereyra 1973; Bates & Watts 1988.
    """
    size, curves = family.parameters, y.shape[0]
    inverse, constant, determinant = np.empty((curves, size, size)), np.empty(curves), np.empty(curves)
    with np.errstate(all="ignore"):
        points = arrange(family, log_x, y, weights, None)
        for first in range(0, curves, CHUNK):
            which = slice(first, min(first + CHUNK, curves))
            found, determinant[which] = _information(family, points.of(which), fit[which])
            inverse[which] = found
        constant[:] = points.constant
    return inverse, constant, determinant


def _information(family: Family, points: Points, fit: Projection) -> tuple[Array, Array]:
    state = state_at(family, points, fit.b, fit.mu, fit.log_g)
    weights, total = points.weights, points.weights.sum(0)
    raw, factors = raw_tangents(family, points, state)
    means = [
        factor * (weights * tangent).sum(0) / total for tangent, factor in zip(raw, factors, strict=True)
    ]
    weighted = weights * state.centred
    along = [factor * (weighted * t).sum(0) / state.spread for t, factor in zip(raw, factors, strict=True)]
    projected = [
        factor * tangent - m - k * state.centred
        for tangent, factor, m, k in zip(raw, factors, means, along, strict=True)
    ]
    matrix, _ = normal_equations(points, state, projected)
    lower = cholesky(matrix)
    determinant = np.ones(len(fit.b))
    for i, row in enumerate(lower):
        determinant = determinant * row[i] ** 2 / matrix[i][i]
    k, zero, one = len(raw), np.zeros(len(fit.b)), np.ones(len(fit.b))
    columns = [solve_lower(lower, [one if i == j else zero for i in range(k)]) for j in range(k)]
    mean_s = (weights * state.s).sum(0) / total
    up, down = 1 - mean_s, -mean_s
    at_a = [m + up * c for m, c in zip(means, along, strict=True)]
    at_d = [m + down * c for m, c in zip(means, along, strict=True)]
    by_a = [sum(columns[i][j] * at_a[j] for j in range(k)) for i in range(k)]
    by_d = [sum(columns[i][j] * at_d[j] for j in range(k)) for i in range(k)]
    found = np.empty((len(fit.b), k + 2, k + 2))
    found[:, 0, 0] = 1 / total + up**2 / state.spread + sum(p * q for p, q in zip(at_a, by_a, strict=True))
    found[:, 1, 1] = 1 / total + down**2 / state.spread + sum(p * q for p, q in zip(at_d, by_d, strict=True))
    found[:, 0, 1] = (
        1 / total + up * down / state.spread + sum(p * q for p, q in zip(at_a, by_d, strict=True))
    )
    found[:, 1, 0] = found[:, 0, 1]
    for i in range(k):
        found[:, 0, 2 + i] = found[:, 2 + i, 0] = -by_a[i]
        found[:, 1, 2 + i] = found[:, 2 + i, 1] = -by_d[i]
        for j in range(k):
            found[:, 2 + i, 2 + j] = columns[j][i]
    return found, determinant
