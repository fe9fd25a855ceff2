"""Thousands of standard curves at once: estimates, covariances and a status for each.

One plate or fifty thousand curves go through the same function. The NumPy path serves every family; the compiled path
(`compiled`) the 4PL, several times faster after its first call. Which of them ran is part of the request, never of the
machine's mood: their last digits differ. A compiled curve is the same to the last bit alone and among thousands; in the
NumPy path one curve alone is summed in another order than many, which moves digits beyond the tenth.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from assays.kernel.descent import EXACT
from assays.kernel.information import information
from assays.kernel.logistic import ZERO_DOSE, Array, Family, log_doses, share
from assays.kernel.logistic import centre as centre_of
from assays.kernel.projection import MOST_ITERATIONS, Engine, Projection, project
from assays.kernel.quantiles import f_quantile
from assays.kernel.refusal import FEWEST_ON_THE_SLOPE, FLAT_ALPHA, LEAST_REACH, ON_THE_SLOPE
from assays.kernel.status import Status, UnableToAnswer

__all__ = ["Batch", "CurveStatus", "Engine", "fit_batch"]

LEAST_DETERMINANT = 1e-14  # of the correlation matrix of the projected tangents: below, parameters are one


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
        """√(rss/df), (curves,), in the unit of √weight × response."""
        return np.sqrt(self.rss / np.maximum(self.df, 1))

    @property
    def standard_errors(self) -> Array:
        """Of θ, (curves, p)."""
        with np.errstate(invalid="ignore"):
            return np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2))

    def doses_at(self, responses: Array) -> Array:
        """x of each response (curves, k), NaN where there is no solution or no curve; 4PL only."""
        a, d, b, mu = (self.theta[:, i, None] for i in range(4))
        with np.errstate(all="ignore"):
            way = (responses - d) / (a - d)
            x = np.exp(mu + self.family.sign * np.log((1 - way) / way) / b)
        sound = (way > 0) & (way < 1) & (self.status == CurveStatus.FITTED)[:, None]
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
    fifth parameter or doses that differ between curves. What a single curve lacks is its `status`. Source:
    `projection` for the search, Bates & Watts 1988 for the covariance, `refusal` for what no curve is.
    """
    _require(doses, responses, weights)
    family, log_x = Family(asymmetric=asymmetric), log_doses(doses)
    if Engine(engine) is Engine.NUMPY:
        found = project(family, log_x, responses, weights)
        inverse, constant, determinant = information(family, log_x, responses, weights, found)
        determined = _is_determined(family, log_x, weights, found)
    elif asymmetric or doses.ndim != 1:
        raise UnableToAnswer(Status.UNSUPPORTED, "the compiled path fits the 4PL at common doses")
    else:
        found, inverse, constant, determinant, determined = _compiled(family, log_x, responses, weights)
    points, levels = _counts(doses, responses, weights)
    df = points.astype(np.int64) - family.parameters
    status = np.full(len(responses), CurveStatus.FITTED, dtype=np.uint8)
    with np.errstate(all="ignore"):
        variance = np.where(df > 0, found.rss / np.maximum(df, 1), np.nan)
        exact = _is_constant(constant, points, responses)
        # The first reason that applies is the status, so the last is set first.
        singular = ~(determinant > LEAST_DETERMINANT) | ~np.isfinite(inverse).all((1, 2))
        inverse *= variance[:, None, None]
        status[singular | ~determined] = CurveStatus.NOT_ESTIMABLE
        status[~found.converged] = CurveStatus.NOT_CONVERGED
        status[exact | _is_flat(family, found.rss, constant, df)] = CurveStatus.FLAT
    status[(levels <= family.parameters) | (df <= 0)] = CurveStatus.TOO_FEW_LEVELS
    return Batch(
        family=family,
        theta=np.column_stack(
            [found.a, found.d, found.b, found.mu[0], *([found.log_g] if asymmetric else [])]
        ),
        covariance=inverse,
        rss=found.rss,
        df=df,
        gradient=found.gradient,
        iterations=found.iterations,
        status=status,
    )


def _is_constant(constant: Array, points: NDArray[np.int64], responses: Array) -> NDArray[np.bool_]:
    """Σ w(y − ȳ)² is rounding: one and the same response."""
    size = max(abs(float(responses.max(initial=0.0))), abs(float(responses.min(initial=0.0))))
    found = (
        constant <= EXACT * points * size**2
    )  # of the largest response of all: most curves need no look at their own
    which = np.flatnonzero(found)
    found[which] = constant[which] <= EXACT * points[which] * (responses[which] ** 2).max(1)
    return found


def _is_flat(family: Family, rss: Array, constant: Array, df: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A constant explains the responses as well: F(p − 1, df) below its 0.999 quantile, as in `refusal`."""
    spare = family.parameters - 1
    sizes, which = np.unique(np.maximum(df, 1), return_inverse=True)
    limit = np.array([f_quantile(1 - FLAT_ALPHA, spare, int(size)) for size in sizes])[which]
    return ~((constant - rss) / spare > limit * rss / np.maximum(df, 1))


def _is_determined(
    family: Family, log_x: Array, weights: Array | None, found: Projection
) -> NDArray[np.bool_]:
    """The doses reach both asymptotes and the slope between them, by the limits of `refusal`."""
    used = None if weights is None else weights > 0
    if log_x.ndim == 1 and (used is None or used.ndim == 1):
        x, used = np.unique(log_x if used is None else log_x[used])[:, None], None
    else:
        x = np.atleast_2d(log_x).T
    z = found.b * (x - found.mu[0])
    s = share(z + centre_of(found.log_g)[0], found.log_g) if family.asymmetric else 1 / (1 + np.exp(z))
    keep = (
        np.ones_like(s, dtype=bool)
        if used is None
        else np.broadcast_to(used.T if used.ndim == 2 else used[:, None], s.shape)
    )
    from_top = 1 - np.where(keep, s, 1.0).min(0)
    from_bottom = np.where(keep, s, 0.0).max(0)
    has_zero = (keep & (x < ZERO_DOSE / 2)).any(0)
    low, high = ON_THE_SLOPE
    return (
        (from_top >= LEAST_REACH)
        & (has_zero | (from_bottom >= LEAST_REACH))
        & (_distinct_inside(s, keep, low, high) >= FEWEST_ON_THE_SLOPE)
    )


def _distinct_inside(s: Array, keep: NDArray[np.bool_], low: float, high: float) -> NDArray[np.int64]:
    """How many different values of s lie between the plateaus, for each curve."""
    inside = np.sort(np.where(keep & (low < s) & (s < high), s, 2.0), axis=0)
    fresh = np.diff(inside, axis=0, prepend=-1.0) > 0
    return (fresh & (inside < 2.0)).sum(0)


def _require(doses: Array, responses: Array, weights: Array | None) -> None:
    if responses.ndim != 2 or doses.shape not in (responses.shape, responses.shape[1:]):
        raise UnableToAnswer(
            Status.BAD_INPUT, "responses are (curves, points), doses (points,) or as the responses"
        )
    if weights is not None and weights.shape not in (responses.shape, responses.shape[1:]):
        raise UnableToAnswer(Status.BAD_INPUT, "weights are (points,) or as the responses")
    if not np.isfinite(doses).all() or (doses < 0).any() or not np.isfinite(responses).all():
        raise UnableToAnswer(Status.BAD_INPUT, "doses must be finite and not below zero, responses finite")
    if weights is not None and (not np.isfinite(weights).all() or (weights < 0).any()):
        raise UnableToAnswer(Status.BAD_INPUT, "weights must be finite and not below zero")


def _counts(
    doses: Array, responses: Array, weights: Array | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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
    fresh = ordered[:, 1:] > ordered[:, :-1]
    return used.sum(1), (fresh & np.isfinite(ordered[:, 1:])).sum(1) + used.any(1)


def _compiled(
    family: Family, log_x: Array, responses: Array, weights: Array | None
) -> tuple[Projection, Array, Array, Array, NDArray[np.bool_]]:
    """The fits, (JᵀWJ)⁻¹, Σ w(y − ȳ)², the determinant of `information`, and whether the doses determine the curve."""
    from assays.kernel import compiled  # here: it loads the compiler
    from assays.kernel.machine_code import Settings

    levels, level_of = np.unique(log_x, return_inverse=True)
    w = np.ones((1, len(log_x))) if weights is None else np.atleast_2d(weights).astype(float)
    curves = len(responses)
    estimates, inverse = np.empty((curves, compiled.ESTIMATES)), np.empty((curves, 4, 4))
    rows = np.ascontiguousarray(responses, dtype=float)
    settings = Settings(most_iterations=float(MOST_ITERATIONS))
    with np.errstate(all="ignore"):
        compiled.fit_rows(
            levels,
            level_of,
            rows,
            np.ascontiguousarray(w),
            settings,
            compiled.Limits(),
            compiled.HAS_LOG,
            estimates,
            inverse,
        )
    again = np.flatnonzero(estimates[:, 8] == 0)
    if len(again):  # the few that need the second start take the NumPy path
        own = None if weights is None else weights if weights.ndim == 1 else weights[again]
        _refit(family, log_x, rows[again], own, estimates, inverse, again)
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
    product = inverse[:, 2, 2] * inverse[:, 3, 3]
    return (
        found,
        inverse,
        estimates[:, 5],
        (product - inverse[:, 2, 3] ** 2) / product,
        estimates[:, 9] > 0,
    )


def _refit(
    family: Family,
    log_x: Array,
    rows: Array,
    weights: Array | None,
    estimates: Array,
    inverse: Array,
    again: NDArray[np.intp],
) -> None:
    found = project(family, log_x, rows, weights)
    inverse[again] = information(family, log_x, rows, weights, found)[0]
    columns = [found.a, found.d, found.b, found.mu[0], found.rss]
    for column, values in enumerate(columns):
        estimates[again, column] = values
    estimates[again, 6], estimates[again, 7] = found.gradient, found.iterations
    estimates[again, 8] = found.converged
    estimates[again, 9] = _is_determined(family, log_x, weights, found)
