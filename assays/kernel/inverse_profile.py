"""The profile interval of a dose that is read from a logistic curve: no tangent takes the place of the curve.

A reading y0 of variance vn is one calibration point more, of weight s²/vn, whose dose x is not known. With the curve
fitted anew to all points at every x, the interval holds the doses with

    RSS(x) − RSS ≤ t²·s²        RSS and s² of the calibration alone

At the dose estimate the new point lies on the curve, so that RSS(x) = RSS there. For a straight line these are the
limits of the inversion, exactly; for a curve they do not depend on the form in which it is written.

Source: Bates & Watts 1988, chapter 6; Brown 1993, Measurement, Regression, and Calibration.
"""

import numpy as np

from assays.kernel.curves import Fit
from assays.kernel.inverse import LogisticCalibration, first_step, outward
from assays.kernel.logistic import centre, log_doses
from assays.kernel.projection import Start, project
from assays.kernel.status import Status, UnableToAnswer


def profile_limits(fit: Fit, y0: float, *, reading: float, t: float) -> tuple[float, float]:
    """Both limits of the dose at which the curve takes `y0`, in the unit of the doses.

    `reading` is vn = s²/(m·w), above zero, the variance of the mean of m new readings of weight w; t the quantile
    with the degrees of freedom of `fit`. Raises bad_input for another variance or a bundle of curves, no_solution
    at or beyond an asymptote, limits_do_not_exist where the profile never rises so far.
    """
    if fit.family.curves != 1:
        raise UnableToAnswer(Status.BAD_INPUT, "a dose is read from one curve, not from a bundle")
    if not 0 < reading < np.inf:
        raise UnableToAnswer(Status.BAD_INPUT, f"the variance {reading:g} of a reading is not above zero")
    calibration = LogisticCalibration(fit)
    dose = calibration.dose_at(y0)
    y = np.append(fit.y, y0)[None, :]
    weights = np.append(fit.weights, fit.variance / reading)
    shift = fit.family.sign * float(centre(np.array(fit.log_g))[0]) / fit.b if fit.family.asymmetric else 0.0
    start = Start(np.array([fit.b]), fit.gamma[:, None] + shift, np.array([fit.log_g]))
    limit = fit.rss + t * t * fit.variance

    def excess(at: float) -> float:
        log_x = np.append(fit.log_x, log_doses(np.array([at])))
        found = project(fit.family, log_x, y, weights, start=start, engine=fit.engine)
        return float(found.rss[0]) - limit if found.converged[0] else np.nan

    step = first_step(calibration, dose, reading=reading, variance=fit.variance, t=t)
    return outward(excess, dose, -step), outward(excess, dose, step)
