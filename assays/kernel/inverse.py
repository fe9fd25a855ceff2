"""From a response back to a dose, with its uncertainty, for a line, a logistic curve or an expression.

With C = s²(JᵀWJ)⁻¹, h(x) = ∂f/∂θ, vn = s²/(m·w) the variance of m new readings of weight w, and t:

    Wald            se² = (hᵀCh + vn)/f'(x)²                 x ± t·se, on the scale that is reported
    curve only      the same without vn (delta method)
    inversion       (y0 − f(x))² = t²(vn + h(x)ᵀCh(x))       its two solutions next to x
    mean response   the same without vn
    profile         see `inverse_profile`

Sources: Draper & Smith, section 3.2; Seber & Wild 1989, section 5.5; Greenwell & Schubert Kabban 2014.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log, log10, sqrt
from typing import Protocol

import numpy as np

from assays.kernel.curves import Fit, inverse_of
from assays.kernel.least_squares import ExpressionFit
from assays.kernel.lines import Line
from assays.kernel.logistic import Array
from assays.kernel.ratios import ratio_limits
from assays.kernel.status import Status, UnableToAnswer

FARTHEST = 60.0  # ln units from the estimate within which a limit is looked for
GROWTH = 1.3
LEAST_STEP = 1e-9
SCAN = 400  # cells in which the root of an expression is looked for


class Calibration(Protocol):
    """A fitted curve that can be read backwards."""

    def dose_at(self, response: float) -> float: ...

    def at(self, dose: float) -> tuple[float, Array, float]:
        """f, ∂f/∂θ (p,) and ∂f/∂x."""
        ...

    def inverse_matrix(self) -> Array:
        """(JᵀWJ)⁻¹."""
        ...

    def limits(
        self, y0: float, dose: float, *, reading: float, variance: float, t: float
    ) -> tuple[float, float]:
        """Both solutions of (y0 − f)² = t²(reading + variance·hᵀ(JᵀWJ)⁻¹h) next to `dose`."""
        ...


@dataclass(frozen=True, slots=True)
class LineCalibration:
    """y = intercept + slope·x; x may be any number."""

    line: Line

    def dose_at(self, response: float) -> float:
        if self.line.slope == 0:
            raise UnableToAnswer(Status.NO_SOLUTION, "the line is flat")
        return (response - self.line.intercept) / self.line.slope

    def at(self, dose: float) -> tuple[float, Array, float]:
        return self.line.intercept + self.line.slope * dose, np.array([1.0, dose]), self.line.slope

    def inverse_matrix(self) -> Array:
        return self.line.inverse

    def limits(
        self, y0: float, dose: float, *, reading: float, variance: float, t: float
    ) -> tuple[float, float]:
        # The quadratic in x is Fieller's for (y0 − intercept)/slope, about the centre for precision.
        middle = self.line.centre
        inverse = self.line.centred_inverse
        low, high = ratio_limits(
            y0 - self.line.intercept - self.line.slope * middle,
            self.line.slope,
            v11=reading + variance * inverse[0, 0],
            v22=variance * inverse[1, 1],
            v12=-variance * inverse[0, 1],
            t=t,
        )
        return middle + low, middle + high


@dataclass(frozen=True, slots=True)
class LogisticCalibration:
    """A logistic curve; x above 0."""

    fit: Fit

    def dose_at(self, response: float) -> float:
        return inverse_of(self.fit, response)

    def at(self, dose: float) -> tuple[float, Array, float]:
        found = self.fit.at(np.array([log(dose)]))
        gradient = found.gradient[0]
        # f depends on x through b(ln x − γ) alone.
        return float(found.value[0]), gradient, -float(gradient[self.fit.family.linear + 1]) / dose

    def inverse_matrix(self) -> Array:
        return self.fit.inverse

    def limits(
        self, y0: float, dose: float, *, reading: float, variance: float, t: float
    ) -> tuple[float, float]:
        excess = _excess(self, y0, reading=reading, variance=variance, t=t)
        step = first_step(self, dose, reading=reading, variance=variance, t=t)
        return outward(excess, dose, -step), outward(excess, dose, step)


@dataclass(frozen=True, slots=True)
class ExpressionCalibration:
    """The root of an expression between `least`/100 and 100·`most`, of the positive doses that were fitted."""

    fit: ExpressionFit
    least: float
    most: float

    def dose_at(self, response: float) -> float:
        from scipy.optimize import brentq  # here: it takes seconds to load

        grid = np.geomspace(self.least / 100, self.most * 100, SCAN)
        value = self.fit.expression.evaluate(grid, self.fit.theta)[0] - response
        exact = np.flatnonzero(value == 0)
        if len(exact):
            return float(grid[exact[0]])
        crossings = np.flatnonzero(np.isfinite(value[:-1] * value[1:]) & (value[:-1] * value[1:] < 0))
        if not len(crossings):
            raise UnableToAnswer(Status.NO_SOLUTION, "the curve does not take this response near its doses")
        inside = sqrt(self.least * self.most)
        cell = min(crossings, key=lambda i: abs(log(grid[i] / inside)))

        def distance(log_dose: float) -> float:
            return self.at(exp(log_dose))[0] - response

        return exp(brentq(distance, log(grid[cell]), log(grid[cell + 1]), xtol=1e-15, rtol=1e-15))

    def at(self, dose: float) -> tuple[float, Array, float]:
        value, gradient, slope = self.fit.expression.evaluate(np.array([dose]), self.fit.theta)
        return float(value[0]), gradient[0], float(slope[0])

    def inverse_matrix(self) -> Array:
        return self.fit.inverse

    def limits(
        self, y0: float, dose: float, *, reading: float, variance: float, t: float
    ) -> tuple[float, float]:
        excess = _excess(self, y0, reading=reading, variance=variance, t=t)
        step = first_step(self, dose, reading=reading, variance=variance, t=t)
        try:
            lower = outward(excess, dose, -step)
        except UnableToAnswer:
            lower = self._below_zero(excess)
        return lower, outward(excess, dose, step)

    def _below_zero(self, excess: Callable[[float], float]) -> float:
        """A lower limit at or below x = 0, for expressions that exist there."""
        from scipy.optimize import brentq

        near, step = 0.0, self.least / 1000
        value = excess(near)
        while np.isfinite(value) and value < 0 and near > -100 * self.most:
            far = near - step
            value = excess(far)
            if value >= 0:
                return float(brentq(excess, far, near, xtol=1e-15 * self.most, rtol=1e-15))
            near, step = far, step * GROWTH
        raise UnableToAnswer(Status.LIMITS_DO_NOT_EXIST, "the interval has no limit on this side")


@dataclass(frozen=True, slots=True)
class Prediction:
    """A dose on the scale it is reported on, in the terms of the module."""

    x: float
    se: float
    half_width: float

    @property
    def lower(self) -> float:
        return self.x - self.half_width

    @property
    def upper(self) -> float:
        return self.x + self.half_width


def to_scale(x: float, scale: str) -> tuple[float, float]:
    """x on the scale `x`, `ln` or `log10`, and the derivative of that. Raises no_solution for x ≤ 0 on a logarithm."""
    if scale == "x":
        return x, 1.0
    if x <= 0:
        raise UnableToAnswer(Status.NO_SOLUTION, f"the dose {x:g} has no logarithm")
    return (log(x), 1 / x) if scale == "ln" else (log10(x), 1 / (x * log(10)))


def wald(
    calibration: Calibration, dose: float, *, reading: float, variance: float, t: float, scale: str
) -> Prediction:
    """x ± t·se with se² = (variance·hᵀ(JᵀWJ)⁻¹h + reading)/f'(x)², on `scale`; `reading` 0 for the curve alone.

    `variance` is s², `reading` vn, both in squared units of the responses. Raises not_estimable where the curve
    is flat.
    """
    _, gradient, slope = calibration.at(dose)
    if slope == 0 or not np.isfinite(slope):
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "the curve is flat at this dose")
    of_curve = variance * float(gradient @ calibration.inverse_matrix() @ gradient)
    x, stretch = to_scale(dose, scale)
    se = sqrt(of_curve + reading) / abs(slope) * abs(stretch)
    return Prediction(x, se, t * se)


def _excess(
    calibration: Calibration, y0: float, *, reading: float, variance: float, t: float
) -> Callable[[float], float]:
    """Above zero at doses whose band leaves y0 out."""
    matrix = calibration.inverse_matrix()

    def excess(dose: float) -> float:
        value, gradient, _ = calibration.at(dose)
        return (y0 - value) ** 2 - t * t * (reading + variance * float(gradient @ matrix @ gradient))

    return excess


def first_step(calibration: Calibration, dose: float, *, reading: float, variance: float, t: float) -> float:
    """A quarter of the standard error, on the ln scale: the step with which the search for a limit begins.

    Arguments and errors as `wald`.
    """
    se = wald(calibration, dose, reading=reading, variance=variance, t=t, scale="x").se
    return min(max(se / dose / 4, LEAST_STEP), 0.25)


def outward(excess: Callable[[float], float], dose: float, step: float) -> float:
    """The first dose from `dose` outward, on the ln scale, where `excess` rises through zero.

    Raises limits_do_not_exist where it does not within 60 ln units, or ceases to be a number on the way.
    """
    from scipy.optimize import brentq

    start = near = log(dose)
    while abs(near + step - start) <= FARTHEST:
        far = near + step
        value = excess(exp(far))
        if not np.isfinite(value):
            break
        if value >= 0:
            return exp(brentq(lambda u: excess(exp(u)), near, far, xtol=1e-14, rtol=1e-14))
        near, step = far, step * GROWTH
    raise UnableToAnswer(Status.LIMITS_DO_NOT_EXIST, "the interval has no limit on this side")
