"""When a standard curve is refused. The criteria were set on real plates: a protein assay that is a straight
line must be refused, ELISA plates whose asymptote lies at 2.6 × the highest mean response must not.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf, log, sqrt

import numpy as np
from scipy.special import fdtri

from assays.kernel.logistic import share
from assays.kernel.points import Points
from assays.kernel.projection import Projection
from assays.kernel.straight_line import line_on

FEWEST_LEVELS = 5
FLAT_ALPHA = 0.001
DIP_SHARE = 0.10  # of the response range that level means may turn back
DIP_STANDARD_ERRORS = 3.0
LEAST_REACH = 0.20  # of the way to an asymptote that the outermost standard must have gone
EXTRAPOLATION_FLAG = 1.5  # × the highest mean response
ON_THE_SLOPE = (0.01, 0.99)  # share of the way between the asymptotes
FEWEST_ON_THE_SLOPE = 2  # levels; b and c are two unknowns
LARGEST_CONDITION = 1e12
POWERS = (0.02, 10.0)  # exponents of the limiting power curve
ZOOMS, GRID = 5, 41


class FitStatus(StrEnum):
    """Why there is no curve."""

    TOO_FEW_LEVELS = "too few levels"
    FLAT = "flat"
    NON_MONOTONE = "non-monotone"
    NOT_CONVERGED = "not converged"
    NOT_ESTIMABLE = "not estimable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No curve. `reason` is the fixed phrase of the record; `detail` the numbers behind it."""

    status: FitStatus
    reason: str
    detail: str


def refuse_levels(points: Points) -> Refused | None:
    """Fewer distinct doses than parameters and one, or nothing but one response: no residual could tell a misfit.

    Raises nothing. Source: ICH M10 asks for six levels of a method; five are what a 4PL needs.
    """
    if len(points.level_x) < FEWEST_LEVELS:
        return Refused(
            status=FitStatus.TOO_FEW_LEVELS,
            reason="too few levels",
            detail=f"{len(points.level_x)} distinct doses; at least {FEWEST_LEVELS} are needed.",
        )
    if np.ptp(points.y) == 0:
        return _flat("every response is the same.")
    return None


def refuse_flat(points: Points, rss: float) -> Refused | None:
    """The curve explains no more than a constant does: F(3, n − 4) below its 0.999 quantile. `rss` is weighted.

    Raises nothing. Source: Draper & Smith, extra sum of squares.
    """
    mean = (points.weights * points.y).sum() / points.weights.sum()
    variation = float((points.weights * (points.y - mean) ** 2).sum())
    freedom = points.degrees_of_freedom
    f_value = inf if rss == 0 else (variation - rss) / 3 / (rss / freedom)
    f_limit = float(fdtri(3, freedom, 1 - FLAT_ALPHA))
    if f_value > f_limit:
        return None
    return _flat(f"F = {f_value:.2f} against a constant response; {f_limit:.2f} is needed.")


def _flat(detail: str) -> Refused:
    return Refused(status=FitStatus.FLAT, reason="flat", detail=detail)


def refuse_dip(points: Points) -> Refused | None:
    """Level means turn back, against the direction of the curve, by more than noise explains.

    Allowed: the larger of 10 % of the response range and 3 standard errors of the two means, in the unit of the
    responses. Raises nothing. Source: set on real plates; a hook is the high-dose effect of a sandwich assay.
    """
    means = points.level_mean if points.level_mean[-1] >= points.level_mean[0] else -points.level_mean
    so_far = np.maximum.accumulate(means)
    worst = int((so_far - means).argmax())
    peak = int(means[: worst + 1].argmax())
    dip, allowed = float(so_far[worst] - means[worst]), DIP_SHARE * float(np.ptp(means))
    if np.isfinite(points.pure_error):
        variance = points.pure_error * (1 / points.replicates[peak] + 1 / points.replicates[worst])
        allowed = max(allowed, DIP_STANDARD_ERRORS * sqrt(variance))
    if dip <= allowed:
        return None
    return Refused(
        status=FitStatus.NON_MONOTONE,
        reason="non-monotone",
        detail=f"from dose {points.level_x[peak]:g} to {points.level_x[worst]:g} the mean response turns "
        f"back by {dip:.3g}; {allowed:.3g} is allowed.",
    )


def refuse_asymptotes(points: Points, fit: Projection) -> Refused | None:
    """An asymptote that the standards do not determine, so that its fitted value is invention.

    Either the residual variance is no larger with the asymptote at infinity (a power curve, one parameter
    fewer: F ≤ 1), or the outermost standard has gone less than a fifth of the way to it. Raises nothing. Source: set on
    real plates; Draper & Smith for the extra sum of squares.
    """
    a, d, rss = float(fit.a[0]), float(fit.d[0]), float(fit.rss[0])
    ends = [(d, a, points.level_mean[-1], 1)]
    if points.level_x[0] > 0:  # with a dose 0 the response there was measured, not inferred
        ends.append((a, d, points.level_mean[0], -1))
    for asymptote, other, outermost, direction in ends:
        reach = (outermost - other) / (asymptote - other)
        gain = gain_over_power_curve(points, rss, direction)
        if reach >= LEAST_REACH and gain > 1:
            continue
        name = "upper" if asymptote > other else "lower"
        return Refused(
            status=FitStatus.NOT_ESTIMABLE,
            reason=f"{name} asymptote not estimable",
            detail=f"the outermost standard has gone {100 * reach:.1f} % of the way to the fitted {name} "
            f"asymptote ({100 * LEAST_REACH:.0f} % is needed); F = {gain:.2f} against a curve without that "
            "asymptote (more than 1 is needed).",
        )
    return None


def gain_over_power_curve(points: Points, rss: float, direction: int) -> float:
    """F(1, n − 4) of the curve against its limit y = level + rise·x^(direction·p), p > 0.

    `direction` 1 sends the asymptote at infinite dose away, −1 the one at dose 0. Above 1, the fourth
    parameter lowers the residual variance. Raises nothing. Source: Draper & Smith, extra sum of squares.
    """
    zero = points.x == 0
    log_x = np.log(np.where(zero, 1.0, points.x))
    outermost = log_x[~zero].max() if direction > 0 else log_x[~zero].min()
    low, high = log(POWERS[0]), log(POWERS[1])
    for _ in range(ZOOMS):
        grid = np.linspace(low, high, GRID)
        distance = (log_x - outermost)[:, None]
        s = np.where(zero[:, None], 0.0, np.exp(direction * np.exp(grid) * distance))
        *_, cost = line_on(s, np.repeat(points.y[:, None], GRID, axis=1), points.weights[:, None])
        best = int(cost.argmin())
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, GRID - 1)]
    if rss <= 0:
        return inf
    return (float(cost[best]) - rss) / (rss / points.degrees_of_freedom)


def refuse_slope(points: Points, fit: Projection) -> Refused | None:
    """A step: too few levels between the plateaus to tell how steep the curve is and where it turns.

    Between means a share of 1 to 99 % of the way from one asymptote to the other. Raises nothing. Source: two unknowns,
    b and c, need two levels.
    """
    low, high = ON_THE_SLOPE
    levels = np.unique(share(fit.b * (points.log_x - fit.mu[0]), None))
    on_the_slope = int(((low < levels) & (levels < high)).sum())
    if on_the_slope >= FEWEST_ON_THE_SLOPE:
        return None
    return Refused(
        status=FitStatus.NOT_ESTIMABLE,
        reason="slope not estimable",
        detail=f"{on_the_slope} levels lie between {100 * low:.0f} and {100 * high:.0f} % of the way between "
        f"the asymptotes; at least {FEWEST_ON_THE_SLOPE} are needed.",
    )


def refuse_unconverged(fit: Projection) -> Refused | None:
    """A search that ended before its steps became negligible. Raises nothing. Source: `descent`."""
    if fit.converged[0]:
        return None
    return Refused(
        status=FitStatus.NOT_CONVERGED,
        reason="not converged",
        detail=f"after {fit.iterations[0]} iterations the gradient is still {fit.gradient[0]:.1e}.",
    )


def refuse_condition(condition: float) -> Refused | None:
    """The standards do not tell the parameters apart: condition number of the scaled information matrix above 10¹².

    Raises nothing. Source: Belsley, Kuh & Welsch 1980.
    """
    if condition < LARGEST_CONDITION:
        return None
    return Refused(
        status=FitStatus.NOT_ESTIMABLE,
        reason="parameters not estimable",
        detail=f"the condition number of the scaled Jacobian is {condition:.1e}.",
    )


def warn_of_extrapolation(points: Points, fit: Projection) -> tuple[str, ...]:
    """A plate that does not saturate: the upper asymptote lies beyond 1.5 × the highest mean response.

    A warning beside the curve, not a refusal. Raises nothing. Source: set on real plates.
    """
    a, d, rss = float(fit.a[0]), float(fit.d[0]), float(fit.rss[0])
    upper, top = max(a, d), float(points.level_mean.max())
    if top <= 0 or upper <= EXTRAPOLATION_FLAG * top:
        return ()
    warning = f"upper asymptote {upper:.3g} is {upper / top:.1f} × the highest mean response: extrapolated"
    gain = gain_over_power_curve(points, rss, 1 if d > a else -1)
    if gain < float(fdtri(1, points.degrees_of_freedom, 0.95)):
        warning += ", without a finite 95 % limit"
    return (warning,)
