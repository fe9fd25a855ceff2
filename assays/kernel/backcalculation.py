"""From a response back to a concentration, with its uncertainty; never outside the range."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log, sqrt

from scipy.special import stdtrit

from assays.kernel.fourpl import Curve
from assays.kernel.missing import Missing

GROWTH = 1.3  # of the search step for an interval limit
FARTHEST = log(1000)  # ln units from the estimate within which a limit is looked for


class RangeStatus(StrEnum):
    """Where a response lies, decided on the concentration before dilution."""

    IN_RANGE = "in range"
    BELOW = "<LLOQ"
    ABOVE = ">ULOQ"
    NO_SOLUTION = "no solution"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackCalculation:
    """One response read from the curve, before dilution; a number exists only inside the range.

    `is_below` and `is_above` tell the side also where no solution exists: a response beyond the asymptote
    at dose 0 is below every concentration of the range, one beyond the other asymptote is above.
    """

    status: RangeStatus
    is_below: bool
    is_above: bool
    concentration: float | Missing
    standard_error: float | Missing
    lower: float | Missing
    upper: float | Missing


def backcalculate(
    curve: Curve, response: float, *, lloq: float, uloq: float, readings: int = 1, confidence: float = 0.95
) -> BackCalculation:
    """The concentration x with f(x) = `response`, a mean of `readings` readings, if lloq ≤ x ≤ uloq.

    - `standard_error` (delta method): √(gᵀCg + s²/(m·w)) · |dx/dy|, with g = ∂f/∂θ at x, C the covariance
      of θ = (a, d, b, ln c), s²/w the variance of one reading, m = `readings`.
    - `lower`, `upper` (inversion): the two x next to the estimate where
      (y₀ − f(x))² = t²·(s²/(m·w) + h(x)ᵀ C h(x)), t with the degrees of freedom of the curve. A limit that
      does not exist is Missing. Limits may lie outside the range; they bound the estimate, they are none.

    Unit of doses throughout; raises nothing. The side of a response is decided on the concentration, both ends
    included.
    Source: Draper & Smith, section 3.2; Seber & Wild 1989, section 5.5.
    """
    dose = curve.dose_at(response)
    if isinstance(dose, Missing):
        is_below = curve.share_of(response) >= 1
        return _outside(RangeStatus.NO_SOLUTION, is_below=is_below, reason=dose.reason)
    if dose < lloq:
        return _outside(RangeStatus.BELOW, is_below=True, reason=f"below the LLOQ of {lloq:g}")
    if dose > uloq:
        return _outside(RangeStatus.ABOVE, is_below=False, reason=f"above the ULOQ of {uloq:g}")
    reading_variance = curve.residual_sd**2 / (readings * curve.weight_of(response))
    t_value = float(stdtrit(curve.degrees_of_freedom, (1 + confidence) / 2))

    def excess(log_dose: float) -> float:
        """Above zero where `response` would lie outside the prediction band."""
        distance = response - curve.response_at(exp(log_dose))
        return distance**2 - t_value**2 * (reading_variance + _curve_variance(curve, exp(log_dose)))

    standard_error = sqrt(_curve_variance(curve, dose) + reading_variance) / abs(curve.slope_at(dose))
    first_step = max(standard_error / dose / 4, 1e-9)
    return BackCalculation(
        status=RangeStatus.IN_RANGE,
        is_below=False,
        is_above=False,
        concentration=dose,
        standard_error=standard_error,
        lower=_limit(excess, log(dose), -first_step),
        upper=_limit(excess, log(dose), first_step),
    )


def _outside(status: RangeStatus, *, is_below: bool, reason: str) -> BackCalculation:
    missing = Missing(reason)
    return BackCalculation(
        status=status,
        is_below=is_below,
        is_above=not is_below,
        concentration=missing,
        standard_error=missing,
        lower=missing,
        upper=missing,
    )


def _curve_variance(curve: Curve, dose: float) -> float:
    """h(x)ᵀ C h(x), in squared response."""
    h = curve.tangent_at(dose)
    return sum(h[i] * h[j] * curve.covariance[i][j] for i in range(4) for j in range(4))


def _limit(excess: Callable[[float], float], start: float, step: float) -> float | Missing:
    """The first dose from `start` outward (sign of `step`) where `excess` rises through zero."""
    from scipy.optimize import brentq  # here: it takes seconds to load, and a web process needs no root

    near = start
    while abs(near + step - start) <= FARTHEST:
        far = near + step
        if excess(far) >= 0:
            return exp(brentq(excess, near, far, xtol=1e-12))
        near, step = far, step * GROWTH
    return Missing("the interval has no limit on this side")
