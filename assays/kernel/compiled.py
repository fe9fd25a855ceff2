"""The 4PL of `projection`, one curve at a time, as machine code.

Same start and same stopping rule as `projection`. Near the minimum the steps are Newton's: with two parameters the
second derivatives cost three sums, and spare a third of the steps. The last digits differ. Wells of one dose are one
level with its weighted mean: what they scatter about it no curve can explain.
"""

from math import exp, fabs, log, sqrt
from typing import NamedTuple

import numpy as np

from assays.kernel.compiled_line import line_in_shares
from assays.kernel.logistic import ZERO_DOSE
from assays.kernel.machine_code import compiled, is_settled
from assays.kernel.refusal import FEWEST_ON_THE_SLOPE, LEAST_REACH, ON_THE_SLOPE

ESTIMATES = 10  # a, d, b, μ, rss, Σw(y − ȳ)², gradient, iterations, converged, determined
HAS_LOG = ZERO_DOSE / 2  # above it


class Limits(NamedTuple):
    """What the doses must reach for a curve to be determined, by `refusal`. An argument, as `Settings` is."""

    reach: float = LEAST_REACH
    low: float = ON_THE_SLOPE[0]
    high: float = ON_THE_SLOPE[1]
    fewest: int = FEWEST_ON_THE_SLOPE


@compiled
def fit_rows(levels, level_of, responses, weights, settings, limits, no_log, estimates, inverse):
    """Fit every row of `responses` (curves, points); `levels` (m,) are log doses, `level_of` (points,) indices.

    `weights` is (curves, points), or (1, points) for all curves alike; levels up to `no_log` have no log dose. Writes
    `estimates` (curves, ESTIMATES) and `inverse`, (JᵀWJ)⁻¹ over (a, d, b, μ), (curves, 4, 4); what a curve does not
    have is NaN. Raises nothing: estimates[:, 8] is 0 where the search did not converge, estimates[:, 9] where the doses
    do not determine the curve. Source: `projection`, `refusal`.
    """
    m = len(levels)
    y, w = np.empty(m), np.empty(m)
    now, then = np.empty((3, m)), np.empty((3, m))
    for i in range(responses.shape[0]):
        own = weights[0 if weights.shape[0] == 1 else i]
        total, mean, within = _to_levels(level_of, responses[i], own, y, w)
        b, mu = _logit_start(levels, y, w, no_log, settings.longest_step, then)
        _fit(levels, y, w, total, mean, within, b, mu, settings, now, then, estimates[i], inverse[i])
        estimates[i, 9] = _is_determined(levels, w, estimates[i, 2], estimates[i, 3], no_log, limits)


@compiled
def _to_levels(level_of, responses, weights, y, w):
    """Writes mean and weight of each level; Σw, ȳ and what the wells scatter about their levels."""
    y[:], w[:] = 0.0, 0.0
    for k in range(len(level_of)):
        w[level_of[k]] += weights[k]
        y[level_of[k]] += weights[k] * responses[k]
    total = mean = within = 0.0
    for j in range(len(y)):
        total += w[j]
        mean += y[j]
        if w[j] > 0:
            y[j] /= w[j]
    for k in range(len(level_of)):
        e = responses[k] - y[level_of[k]]
        within += weights[k] * e * e
    return total, mean / total, within


@compiled
def _logit_start(levels, y, w, no_log, longest_step, work):
    """b and μ of the weighted logit-log line, or a slope of 1 in the middle of the doses."""
    low, high, top, bottom = np.inf, -np.inf, -np.inf, np.inf
    for j in range(len(y)):
        if w[j] > 0:
            low, high = min(low, y[j]), max(high, y[j])
        if levels[j] > no_log:
            top, bottom = max(top, levels[j]), min(bottom, levels[j])
    reach, floor = 1.12 * (high - low), low - 0.02 * (high - low)
    weight, logit = work[0], work[1]
    c0 = cx = cl = 0.0
    for j in range(len(y)):
        p = min(max((y[j] - floor) / reach, 0.01), 0.99)
        q = p * (1 - p)
        weight[j] = q * q if w[j] > 0 and levels[j] > no_log else 0.0
        logit[j] = log(p / (1 - p)) if weight[j] > 0 else 0.0
        c0 += weight[j]
        cx += weight[j] * levels[j]
        cl += weight[j] * logit[j]
    cx /= c0
    cl /= c0
    sxl = sxx = 0.0
    for j in range(len(y)):
        e = levels[j] - cx
        sxl += weight[j] * e * (logit[j] - cl)
        sxx += weight[j] * e * e
    slope = sxl / sxx
    b, mu = fabs(slope), cx - cl / slope
    if bottom - longest_step <= mu <= top + longest_step and 0 < b < 1e3:
        return b, mu
    return 1.0, cx


@compiled
def _fit(levels, y, w, total, mean, within, b, mu, settings, now, then, estimates, inverse):
    ms, spread, rise, cost = _at(levels, y, w, total, mean, b, mu, settings.least_spread, now)
    constant = within
    for j in range(len(y)):
        constant += w[j] * (y[j] - mean) * (y[j] - mean)
    damping, polish, iteration, converged = settings.first_damping, 0, 0, False
    cosine, last = np.nan, np.inf
    while iteration < settings.most_iterations:
        iteration += 1
        _, _, k1, k2, h11, h12, h22, e1, e2 = _tangents(w, total, ms, spread, rise, now)
        n11, n12, n22 = h11, h12, h22
        if last < settings.curved:
            n11, n12, n22 = _with_curvature(w, spread, rise, b, k1, k2, h11, h12, h22, e1, e2, now)
        step_b, step_mu = _step(n11, n12, n22, e1, e2, b, damping, settings.longest_step)
        largest = max(fabs(step_b) / b, fabs(step_mu))
        nms, nspread, nrise, ncost = _at(
            levels, y, w, total, mean, b + step_b, mu + step_mu, settings.least_spread, then
        )
        accepted = ncost <= cost * (1 + 1e-13)
        if cost <= settings.exact * constant:
            converged, cosine = True, 0.0
        elif accepted and largest <= settings.near:
            polish += 1
            if is_settled(largest, last, polish, settings):
                converged = True
                cosine = max(fabs(e1) / sqrt(h11), fabs(e2) / sqrt(h22)) / sqrt(cost + within)
        if accepted:
            b, mu, ms, spread, rise, cost, last = (
                b + step_b,
                mu + step_mu,
                nms,
                nspread,
                nrise,
                ncost,
                largest,
            )
            now, then = then, now
            damping = max(damping * settings.less_damping, 1e-15)
        else:
            damping *= 10
            last = np.inf
        if converged or not damping <= settings.most_damping:
            break
    level = mean - rise * ms
    estimates[0], estimates[1], estimates[2], estimates[3] = level + rise, level, b, mu
    estimates[4], estimates[5], estimates[6] = cost + within, constant, cosine
    estimates[7], estimates[8] = iteration, 1.0 if converged else 0.0
    _invert(w, total, ms, spread, rise, b, now, inverse)


@compiled
def _at(levels, y, w, total, mean, b, mu, least_spread, work):
    """The straight line in s at (b, μ): s̄, Σw(s − s̄)², a − d and Σw·r². Writes t = ln x − μ, s and r of each level."""
    t, s = work[0], work[1]
    for j in range(len(y)):
        t[j] = levels[j] - mu
        s[j] = 1.0 / (1.0 + exp(b * t[j]))
    return line_in_shares(y, w, s, total, mean, False, least_spread, work[2])


@compiled
def _tangents(w, total, ms, spread, rise, work):
    """Tangents q·t and q, q = (a − d)·s·(1 − s), of −b and of μ/b: what of them the straight line explains (means m1,
    m2, slopes k1, k2), and sums of squares, products and products with r of what it does not."""
    t, s, r = work[0], work[1], work[2]
    m1 = m2 = k1 = k2 = 0.0
    for j in range(len(w)):
        q = rise * s[j] * (1 - s[j])
        g = q * t[j]
        c = s[j] - ms
        m1 += w[j] * g
        m2 += w[j] * q
        k1 += w[j] * c * g
        k2 += w[j] * c * q
    m1, m2, k1, k2 = m1 / total, m2 / total, k1 / spread, k2 / spread
    h11 = h12 = h22 = e1 = e2 = 0.0
    for j in range(len(w)):
        q = rise * s[j] * (1 - s[j])
        c = s[j] - ms
        p1 = q * t[j] - m1 - k1 * c
        p2 = q - m2 - k2 * c
        v1, v2 = w[j] * p1, w[j] * p2
        h11 += v1 * p1
        h12 += v1 * p2
        h22 += v2 * p2
        e1 += v1 * r[j]
        e2 += v2 * r[j]
    return m1, m2, k1, k2, h11, h12, h22, e1, e2


@compiled
def _with_curvature(w, spread, rise, b, k1, k2, h11, h12, h22, e1, e2, work):
    """Newton's matrix in place of Gauss-Newton's, where it is positive definite.

    ½ of the second derivatives of the least sum of squares over all straight lines: h − Σ w·r·f'', and what the line's
    own slope a − d moves with. Golub & Pereyra 1973.
    """
    t, s, r = work[0], work[1], work[2]
    c0 = c1 = c2 = 0.0
    for j in range(len(w)):
        u = w[j] * r[j] * rise * s[j] * (1 - s[j]) * (1 - 2 * s[j])
        c0 += u
        c1 += u * t[j]
        c2 += u * t[j] * t[j]
    f1, f2 = e1 / rise, e2 / rise
    n11 = h11 - c2 + 2 * k1 * f1 - f1 * f1 / spread
    n12 = h12 - c1 + e2 / b + k1 * f2 + k2 * f1 - f1 * f2 / spread
    n22 = h22 - c0 + 2 * k2 * f2 - f2 * f2 / spread
    if n11 > 0 and n22 > 0 and n11 * n22 > n12 * n12:
        return n11, n12, n22
    return h11, h12, h22


@compiled
def _step(h11, h12, h22, e1, e2, b, damping, longest_step):
    """The damped step in b and μ, shortened where it would leave the neighbourhood."""
    d11, d22 = h11 * (1 + damping), h22 * (1 + damping)
    determinant = d11 * d22 - h12 * h12
    step_b = -(d22 * e1 - h12 * e2) / determinant
    step_mu = (d11 * e2 - h12 * e1) / determinant / b
    shorten = 1.0
    if fabs(step_b) > 0.5 * b:
        shorten = 0.5 * b / fabs(step_b)
    if fabs(step_mu) * shorten > longest_step:
        shorten = longest_step / fabs(step_mu)
    return step_b * shorten, step_mu * shorten


@compiled
def _invert(w, total, ms, spread, rise, b, work, inverse):
    """(JᵀWJ)⁻¹ by blocks: the projected tangents give that of (b, μ), the straight line the rest."""
    m1, m2, k1, k2, h11, h12, h22, _, _ = _tangents(w, total, ms, spread, rise, work)
    m1, k1, m2, k2, h12, h22 = -m1, -k1, b * m2, b * k2, -b * h12, b * b * h22  # of b and μ
    determinant = h11 * h22 - h12 * h12
    i11, i12, i22 = h22 / determinant, -h12 / determinant, h11 / determinant
    a1, a2 = m1 + (1 - ms) * k1, m2 + (1 - ms) * k2
    d1, d2 = m1 - ms * k1, m2 - ms * k2
    ab, am = i11 * a1 + i12 * a2, i12 * a1 + i22 * a2
    db, dm = i11 * d1 + i12 * d2, i12 * d1 + i22 * d2
    inverse[0, 0] = 1 / total + (1 - ms) * (1 - ms) / spread + a1 * ab + a2 * am
    inverse[0, 1] = inverse[1, 0] = 1 / total - ms * (1 - ms) / spread + a1 * db + a2 * dm
    inverse[1, 1] = 1 / total + ms * ms / spread + d1 * db + d2 * dm
    inverse[0, 2] = inverse[2, 0] = -ab
    inverse[0, 3] = inverse[3, 0] = -am
    inverse[1, 2] = inverse[2, 1] = -db
    inverse[1, 3] = inverse[3, 1] = -dm
    inverse[2, 2], inverse[3, 3] = i11, i22
    inverse[2, 3] = inverse[3, 2] = i12


@compiled
def _is_determined(levels, w, b, mu, no_log, limits):
    """Whether the doses in use reach both asymptotes and the slope between them, as `batch._is_determined`."""
    most, least, last, inside, has_zero = 0.0, 1.0, -1.0, 0, False
    for j in range(len(levels)):
        if w[j] > 0:
            s = 1.0 / (1.0 + exp(b * (levels[j] - mu)))
            has_zero = has_zero or levels[j] <= no_log
            most, least = max(most, s), min(least, s)
            if limits.low < s < limits.high and s != last:
                inside += 1
                last = s
    return 1 - least >= limits.reach and (has_zero or most >= limits.reach) and inside >= limits.fewest
