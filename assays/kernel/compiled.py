"""The 4PL of `projection`, one curve at a time, compiled to machine code.

numba is loaded, and the code compiled, at the first call and never on import; the machine code is kept on disk (beside
this file, or in NUMBA_CACHE_DIR) for later processes. Same start, same steps and same stopping rule as `projection`;
the last digits differ, because sums are taken in another order.
"""

from collections.abc import Callable
from functools import cache
from math import exp, fabs, log, sqrt
from typing import Any

import numpy as np

from assays.kernel.descent import (
    CONVERGED,
    EXACT,
    FIRST_DAMPING,
    LESS_DAMPING,
    LONGEST_STEP,
    MOST_DAMPING,
    POLISH,
    STEP_TOLERANCE,
)
from assays.kernel.logistic import ZERO_DOSE
from assays.kernel.projection import MOST_ITERATIONS
from assays.kernel.straight_line import LEAST_SPREAD

ESTIMATES = 9  # a, d, b, μ, rss, Σw(y − ȳ)², gradient, iterations, converged
INVERSE = 10  # upper triangle of (JᵀWJ)⁻¹ over (a, d, b, μ), row by row
# Given to the compiled code as an argument: what it read from a module would stay as it was when the code was kept.
SETTINGS = (
    FIRST_DAMPING,
    LESS_DAMPING,
    MOST_DAMPING,
    LONGEST_STEP,
    LEAST_SPREAD,
    EXACT,
    STEP_TOLERANCE,
    CONVERGED,
    float(POLISH),
    float(MOST_ITERATIONS),
    ZERO_DOSE / 2,
)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` as machine code, from disk where it is kept."""
    import numba

    options: dict[str, Any] = {"fastmath": {"reassoc", "contract", "nsz"}, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # nowhere to keep the machine code
        return numba.njit(**options)(function)


@cache
def fit_rows() -> Callable[..., None]:
    """The compiled `_fit_rows`; it compiles at the first call of the first process on a machine."""
    return compiled(_fit_rows)


def _fit_rows(levels, level_of, responses, weights, settings, estimates, inverse):  # noqa: C901
    """Fit every row of `responses` (curves, points); `levels` (m,) are log doses, `level_of` (points,) indices.

    `weights` is (curves, points), or (1, points) for all curves alike. Writes `estimates` (curves, ESTIMATES) and
    `inverse` (curves, INVERSE); what a curve does not have is NaN.
    """
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
        no_log,
    ) = settings
    m, count, shared = len(levels), len(level_of), weights.shape[0] == 1
    y, w = np.empty(m), np.empty(m)
    t, s, r = np.empty(m), np.empty(m), np.empty(m)
    tn, sn, rn = np.empty(m), np.empty(m), np.empty(m)
    for i in range(responses.shape[0]):
        own = 0 if shared else i
        for j in range(m):
            y[j] = 0.0
            w[j] = 0.0
        for k in range(count):
            j, wk = level_of[k], weights[own, k]
            w[j] += wk
            y[j] += wk * responses[i, k]
        total, mean = 0.0, 0.0
        for j in range(m):
            total += w[j]
            mean += y[j]
            if w[j] > 0:
                y[j] /= w[j]
        mean /= total
        within = 0.0
        for k in range(count):
            e = responses[i, k] - y[level_of[k]]
            within += weights[own, k] * e * e
        constant, low, high = within, np.inf, -np.inf
        for j in range(m):
            e = y[j] - mean
            constant += w[j] * e * e
            if w[j] > 0:
                low, high = min(low, y[j]), max(high, y[j])
        # The weighted logit-log line.
        reach = 1.12 * (high - low)
        floor = low - 0.02 * (high - low)
        c0 = cx = cl = 0.0
        top, bottom = -np.inf, np.inf
        for j in range(m):
            if levels[j] > no_log:
                top, bottom = max(top, levels[j]), min(bottom, levels[j])
            p = min(max((y[j] - floor) / reach, 0.01), 0.99)
            q = p * (1 - p)
            r[j] = q * q if w[j] > 0 and levels[j] > no_log else 0.0
            tn[j] = log(p / (1 - p)) if r[j] > 0 else 0.0
            c0 += r[j]
            cx += r[j] * levels[j]
            cl += r[j] * tn[j]
        cx /= c0
        cl /= c0
        sxl = sxx = 0.0
        for j in range(m):
            e = levels[j] - cx
            sxl += r[j] * e * (tn[j] - cl)
            sxx += r[j] * e * e
        slope = sxl / sxx
        b, mu = fabs(slope), cx - cl / slope
        if not (bottom - longest_step <= mu <= top + longest_step and 0 < b < 1e3):
            b, mu = 1.0, cx
        # Iterate.
        ms = 0.0
        for j in range(m):
            t[j] = levels[j] - mu
            s[j] = 1.0 / (1.0 + exp(b * t[j]))
            ms += w[j] * s[j]
        ms /= total
        spread = sy = 0.0
        for j in range(m):
            v = w[j] * (s[j] - ms)
            spread += v * (s[j] - ms)
            sy += v * y[j]
        rise = sy / spread
        cost = 0.0
        for j in range(m):
            r[j] = y[j] - mean - rise * (s[j] - ms)
            cost += w[j] * r[j] * r[j]
        if not spread > least_spread * total:
            cost = np.inf
        damping, polish, iteration, converged, cosine, last = first_damping, 0, 0, False, np.nan, np.inf
        while iteration < most_iterations:
            iteration += 1
            m1 = m2 = k1 = k2 = 0.0
            for j in range(m):
                q = rise * s[j] * (1 - s[j])
                g = q * t[j]
                c = s[j] - ms
                m1 += w[j] * g
                m2 += w[j] * q
                k1 += w[j] * c * g
                k2 += w[j] * c * q
            m1, m2, k1, k2 = m1 / total, m2 / total, k1 / spread, k2 / spread
            h11 = h12 = h22 = e1 = e2 = 0.0
            for j in range(m):
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
            d11, d22 = h11 * (1 + damping), h22 * (1 + damping)
            determinant = d11 * d22 - h12 * h12
            step_b = -(d22 * e1 - h12 * e2) / determinant
            step_mu = (d11 * e2 - h12 * e1) / determinant / b
            shorten = 1.0
            if fabs(step_b) > 0.5 * b:
                shorten = 0.5 * b / fabs(step_b)
            if fabs(step_mu) * shorten > longest_step:
                shorten = longest_step / fabs(step_mu)
            step_b *= shorten
            step_mu *= shorten
            largest = max(fabs(step_b) / b, fabs(step_mu))
            nb, nmu = b + step_b, mu + step_mu
            nms = 0.0
            for j in range(m):
                tn[j] = levels[j] - nmu
                sn[j] = 1.0 / (1.0 + exp(nb * tn[j]))
                nms += w[j] * sn[j]
            nms /= total
            nspread = sy = 0.0
            for j in range(m):
                v = w[j] * (sn[j] - nms)
                nspread += v * (sn[j] - nms)
                sy += v * y[j]
            nrise = sy / nspread
            ncost = 0.0
            for j in range(m):
                rn[j] = y[j] - mean - nrise * (sn[j] - nms)
                ncost += w[j] * rn[j] * rn[j]
            if not nspread > least_spread * total:
                ncost = np.inf
            accepted = ncost <= cost * (1 + 1e-13)
            exact = cost <= exact_share * constant
            if exact:
                converged, cosine = True, 0.0
            elif accepted and largest <= near:
                polish += 1
                ratio = min(largest / last, 0.5)
                if largest * ratio <= tolerance * (1 - ratio) or polish > most_polish:
                    converged = True
            if converged and not exact:
                cosine = max(fabs(e1) / sqrt(h11), fabs(e2) / sqrt(h22)) / sqrt(cost + within)
            if accepted:
                b, mu, ms, spread, rise, cost, last = nb, nmu, nms, nspread, nrise, ncost, largest
                t, tn = tn, t
                s, sn = sn, s
                r, rn = rn, r
                damping = max(damping * less_damping, 1e-15)
            else:
                damping *= 10
                last = np.inf
            if converged or not damping <= most_damping:
                break
        level = mean - rise * ms
        estimates[i, 0] = level + rise
        estimates[i, 1] = level
        estimates[i, 2] = b
        estimates[i, 3] = mu
        estimates[i, 4] = cost + within
        estimates[i, 5] = constant
        estimates[i, 6] = cosine
        estimates[i, 7] = iteration
        estimates[i, 8] = 1.0 if converged else 0.0
        # (JᵀWJ)⁻¹ by blocks: the projected tangents give that of (b, μ), the straight line the rest.
        m1 = m2 = k1 = k2 = 0.0
        for j in range(m):
            q = rise * s[j] * (1 - s[j])
            c = s[j] - ms
            m1 -= w[j] * q * t[j]
            m2 += w[j] * q * b
            k1 -= w[j] * c * q * t[j]
            k2 += w[j] * c * q * b
        m1, m2, k1, k2 = m1 / total, m2 / total, k1 / spread, k2 / spread
        h11 = h12 = h22 = 0.0
        for j in range(m):
            q = rise * s[j] * (1 - s[j])
            c = s[j] - ms
            p1 = -q * t[j] - m1 - k1 * c
            p2 = q * b - m2 - k2 * c
            h11 += w[j] * p1 * p1
            h12 += w[j] * p1 * p2
            h22 += w[j] * p2 * p2
        determinant = h11 * h22 - h12 * h12
        i11, i12, i22 = h22 / determinant, -h12 / determinant, h11 / determinant
        a1, a2 = m1 + (1 - ms) * k1, m2 + (1 - ms) * k2
        d1, d2 = m1 - ms * k1, m2 - ms * k2
        ab, am = i11 * a1 + i12 * a2, i12 * a1 + i22 * a2
        db, dm = i11 * d1 + i12 * d2, i12 * d1 + i22 * d2
        inverse[i, 0] = 1 / total + (1 - ms) * (1 - ms) / spread + a1 * ab + a2 * am
        inverse[i, 1] = 1 / total - ms * (1 - ms) / spread + a1 * db + a2 * dm
        inverse[i, 2] = -ab
        inverse[i, 3] = -am
        inverse[i, 4] = 1 / total + ms * ms / spread + d1 * db + d2 * dm
        inverse[i, 5] = -db
        inverse[i, 6] = -dm
        inverse[i, 7] = i11
        inverse[i, 8] = i12
        inverse[i, 9] = i22
