"""Linearity of a measurement procedure: polynomials against the straight line, and dilution."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import NDArray
from scipy.special import stdtr

from assays.kernel.missing import Missing
from assays.kernel.replicates import geometric_cv_percent, geometric_sd, summarise
from assays.kernel.status import Status, UnableToAnswer, Unanswered

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Polynomial:
    """y = b₀ + b₁x + … + b_k x^k by ordinary least squares, with t = estimate/SE of each coefficient."""

    coefficients: tuple[float, ...]
    t: tuple[float | Unanswered, ...]
    resid_sd: float
    df: int

    def at(self, x: Array) -> Array:
        """y at x, any shape."""
        return np.asarray(polynomial.polyval(x, self.coefficients), dtype=np.float64)

    @property
    def p_of_leading(self) -> float:
        """Two-sided p of the highest coefficient; 0 in a fit without residuals."""
        t = self.t[-1]
        return 0.0 if isinstance(t, Unanswered) else 2 * float(stdtr(self.df, -abs(t)))


def fit_polynomial(x: Array, y: Array, order: int) -> Polynomial:
    """Fit single results `y` at `x` (results,), power basis in x.

    Solved by QR in (x − centre)/scale and shifted back, so that the size of x costs no digits.
    UnableToAnswer: too_few_values without residual degrees of freedom, not_estimable unless x has more
    than `order` distinct values. Source: CLSI EP06.
    """
    df = len(x) - order - 1
    if df < 1:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, f"{len(x)} results leave no residual for order {order}.")
    if len(np.unique(x)) <= order:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, f"{order + 1} levels are needed for order {order}.")
    centre, scale = float(x.mean()), float(np.ptp(x)) / 2
    q, r = np.linalg.qr(polynomial.polyvander((x - centre) / scale, order))
    scaled = np.linalg.solve(r, q.T @ y)
    residual = y - q @ (q.T @ y)
    resid_sd = sqrt(float((residual**2).sum()) / df)
    back = _expansion(order, centre, scale)
    coefficients = back @ scaled
    errors = resid_sd * np.sqrt(((back @ np.linalg.inv(r)) ** 2).sum(1))
    exact = Unanswered("The fit leaves no residual.", Status.NOT_ESTIMABLE)
    t = tuple(float(b / se) if se > 0 else exact for b, se in zip(coefficients, errors, strict=True))
    return Polynomial(tuple(map(float, coefficients)), t, resid_sd, df)


def _expansion(order: int, centre: float, scale: float) -> Array:
    """Columns: the power-basis coefficients of ((x − centre)/scale)^k."""
    columns = np.zeros((order + 1, order + 1))
    for k in range(order + 1):
        columns[: k + 1, k] = polynomial.polypow([-centre / scale, 1 / scale], k)
    return columns


def best_order(fits: Sequence[Polynomial], *, alpha: float) -> int:
    """The largest order k ≥ 2 whose leading coefficient in the fit of order k has p < `alpha`, else 1.

    `fits` are those of order 1, 2, … Raises nothing. Source: CLSI EP06.
    """
    significant = [order for order, fit in enumerate(fits, start=1) if order > 1 and fit.p_of_leading < alpha]
    return max(significant, default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DilutionLinearity:
    """Measured concentrations of a dilution series, corrected for dilution."""

    adjusted: tuple[float, ...]
    recovery_percent: tuple[float | Unanswered, ...]  # of the first
    mean: float
    cv_percent: float | Missing
    geometric_mean: float
    gsd: float | Unanswered
    gcv_percent: float | Unanswered
    loglog_slope: float | Unanswered  # −1 where the dilution is linear


def dilution_linearity(dilutions: Sequence[float], concentrations: Sequence[float]) -> DilutionLinearity:
    """adjusted = dilution × concentration; recovery 100·adjusted/first; slope of ln c on ln dilution.

    GSD = exp(SD of ln), GCV = 100·√(exp(SD²) − 1), in the unit of the concentrations. Both sequences (dilutions,).
    Raises bad_input unless they are above zero; spreads of a single dilution are unanswered.
    Source: USP <1033>; Kirkwood 1979 for the geometric spread.
    """
    if not all(value > 0 for value in (*dilutions, *concentrations)):
        raise UnableToAnswer(Status.BAD_INPUT, "Dilutions and concentrations must be above zero.")
    adjusted = [d * c for d, c in zip(dilutions, concentrations, strict=True)]
    logs = np.log(adjusted)
    summary = summarise(adjusted)
    single = Unanswered("A single value has no spread.", Status.TOO_FEW_VALUES)
    sd = float(logs.std(ddof=1)) if len(adjusted) > 1 else None
    return DilutionLinearity(
        adjusted=tuple(adjusted),
        recovery_percent=tuple(100 * value / adjusted[0] for value in adjusted),
        mean=sum(adjusted) / len(adjusted),
        cv_percent=single if sd is None else summary.cv_percent,
        geometric_mean=exp(float(logs.mean())),
        gsd=single if sd is None else geometric_sd(sd),
        gcv_percent=single if sd is None else geometric_cv_percent(sd),
        loglog_slope=_loglog_slope(dilutions, concentrations),
    )


def _loglog_slope(dilutions: Sequence[float], concentrations: Sequence[float]) -> float | Unanswered:
    x = np.array([log(value) for value in dilutions])
    centred = x - x.mean()
    if not (centred**2).sum() > 0:
        return Unanswered("There is only one dilution.", Status.NOT_ESTIMABLE)
    return float((centred * np.log(concentrations)).sum() / (centred**2).sum())
