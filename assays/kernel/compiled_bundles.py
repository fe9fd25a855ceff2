"""The search of `descent` for any family of the logistic, as machine code: bundles, fifth parameter, many starts.

A relative potency needs a few hundred short fits of a few dozen wells, where calling NumPy costs far more than the
arithmetic.
"""

from math import exp, expm1, fabs, log, log1p, sqrt
from typing import NamedTuple

import numpy as np

from assays.kernel.arrangement import Points
from assays.kernel.compiled_line import line_in_shares
from assays.kernel.descent import LONGEST_STEP, STEP_TOLERANCE, Projection, Start
from assays.kernel.logistic import ZERO_DOSE, Array, Family
from assays.kernel.machine_code import Settings, compiled, is_settled

_LN2 = log(2.0)
_STEEPEST = 30.0  # ln 2/g beyond which ln(2^(1/g) − 1) is ln 2/g to rounding


class Model(NamedTuple):
    """A family, as machine code takes it."""

    curves: int
    sign: float
    asymmetric: bool
    through_zero: bool


def iterate(
    family: Family, points: Points, start: Start, tolerance: float, most_iterations: int
) -> Projection:
    """`descent.iterate`, compiled: one search per start, `points` having one column per start or one for all.

    Shapes, units, errors and source as there; the last digits differ, because sums are taken in another order.
    """
    searches, h = len(start.b), family.curves
    theta = np.empty((searches, 2 + h))
    theta[:, 0], theta[:, 1 : 1 + h], theta[:, -1] = start.b, start.mu.T, start.log_g
    found = np.empty((searches, 6))
    _search(
        np.ascontiguousarray(points.log_x.T),
        np.ascontiguousarray(points.y.T),
        np.ascontiguousarray(points.weights.T, dtype=float),
        points.curve,
        np.ascontiguousarray(points.within),
        np.ascontiguousarray(points.constant),
        Model(h, float(family.sign), family.asymmetric, family.through_zero),
        Settings(most_iterations=float(most_iterations), tolerance=tolerance),
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
    """Σ w(y − f)² at each start (n,) of the one curve or bundle given: searches of no step. As `starts.costs`."""
    return iterate(family, points, start, STEP_TOLERANCE, 0).rss


def logit_start(family: Family, points: Points) -> Start:
    """`starts.logit_start` of the one curve or bundle given: shapes, units, errors and source as there."""
    mu = np.empty(family.curves)
    b = _logit_line(
        points.log_x[:, 0],
        points.y[:, 0],
        points.weights[:, 0],
        points.curve,
        ZERO_DOSE / 2,
        LONGEST_STEP,
        mu,
    )
    return Start(np.array([b]), mu[:, None], np.zeros(1))


@compiled
def _logit_line(x, y, w, curve, no_log, longest_step, mu):
    """Writes μ of each curve, and says their common slope."""
    low, high, top, bottom = np.inf, -np.inf, -np.inf, np.inf
    for j in range(len(y)):
        if w[j] > 0:
            low, high = min(low, y[j]), max(high, y[j])
        if x[j] > no_log:
            top, bottom = max(top, x[j]), min(bottom, x[j])
    counts, logit = np.zeros(len(y)), np.zeros(len(y))
    total, mx, ml = np.zeros(len(mu)), np.zeros(len(mu)), np.zeros(len(mu))
    for j in range(len(y)):
        if w[j] > 0 and x[j] > no_log:
            p = min(max((y[j] - low + 0.02 * (high - low)) / (1.12 * (high - low)), 0.01), 0.99)
            counts[j], logit[j] = (p * (1 - p)) ** 2, log(p / (1 - p))
            total[curve[j]] += counts[j]
            mx[curve[j]] += counts[j] * x[j]
            ml[curve[j]] += counts[j] * logit[j]
    mx /= total
    ml /= total
    sxl = sxx = 0.0
    for j in range(len(y)):
        if counts[j] > 0:
            e = x[j] - mx[curve[j]]
            sxl += counts[j] * e * (logit[j] - ml[curve[j]])
            sxx += counts[j] * e * e
    slope = sxl / sxx
    b = fabs(slope)
    is_sound = 0 < b < 1e3
    for k in range(len(mu)):
        mu[k] = mx[k] - ml[k] / slope
        is_sound = is_sound and bottom - longest_step <= mu[k] <= top + longest_step
    if is_sound:
        return b
    mu[:] = mx
    return 1.0


@compiled
def _search(log_x, y, w, curve, within, constant, model, settings, theta, found):
    """By row: log_x, y and w (searches or 1, points), theta (searches, 2 + h) in and out, found (searches, 6)."""
    m, q = y.shape[1], 1 + model.curves + (1 if model.asymmetric else 0)
    by_point, tangents = np.empty((5, m)), np.empty((q, m))
    by_parameter, new = np.empty((2 * q + 2, q)), np.empty(theta.shape[1])
    for i in range(theta.shape[0]):
        _descend(
            log_x[min(i, log_x.shape[0] - 1)],
            y[min(i, y.shape[0] - 1)],
            w[min(i, w.shape[0] - 1)],
            curve,
            within[min(i, len(within) - 1)],
            constant[min(i, len(constant) - 1)],
            model,
            settings,
            theta[i],
            found[i],
            by_point,
            tangents,
            by_parameter,
            new,
        )


@compiled
def _descend(
    x, y, w, curve, within, constant, model, settings, old, found, by_point, tangents, by_parameter, new
):
    """From `old`, which is left where the search ended. What is behind `found` is room to work in."""
    h, q = model.curves, len(tangents)
    t, s, length, r, fresh = by_point[0], by_point[1], by_point[2], by_point[3], by_point[4]
    matrix, lower, right, move = by_parameter[:q], by_parameter[q : 2 * q], by_parameter[-2], by_parameter[-1]
    total = mean = 0.0
    for j in range(len(y)):
        total += w[j]
        mean += w[j] * y[j]
    mean = 0.0 if model.through_zero else mean / total
    new[:] = old
    cost, damping, polish, iteration, last = np.inf, settings.first_damping, 0, 0, np.inf
    converged, largest, level, rise, is_first = False, np.inf, np.nan, np.nan, True
    while True:
        shift = _shares(x, curve, model, new, t, s, length)
        ms, spread, new_rise, new_cost = line_in_shares(
            y, w, s, total, mean, model.through_zero, settings.least_spread, fresh
        )
        if is_first or new_cost <= cost * (1 + 1e-13):
            if not is_first:
                if largest <= settings.near:
                    polish += 1
                    converged = is_settled(largest, last, polish, settings)
                last = largest
                damping = max(damping * settings.less_damping, 1e-15)
            rise, cost = new_rise, new_cost
            level = mean - rise * ms
            old[:] = new
            r, fresh = fresh, r
            _tangents(curve, model, old, shift, rise, t, s, length, tangents)
            _off_the_line(w, total, ms, spread, model, s, tangents)
            _normal_equations(w, r, tangents, matrix, right)
            converged = converged or cost <= settings.exact * constant
        else:
            damping *= 10
            last = np.inf
        is_first = False
        if converged or not damping <= settings.most_damping or iteration >= settings.most_iterations:
            break
        iteration += 1
        _solve(matrix, damping, right, lower, move)
        largest = _shorten(move, old[0], settings.longest_step)
        new[1 + h] = old[1 + h]
        for k in range(q):
            new[k] = old[k] + move[k]
        if not largest < np.inf:
            break
    found[0], found[1], found[2] = level, rise, cost + within
    found[3] = _cosine(matrix, right, cost + within) if cost > settings.exact * constant else 0.0
    found[4], found[5] = iteration, 1.0 if converged else 0.0


@compiled
def _cosine(matrix, right, rss):
    """The largest between the residual and a tangent."""
    cosine = 0.0
    for k in range(len(right)):
        cosine = max(cosine, fabs(right[k]) / sqrt(matrix[k, k] * rss))
    return cosine


@compiled
def _shares(x, curve, model, theta, t, s, length):
    """Writes t = x − μ, s = (1 + e^z)^(−g) and ln(1 + e^z), z = ±b·t + ln(2^(1/g) − 1); that shift."""
    h = model.curves
    g = exp(theta[1 + h]) if model.asymmetric else 1.0
    shift = 0.0
    if model.asymmetric:
        power = _LN2 / g
        shift = log(expm1(power)) if power < _STEEPEST else power
    for j in range(len(x)):
        t[j] = x[j] - theta[1 + curve[j]]
        z = model.sign * theta[0] * t[j] + shift
        if model.asymmetric:
            length[j] = z + log1p(exp(-z)) if z > 0 else log1p(exp(z))
            s[j] = exp(-g * length[j])
        else:
            s[j] = 1.0 / (1.0 + exp(z))
    return shift


@compiled
def _tangents(curve, model, theta, shift, rise, t, s, length, tangents):
    """Writes ∂y/∂(b, μ of each curve, ln g), (q, points)."""
    h, sign = model.curves, model.sign
    g = exp(theta[1 + h]) if model.asymmetric else 1.0
    slope_of_shift = 0.0
    if model.asymmetric:
        power = _LN2 / g
        slope_of_shift = power / expm1(-power) if power < _STEEPEST else -power
    for j in range(len(t)):
        fall = s[j] * (1 - s[j])
        if model.asymmetric:
            fall = g * s[j] * exp(sign * theta[0] * t[j] + shift - length[j])
        tangents[0, j] = -sign * rise * fall * t[j]
        for k in range(h):
            tangents[1 + k, j] = sign * theta[0] * rise * fall if curve[j] == k else 0.0
        if model.asymmetric:
            tangents[1 + h, j] = -slope_of_shift * rise * fall
            if s[j] > 0:
                tangents[1 + h, j] -= rise * g * length[j] * s[j]


@compiled
def _off_the_line(w, total, ms, spread, model, s, tangents):
    """Takes from each tangent what the straight line in s explains of it."""
    for k in range(len(tangents)):
        along = center = 0.0
        for j in range(len(s)):
            along += w[j] * (s[j] - ms) * tangents[k, j]
            center += w[j] * tangents[k, j]
        along /= spread
        center = 0.0 if model.through_zero else center / total
        for j in range(len(s)):
            tangents[k, j] -= center + along * (s[j] - ms)


@compiled
def _normal_equations(w, r, tangents, matrix, right):
    for k in range(len(right)):
        right[k] = 0.0
        for j in range(len(r)):
            right[k] += w[j] * tangents[k, j] * r[j]
        for n in range(k + 1):
            matrix[k, n] = 0.0
            for j in range(len(r)):
                matrix[k, n] += w[j] * tangents[k, j] * tangents[n, j]


@compiled
def _solve(matrix, damping, right, lower, move):
    """Writes the move: the diagonal raised by the damping, Cholesky, forwards and back."""
    q = len(right)
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


@compiled
def _shorten(move, b, longest_step):
    """Shortens the move where it would leave the neighbourhood; its largest part, of b relative to it."""
    shorten = 1.0
    if fabs(move[0]) > 0.5 * b:
        shorten = 0.5 * b / fabs(move[0])
    for k in range(1, len(move)):
        if fabs(move[k]) * shorten > longest_step:
            shorten = longest_step / fabs(move[k])
    for k in range(len(move)):
        move[k] *= shorten
    largest = fabs(move[0]) / b
    for k in range(1, len(move)):
        largest = max(largest, fabs(move[k]))
    return largest
