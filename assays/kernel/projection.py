"""Batched variable projection for the four-parameter logistic.

The model y = d + (a − d)·s with s = 1/(1 + (x/c)^b) is linear in (a, d) once (b, ln c) are given. The
linear pair is solved exactly at every step and only two parameters are iterated, for any number of curves
at once. Source: Golub & Pereyra 1973; Kaufman 1975 for the shortened Jacobian; Marquardt damping.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]

STEP_TOLERANCE = 1e-11  # where the iteration stops: relative on b, absolute on ln c
CONVERGED = 1e-8  # what one undamped step more may still change
LONGEST_STEP = 2.0  # ln units that c may move at once
MOST_ITERATIONS = 100
MOST_DAMPING = 1e12
EXACT = 1e-26  # residual share of the variation below which a fit is exact to rounding
LEAST_SPREAD = 1e-16  # variance of s over the points below which the curve is lost in rounding
START_SLOPES = (0.5, 1.0, 2.0, 3.0, 5.0, 8.0)
START_LOCATIONS = 13


@dataclass(frozen=True, slots=True)
class Projection:
    """Fitted curves; every array has shape (curves,). `gradient` is the cosine that should be zero."""

    a: Array
    d: Array
    b: Array
    log_c: Array
    rss: Array
    gradient: Array
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Linear:
    """Weighted straight line y = level + rise·s of each curve, with what the next step needs again."""

    centred: Array
    spread: Array
    level: Array
    rise: Array
    residual: Array
    cost: Array


def project(log_doses: Array, responses: Array, weights: Array) -> Projection:
    """Fit every row of `responses` (curves, points) at `log_doses` (points,), minimising Σ w (y − f)².

    Dose 0 is the log-dose −inf. A point of weight 0 is left out of its curve. Two deterministic starts:
    the logit-log line, then, for curves that did not converge, the best point of a fixed grid.
    """
    with np.errstate(all="ignore"):
        fitted = _iterate(log_doses, responses, weights, *_logit_start(log_doses, responses, weights))
        again = ~fitted.converged
        if again.any():
            second = _iterate(
                log_doses,
                responses[again],
                weights[again],
                *_grid_start(log_doses, responses[again], weights[again]),
            )
            fitted = _keep_better(fitted, again, second)
    return fitted


def shape(log_doses: Array, b: Array, log_c: Array) -> tuple[Array, Array]:
    """s = 1/(1 + (x/c)^b) and t = ln x − ln c, both (curves, points). At dose 0 s is 1, and t counts as 0."""
    zero = np.isneginf(log_doses)
    t = np.where(zero, 0.0, log_doses) - log_c[:, None]
    t = np.where(zero, 0.0, t)
    return np.where(zero, 1.0, expit(-b[:, None] * t)), t


def line_on(s: Array, responses: Array, weights: Array) -> _Linear:
    """Weighted least-squares line of each row of `responses` on the same row of `s`.

    Where s hardly varies, c being far outside the doses, there is no line and the cost is infinite.
    """
    total = weights.sum(1)
    mean_s = (weights * s).sum(1) / total
    centred = s - mean_s[:, None]
    spread = (weights * centred**2).sum(1)
    rise = (weights * centred * responses).sum(1) / spread
    level = (weights * responses).sum(1) / total - rise * mean_s
    residual = responses - level[:, None] - rise[:, None] * s
    cost = np.where(spread > LEAST_SPREAD * total, (weights * residual**2).sum(1), np.inf)
    return _Linear(centred, spread, level, rise, residual, cost)


def _logit_start(log_doses: Array, responses: Array, weights: Array) -> tuple[Array, Array]:
    """b and ln c of the straight line logit(p) on ln x, p the share of the way between asymptotes just
    outside the responses. Each point counts (p(1 − p))², the inverse variance of its logit, so that the
    slope of the curve decides and not its plateaus.
    """
    used = (weights > 0) & np.isfinite(log_doses)
    low = np.where(weights > 0, responses, np.inf).min(1)[:, None]
    high = np.where(weights > 0, responses, -np.inf).max(1)[:, None]
    share = (responses - low + 0.02 * (high - low)) / (1.12 * (high - low))
    share = np.where(used, share, 0.5)
    counts = np.where(used, (share * (1 - share)) ** 2, 0.0)
    x = np.where(np.isfinite(log_doses), log_doses, 0.0)
    line = line_on(np.broadcast_to(x, share.shape), np.log(share / (1 - share)), counts)
    middle = (counts * x).sum(1) / counts.sum(1)
    log_c = -line.level / line.rise
    finite = log_doses[np.isfinite(log_doses)]
    sound = (finite.min() <= log_c) & (log_c <= finite.max() + LONGEST_STEP) & (line.rise != 0)
    return np.where(sound, np.abs(line.rise), 1.0), np.where(sound, log_c, middle)


def _grid_start(log_doses: Array, responses: Array, weights: Array) -> tuple[Array, Array]:
    """The pair of a fixed grid with the smallest cost: slopes × locations over and beyond the doses."""
    finite = log_doses[np.isfinite(log_doses)]
    curves = len(responses)
    best = np.full(curves, np.inf)
    best_b, best_log_c = np.ones(curves), np.full(curves, finite.mean())
    for slope in START_SLOPES:
        for location in np.linspace(finite.min() - 1, finite.max() + 2, START_LOCATIONS):
            b, log_c = np.full(curves, slope), np.full(curves, location)
            cost = line_on(shape(log_doses, b, log_c)[0], responses, weights).cost
            better = cost < best
            best = np.where(better, cost, best)
            best_b, best_log_c = np.where(better, b, best_b), np.where(better, log_c, best_log_c)
    return best_b, best_log_c


def _iterate(log_doses: Array, responses: Array, weights: Array, b: Array, log_c: Array) -> Projection:
    curves = len(responses)
    b, log_c = b.copy(), log_c.copy()
    damping = np.full(curves, 1e-3)
    iterations = np.zeros(curves, dtype=np.int64)
    active = np.arange(curves)
    for _ in range(MOST_ITERATIONS):
        y, w = responses[active], weights[active]
        here = line_on(shape(log_doses, b[active], log_c[active])[0], y, w)
        step_b, step_c, _ = _step(log_doses, b[active], log_c[active], here, w, damping[active])
        new_b, new_c = b[active] + step_b, log_c[active] + step_c
        there = line_on(shape(log_doses, new_b, new_c)[0], y, w)
        better = there.cost <= here.cost * (1 + 1e-14)
        b[active] = np.where(better, new_b, b[active])
        log_c[active] = np.where(better, new_c, log_c[active])
        damping[active] = np.where(better, np.maximum(damping[active] * 0.1, 1e-15), damping[active] * 10)
        iterations[active] += 1
        still = np.maximum(np.abs(step_b) / b[active], np.abs(step_c)) >= STEP_TOLERANCE
        active = active[still & (damping[active] <= MOST_DAMPING)]
        if not len(active):
            break
    return _summary(log_doses, responses, weights, b, log_c, iterations)


def _step(
    log_doses: Array, b: Array, log_c: Array, line: _Linear, weights: Array, damping: Array
) -> tuple[Array, Array, Array]:
    """Damped Gauss-Newton step in (b, ln c) of the projected problem: b changes by at most half of itself,
    ln c by at most LONGEST_STEP.

    The third value is the largest cosine between the residual and the two projected tangents.
    """
    s, t = shape(log_doses, b, log_c)
    q = line.rise[:, None] * s * (1 - s)
    along_b = _project_out(-q * t, line, weights)
    along_c = _project_out(q * b[:, None], line, weights)
    h_bb, h_cc = (weights * along_b**2).sum(1), (weights * along_c**2).sum(1)
    h_bc = (weights * along_b * along_c).sum(1)
    g_b, g_c = (weights * along_b * line.residual).sum(1), (weights * along_c * line.residual).sum(1)
    d_bb, d_cc = h_bb * (1 + damping), h_cc * (1 + damping)
    determinant = d_bb * d_cc - h_bc**2
    step_b = (d_cc * g_b - h_bc * g_c) / determinant
    step_c = (d_bb * g_c - h_bc * g_b) / determinant
    shorten = np.minimum(1.0, 0.5 * b / np.maximum(np.abs(step_b), 1e-300))
    shorten = np.minimum(shorten, LONGEST_STEP / np.maximum(np.abs(step_c), 1e-300))
    length = np.sqrt(line.cost)
    cosine = np.maximum(np.abs(g_b) / np.sqrt(h_bb), np.abs(g_c) / np.sqrt(h_cc)) / length
    return step_b * shorten, step_c * shorten, cosine


def _project_out(tangent: Array, line: _Linear, weights: Array) -> Array:
    """The part of `tangent` that no constant and no multiple of s can imitate."""
    along = (weights * line.centred * tangent).sum(1) / line.spread
    mean = (weights * tangent).sum(1) / weights.sum(1)
    return tangent - mean[:, None] - along[:, None] * line.centred


def _summary(
    log_doses: Array, responses: Array, weights: Array, b: Array, log_c: Array, iterations: NDArray[np.int64]
) -> Projection:
    line = line_on(shape(log_doses, b, log_c)[0], responses, weights)
    step_b, step_c, cosine = _step(log_doses, b, log_c, line, weights, np.zeros(len(b)))
    mean = (weights * responses).sum(1) / weights.sum(1)
    variation = (weights * (responses - mean[:, None]) ** 2).sum(1)
    exact = line.cost <= EXACT * variation
    return Projection(
        a=line.level + line.rise,
        d=line.level,
        b=b,
        log_c=log_c,
        rss=line.cost,
        gradient=np.where(exact, 0.0, cosine),
        iterations=iterations,
        converged=exact | (np.maximum(np.abs(step_b) / b, np.abs(step_c)) <= CONVERGED),
    )


def _keep_better(first: Projection, again: NDArray[np.bool_], second: Projection) -> Projection:
    """`first` with the curves in `again` replaced where the second start ended lower or converged."""
    better = second.converged | ~(first.rss[again] <= second.rss)
    chosen = np.flatnonzero(again)[better]
    fields = {}
    for name in Projection.__dataclass_fields__:
        values = getattr(first, name).copy()
        values[chosen] = getattr(second, name)[better]
        fields[name] = values
    return Projection(**fields)
