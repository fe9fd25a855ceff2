"""The IFN-γ standard curve: our fit, with covariance, status and refusals, beside SciPy's of the same wells."""

import numpy as np
from scipy.optimize import curve_fit

from assays.kernel.fourpl import Curve, Weighting, fit_curve
from tests.kernel.shared import simulated_plate

from .timing import Timing, in_turns

TURNS = 200


def measure() -> Timing:
    doses, responses, _ = simulated_plate(seed=1)
    ours = fit_curve(doses, responses, weighting=Weighting.ONE_OVER_Y2)
    assert isinstance(ours, Curve), ours
    sigma = np.maximum(responses, ours.weight_floor)
    guess = (responses.min(), responses.max(), 1.0, np.log(np.median(doses)))

    def four_pl(x, a, d, b, log_c):
        return d + (a - d) / (1 + np.exp(b * (np.log(x) - log_c)))

    def scipys():
        return curve_fit(four_pl, doses, responses, p0=guess, sigma=sigma)

    np.testing.assert_allclose(scipys()[0], (ours.a, ours.d, ours.b, np.log(ours.c)), rtol=1e-3)
    return in_turns(
        lambda: fit_curve(doses, responses, weighting=Weighting.ONE_OVER_Y2), floor=scipys, turns=TURNS
    )
