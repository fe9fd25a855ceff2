"""The four-parameter logistic standard curve: fitted, or refused with its reason.

    y = d + (a − d) / (1 + (x/c)^b)        b > 0, a the response at dose 0, d at infinite dose

Doses and responses keep the unit they are given in (pg/mL and AU in the laboratory); c is a dose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt

import numpy as np
from scipy.special import expit

from assays.kernel.logistic import Array, Family, derivatives
from assays.kernel.missing import Missing
from assays.kernel.points import Points, Weighting, arrange
from assays.kernel.projection import Projection, project
from assays.kernel.refusal import (
    FitStatus,
    Refused,
    refuse_asymptotes,
    refuse_condition,
    refuse_dip,
    refuse_flat,
    refuse_levels,
    refuse_slope,
    refuse_unconverged,
    warn_of_extrapolation,
)

__all__ = ["Curve", "FitStatus", "Refused", "Weighting", "fit_curve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A fitted curve. `covariance` is that of (a, d, b, ln c): s²·(JᵀWJ)⁻¹, Gauss-Newton."""

    a: float
    b: float
    c: float
    d: float
    covariance: tuple[tuple[float, ...], ...]
    rss: float  # weighted
    residual_sd: float  # √(rss / degrees of freedom), of a response of weight 1
    degrees_of_freedom: int
    points: int
    levels: int
    weighting: Weighting
    weight_floor: float  # the y below which every response weighs the same
    iterations: int
    gradient: float  # cosine between residual and tangent plane; 0 at the minimum
    condition: float  # of the Jacobian, columns scaled to length 1
    warnings: tuple[str, ...]

    def response_at(self, dose: float) -> float:
        """y at `dose` ≥ 0, in the unit of the responses."""
        return self.d + (self.a - self.d) * self._share(dose)

    def dose_at(self, response: float) -> float | Missing:
        """x = c·((a − y)/(y − d))^(1/b); Missing at or beyond an asymptote. Does not ask for the range."""
        share = self.share_of(response)
        if 0 < share < 1:
            return self.c * ((1 - share) / share) ** (1 / self.b)
        asymptote = "upper" if (share >= 1) == (self.a > self.d) else "lower"
        return Missing(f"no solution: the response is at or beyond the {asymptote} asymptote")

    def share_of(self, response: float) -> float:
        """s = (y − d)/(a − d): 1 or more beyond the asymptote of dose 0, 0 or less beyond the other."""
        return (response - self.d) / (self.a - self.d)

    def tangent_at(self, dose: float) -> tuple[float, float, float, float]:
        """∂y/∂(a, d, b, ln c) at `dose` > 0."""
        s = self._share(dose)
        q = (self.a - self.d) * s * (1 - s)
        return s, 1 - s, -q * log(dose / self.c), q * self.b

    def slope_at(self, dose: float) -> float:
        """∂y/∂x at `dose` > 0, in response per unit of dose."""
        s = self._share(dose)
        return -(self.a - self.d) * s * (1 - s) * self.b / dose

    def weight_of(self, response: float) -> float:
        """The weight a new reading of this size has, by the rule of the fit."""
        return max(response, self.weight_floor) ** -float(self.weighting.power)

    def _share(self, dose: float) -> float:
        """s = 1/(1 + (x/c)^b): 1 at dose 0, ½ at c, 0 at infinite dose."""
        return 1.0 if dose == 0 else float(expit(-self.b * log(dose / self.c)))


def fit_curve(doses: Sequence[float], responses: Sequence[float], *, weighting: Weighting) -> Curve | Refused:
    """Fit the curve to wells: `doses` and `responses` (points,), dose 0 legal, at least 5 distinct doses.

    Minimises Σ w (y − f(x))² by variable projection, so far that one step more changes neither b nor ln c
    by more than 1e-8. Standard errors are Gauss-Newton. The result does not depend on the order of wells.
    Refuses with status, reason and numbers what `refusal` describes: too few levels, flat, non-monotone,
    upper or lower asymptote or slope not estimable, not converged. Raises ValueError for unequal lengths, a dose
    below zero or a value that is not finite. Source: `projection`; Bates & Watts 1988 for the covariance.
    """
    points = arrange(doses, responses, weighting=weighting)
    if refused := refuse_levels(points):
        return refused
    fit = project(Family(), points.log_x, points.y[None, :], points.weights)
    jacobian = _jacobian(points, fit) * np.sqrt(points.weights)[:, None]
    length = np.sqrt((jacobian**2).sum(0))
    condition = float(np.linalg.cond(jacobian / length)) if (length > 0).all() else inf
    refused = (
        refuse_flat(points, float(fit.rss[0]))
        or refuse_dip(points)
        or refuse_asymptotes(points, fit)
        or refuse_slope(points, fit)
        or refuse_unconverged(fit)
        or refuse_condition(condition)
    )
    if refused:
        return refused
    scaled = jacobian / length
    inverse = np.linalg.inv(scaled.T @ scaled) / np.outer(length, length)
    variance = float(fit.rss[0]) / points.degrees_of_freedom
    return Curve(
        a=float(fit.a[0]),
        b=float(fit.b[0]),
        c=exp(float(fit.mu[0, 0])),
        d=float(fit.d[0]),
        covariance=tuple(tuple(map(float, row)) for row in variance * inverse),
        rss=float(fit.rss[0]),
        residual_sd=sqrt(variance),
        degrees_of_freedom=points.degrees_of_freedom,
        points=len(points.x),
        levels=len(points.level_x),
        weighting=weighting,
        weight_floor=points.weight_floor,
        iterations=int(fit.iterations[0]),
        gradient=float(fit.gradient[0]),
        condition=condition,
        warnings=warn_of_extrapolation(points, fit),
    )


def _jacobian(points: Points, fit: Projection) -> Array:
    """∂y/∂(a, d, b, ln c), shape (points, 4)."""
    return derivatives(
        Family(),
        points.log_x,
        np.zeros(len(points.x), dtype=np.intp),
        a=float(fit.a[0]),
        d=float(fit.d[0]),
        b=float(fit.b[0]),
        gamma=fit.mu[:, 0],
    ).gradient
