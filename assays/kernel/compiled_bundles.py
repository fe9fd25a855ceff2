"""The iteration of `projection` for any family of the logistic, compiled: bundles, fifth parameter, many starts.

Loaded, compiled and kept like `compiled`. A relative potency needs a few hundred short fits of a few dozen wells, where
calling NumPy costs far more than the arithmetic.
"""

from collections.abc import Callable
from functools import cache
from math import exp, expm1, fabs, log, log1p, sqrt

import numpy as np

from assays.kernel.arrangement import Points
from assays.kernel.compiled import SETTINGS, compiled
from assays.kernel.descent import STEP_TOLERANCE, Projection, Start
from assays.kernel.logistic import Array, Family

_LN2 = log(2.0)
_STEEPEST = 30.0  # ln 2/g beyond which ln(2^(1/g) − 1) is ln 2/g to rounding


def iterate(
    family: Family, points: Points, start: Start, tolerance: float, most_iterations: int
) -> Projection:
    """`descent.iterate`, compiled: one search per start, `points` having one column per start or one for all."""
    searches, h = len(start.b), family.curves
    theta = np.empty((searches, 2 + h))
    theta[:, 0], theta[:, 1 : 1 + h], theta[:, -1] = start.b, start.mu.T, start.log_g
    found = np.empty((searches, 6))
    _search()(
        np.ascontiguousarray(points.log_x.T),
        np.ascontiguousarray(points.y.T),
        np.ascontiguousarray(points.weights.T, dtype=float),
        points.curve,
        np.ascontiguousarray(points.within),
        np.ascontiguousarray(points.constant),
        h,
        family.sign,
        family.asymmetric,
        family.through_zero,
        (*SETTINGS[:6], tolerance, *SETTINGS[7:9], float(most_iterations), SETTINGS[10]),
        theta,
        found,
    )
    level, rise, rss = found[:, 0], found[:, 1], found[:, 2]
    return Projection(
        a=level + rise,
        d=level,
        b=theta[:, 0],
        mu=theta[:, 1 : 1 + h].T,
        log_g=theta[:, -1],
        rss=rss,
        gradient=found[:, 3],
        iterations=found[:, 4].astype(np.int64),
        converged=(found[:, 5] > 0) & np.isfinite(rss) & np.isfinite(rise),
    )


def costs(family: Family, points: Points, start: Start) -> Array:
    """Σ w(y − f)² at each start (n,) of the one curve or bundle given: searches that take no step."""
    return iterate(family, points, start, STEP_TOLERANCE, 0).rss


@cache
def _search() -> Callable[..., None]:
    return compiled(_search_rows)


def _search_rows(  # noqa: C901
    log_x,
    y_rows,
    w_rows,
    curve,
    within_rows,
    constant_rows,
    h,
    sign,
    asymmetric,
    through_zero,
    settings,
    theta,
    found,
):
    """By row: log_x, y and w (searches or 1, points), theta (searches, 2 + h) in and out, found (searches, 6)."""
    (
        first_damping,
        less_damping,
        most_damping,
        longest_step,
        least_spread,
        exact_share,
        tolerance,
        near,
        most_polish,
        most_iterations,
        _,
    ) = settings
    m, q = y_rows.shape[1], 1 + h + (1 if asymmetric else 0)
    t, s, length, r = np.empty(m), np.empty(m), np.empty(m), np.empty(m)
    tangent, matrix, lower = np.empty((q, m)), np.empty((q, q)), np.empty((q, q))
    right, move = np.empty(q), np.empty(q)
    old, new = np.empty(2 + h), np.empty(2 + h)
    for i in range(theta.shape[0]):
        x = log_x[i if log_x.shape[0] > 1 else 0]
        y = y_rows[i if y_rows.shape[0] > 1 else 0]
        w = w_rows[i if w_rows.shape[0] > 1 else 0]
        within = within_rows[i if within_rows.shape[0] > 1 else 0]
        constant = constant_rows[i if constant_rows.shape[0] > 1 else 0]
        total = mean = 0.0
        for j in range(m):
            total += w[j]
            mean += w[j] * y[j]
        mean = 0.0 if through_zero else mean / total
        for k in range(2 + h):
            new[k] = theta[i, k]
            old[k] = theta[i, k]
        cost, damping, polish, iteration, last = np.inf, first_damping, 0, 0, np.inf
        converged, cosine, largest, level, rise = False, np.nan, np.inf, np.nan, np.nan
        ms = spread = 0.0
        first = True
        while True:
            # Where `new` leads: the straight line in s.
            g = exp(new[1 + h]) if asymmetric else 1.0
            shift = 0.0
            if asymmetric:
                power = _LN2 / g
                shift = log(expm1(power)) if power < _STEEPEST else power
            nms = 0.0
            for j in range(m):
                t[j] = x[j] - new[1 + curve[j]]
                z = sign * new[0] * t[j] + shift
                if asymmetric:
                    length[j] = z + log1p(exp(-z)) if z > 0 else log1p(exp(z))
                    s[j] = exp(-g * length[j])
                else:
                    s[j] = 1.0 / (1.0 + exp(z))
                nms += w[j] * s[j]
            nms = 0.0 if through_zero else nms / total
            nspread = sy = 0.0
            for j in range(m):
                v = w[j] * (s[j] - nms)
                nspread += v * (s[j] - nms)
                sy += v * y[j]
            nrise = sy / nspread
            ncost = 0.0
            for j in range(m):
                e = y[j] - mean - nrise * (s[j] - nms)
                ncost += w[j] * e * e
            if not nspread > least_spread * total:
                ncost = np.inf
            accepted = first or ncost <= cost * (1 + 1e-13)
            if accepted and not first and largest <= near:
                polish += 1
                ratio = min(largest / last, 0.5)
                if largest * ratio <= tolerance * (1 - ratio) or polish > most_polish:
                    converged = True
            if accepted:
                ms, spread, rise, cost = nms, nspread, nrise, ncost
                level = mean - rise * ms
                for k in range(2 + h):
                    old[k] = new[k]
                if not first:
                    last = largest
                    damping = max(damping * less_damping, 1e-15)
                for j in range(m):
                    r[j] = y[j] - mean - rise * (s[j] - ms)
                # Tangents of the iterated parameters, off the straight line.
                slope_of_shift = 0.0
                if asymmetric:
                    power = _LN2 / g
                    slope_of_shift = power / expm1(-power) if power < _STEEPEST else -power
                for j in range(m):
                    if asymmetric:
                        z = sign * old[0] * t[j] + shift
                        fall = g * s[j] * exp(z - length[j])
                    else:
                        fall = s[j] * (1 - s[j])
                    q1 = rise * fall
                    tangent[0, j] = -sign * q1 * t[j]
                    for k in range(h):
                        tangent[1 + k, j] = sign * old[0] * q1 if curve[j] == k else 0.0
                    if asymmetric:
                        tangent[q - 1, j] = -slope_of_shift * q1
                        if s[j] > 0:
                            tangent[q - 1, j] -= rise * g * length[j] * s[j]
                for k in range(q):
                    along = center = 0.0
                    for j in range(m):
                        along += w[j] * (s[j] - ms) * tangent[k, j]
                        center += w[j] * tangent[k, j]
                    along /= spread
                    center = 0.0 if through_zero else center / total
                    for j in range(m):
                        tangent[k, j] -= center + along * (s[j] - ms)
                for k in range(q):
                    right[k] = 0.0
                    for j in range(m):
                        right[k] += w[j] * tangent[k, j] * r[j]
                    for n in range(k + 1):
                        matrix[k, n] = 0.0
                        for j in range(m):
                            matrix[k, n] += w[j] * tangent[k, j] * tangent[n, j]
                if cost <= exact_share * constant:
                    converged = True
            elif not first:
                damping *= 10
                last = np.inf
            first = False
            if converged or not damping <= most_damping or iteration >= most_iterations:
                break
            iteration += 1
            for k in range(q):
                for n in range(k):
                    value = matrix[k, n]
                    for p in range(n):
                        value -= lower[k, p] * lower[n, p]
                    lower[k, n] = value / lower[n, n]
                value = matrix[k, k] * (1 + damping)
                for p in range(k):
                    value -= lower[k, p] * lower[k, p]
                lower[k, k] = sqrt(value)
            for k in range(q):
                value = right[k]
                for p in range(k):
                    value -= lower[k, p] * move[p]
                move[k] = value / lower[k, k]
            for k in range(q - 1, -1, -1):
                value = move[k]
                for p in range(k + 1, q):
                    value -= lower[p, k] * move[p]
                move[k] = value / lower[k, k]
            shorten = 1.0
            if fabs(move[0]) > 0.5 * old[0]:
                shorten = 0.5 * old[0] / fabs(move[0])
            for k in range(1, q):
                if fabs(move[k]) * shorten > longest_step:
                    shorten = longest_step / fabs(move[k])
            largest = fabs(move[0]) * shorten / old[0]
            for k in range(1, q):
                largest = max(largest, fabs(move[k]) * shorten)
            new[1 + h] = old[1 + h]
            for k in range(q):
                new[k] = old[k] + move[k] * shorten
            if not largest < np.inf:
                break
        cosine = 0.0
        if cost > exact_share * constant:
            for k in range(q):
                cosine = max(cosine, fabs(right[k]) / sqrt(matrix[k, k] * (cost + within)))
        for k in range(2 + h):
            theta[i, k] = old[k]
        found[i, 0] = level
        found[i, 1] = rise
        found[i, 2] = cost + within
        found[i, 3] = cosine
        found[i, 4] = iteration
        found[i, 5] = 1.0 if converged else 0.0
