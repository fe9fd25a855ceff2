"""Thousands of standard curves at once: estimates, covariances and a status for each.

One plate or fifty thousand curves go through the same function. The NumPy path serves every family; the compiled path
(`compiled`) the 4PL, several times faster after its first call. Which of them ran is part of the request, never of the
machine's mood: their last digits differ.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from assays.kernel.logistic import Array, Family, log_doses
from assays.kernel.projection import Projection, information, project
from assays.kernel.quantiles import f_quantile
from assays.kernel.status import Status, UnableToAnswer

FLAT_ALPHA = 0.001
LEAST_DETERMINANT = 1e-14  # of the correlation matrix of the projected tangents: below, parameters are one


class Engine(StrEnum):
    NUMPY = "numpy"
    COMPILED = "compiled"


class CurveStatus(IntEnum):
    """Whether a curve may be used, and if not, why; one byte per curve."""

    FITTED = 0
    TOO_FEW_LEVELS = 1
    FLAT = 2
    NOT_CONVERGED = 3
    NOT_ESTIMABLE = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """Fitted curves; the first axis is the curve. `theta` is (a, d, b, μ[, ln g]) of `logistic`, `covariance` that of
    θ, s²·(JᵀWJ)⁻¹ Gauss-Newton. Where `status` is not FITTED the estimates are where the search ended, and count for
    nothing."""

    family: Family
    theta: Array  # (curves, p)
    covariance: Array  # (curves, p, p)
    rss: Array
    df: NDArray[np.int64]
    gradient: Array
    iterations: NDArray[np.int64]
    status: NDArray[np.uint8]

    @property
    def residual_sd(self) -> Array:
        return np.sqrt(self.rss / np.maximum(self.df, 1))

    @property
    def standard_errors(self) -> Array:
        """Of θ, (curves, p)."""
        with np.errstate(invalid="ignore"):
            return np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2))

    def doses_at(self, responses: Array) -> Array:
        """x of each response (curves, k), NaN where there is no solution or no curve; 4PL only."""
        a, d, b, mu = (self.theta[:, i, None] for i in range(4))
        share = (responses - d) / (a - d)
        with np.errstate(all="ignore"):
            x = np.exp(mu + self.family.sign * np.log((1 - share) / share) / b)
        sound = (share > 0) & (share < 1) & (self.status == CurveStatus.FITTED)[:, None]
        return np.where(sound, x, np.nan)


def fit_batch(
    doses: Array,
    responses: Array,
    weights: Array | None = None,
    *,
    engine: Engine = Engine.NUMPY,
    asymmetric: bool = False,
) -> Batch:
    """Fit every row of `responses` (curves, points), minimising Σ w(y − f)².

    `doses` is (points,) ≥ 0, or (curves, points) in the NumPy path; `weights` is None, (points,) or (curves,
    points), 0 for a masked well. Raises bad_input for shapes that do not fit together, a dose below zero or a value
    that is not finite (a masked well's response must be a number too), unsupported for the compiled path with a
    fifth parameter or doses that differ between curves.
    """
    _require(doses, responses, weights)
    family, log_x = Family(asymmetric=asymmetric), log_doses(doses)
    if Engine(engine) is Engine.COMPILED:
        if asymmetric or doses.ndim != 1:
            raise UnableToAnswer(Status.UNSUPPORTED, "the compiled path fits the 4PL at common doses")
        return _compiled(family, log_x, responses, weights)
    found = project(family, log_x, responses, weights)
    inverse, constant, determinant = information(family, log_x, responses, weights, found)
    theta = np.column_stack([found.a, found.d, found.b, found.mu[0], *([found.log_g] if asymmetric else [])])
    points, levels = _counts(doses, responses, weights)
    return _judged(family, theta, inverse, found, constant, determinant, points, levels)


def _require(doses: Array, responses: Array, weights: Array | None) -> None:
    if responses.ndim != 2 or doses.shape not in (responses.shape, responses.shape[1:]):
        raise UnableToAnswer(Status.BAD_INPUT, "responses are (curves, points), doses (points,) or as the responses")
    if weights is not None and weights.shape not in (responses.shape, responses.shape[1:]):
        raise UnableToAnswer(Status.BAD_INPUT, "weights are (points,) or as the responses")
    if not np.isfinite(doses).all() or (doses < 0).any() or not np.isfinite(responses).all():
        raise UnableToAnswer(Status.BAD_INPUT, "doses must be finite and not below zero, responses finite")
    if weights is not None and (not np.isfinite(weights).all() or (weights < 0).any()):
        raise UnableToAnswer(Status.BAD_INPUT, "weights must be finite and not below zero")


def _counts(doses: Array, responses: Array, weights: Array | None) -> tuple[Array, Array]:
    """Points and distinct doses that each curve uses."""
    curves, count = responses.shape
    if doses.ndim == 1 and (weights is None or weights.ndim == 1):
        used = np.ones(count, dtype=bool) if weights is None else weights > 0
        return np.full(curves, used.sum()), np.full(curves, len(np.unique(doses[used])))
    used = np.broadcast_to(True if weights is None else weights > 0, responses.shape)
    if doses.ndim == 1:
        levels = np.zeros(curves, dtype=np.int64)
        for dose in np.unique(doses):
            levels += used[:, doses == dose].any(1)
        return used.sum(1), levels
    ordered = np.sort(np.where(used, doses, np.inf), axis=1)
    fresh = np.diff(ordered, axis=1, prepend=-1.0) > 0
    return used.sum(1), (fresh & np.isfinite(ordered)).sum(1)


def _compiled(family: Family, log_x: Array, responses: Array, weights: Array | None) -> Batch:
    from assays.kernel import compiled

    levels, level_of = np.unique(log_x, return_inverse=True)
    w = np.ones((1, len(log_x))) if weights is None else np.atleast_2d(weights).astype(float)
    curves = len(responses)
    estimates, upper = np.empty((curves, compiled.ESTIMATES)), np.empty((curves, compiled.INVERSE))
    rows = np.ascontiguousarray(responses, dtype=float)
    with np.errstate(all="ignore"):
        compiled.fit_rows()(levels, level_of, rows, np.ascontiguousarray(w), estimates, upper)
    again = np.flatnonzero(estimates[:, 8] == 0)
    if len(again):  # the few that need the second start take the NumPy path
        own = None if weights is None else weights if weights.ndim == 1 else weights[again]
        _refit(family, log_x, rows[again], own, estimates, upper, again)
    inverse = np.empty((curves, 4, 4))
    for place, (row, column) in enumerate(zip(*np.triu_indices(4), strict=True)):
        inverse[:, row, column] = inverse[:, column, row] = upper[:, place]
    found = Projection(
        a=estimates[:, 0],
        d=estimates[:, 1],
        b=estimates[:, 2],
        mu=estimates[None, :, 3],
        log_g=np.zeros(curves),
        rss=estimates[:, 4],
        gradient=estimates[:, 6],
        iterations=estimates[:, 7].astype(np.int64),
        converged=estimates[:, 8] > 0,
    )
    determinant = 1 / (
        np.maximum(inverse[:, 2, 2] * inverse[:, 3, 3] / (inverse[:, 2, 2] * inverse[:, 3, 3] - inverse[:, 2, 3] ** 2), 1)
    )
    points = np.broadcast_to((w > 0).sum(1), (curves,))
    return _judged(family, estimates[:, :4], inverse, found, estimates[:, 5], determinant, points, estimates[:, 9])


def _refit(
    family: Family, log_x: Array, rows: Array, weights: Array | None, estimates: Array, upper: Array, again: Array
) -> None:
    found = project(family, log_x, rows, weights)
    inverse, _, _ = information(family, log_x, rows, weights, found)
    columns = [found.a, found.d, found.b, found.mu[0], found.rss]
    for column, values in enumerate(columns):
        estimates[again, column] = values
    estimates[again, 6], estimates[again, 7] = found.gradient, found.iterations
    estimates[again, 8] = found.converged
    upper[again] = inverse[:, *np.triu_indices(4)]


def _judged(
    family: Family,
    theta: Array,
    inverse: Array,
    found: Projection,
    constant: Array,
    determinant: Array,
    points: Array,
    levels: Array,
) -> Batch:
    """Covariances and statuses; the first reason that applies is the status."""
    p = family.parameters
    df = np.asarray(points, dtype=np.int64) - p
    with np.errstate(all="ignore"):
        variance = np.where(df > 0, found.rss / np.maximum(df, 1), np.nan)
        limits = {int(n): f_quantile(1 - FLAT_ALPHA, p - 1, int(n)) for n in np.unique(df) if n > 0}
        limit = np.array([limits.get(int(n), np.inf) for n in df]) if len(limits) > 1 else next(iter(limits.values()), np.inf)
        f = (constant - found.rss) / (p - 1) / variance
        flat = (constant <= 0) | (found.rss > 0) & ~(f > limit)
        singular = ~(determinant > LEAST_DETERMINANT) | ~np.isfinite(inverse).all((1, 2))
    status = np.full(len(theta), CurveStatus.FITTED, dtype=np.uint8)
    status[singular] = CurveStatus.NOT_ESTIMABLE
    status[~found.converged] = CurveStatus.NOT_CONVERGED
    status[flat] = CurveStatus.FLAT
    status[(levels <= p) | (df <= 0)] = CurveStatus.TOO_FEW_LEVELS
    return Batch(
        family=family,
        theta=theta,
        covariance=inverse * variance[:, None, None],
        rss=found.rss,
        df=df,
        gradient=found.gradient,
        iterations=found.iterations,
        status=status,
    )
