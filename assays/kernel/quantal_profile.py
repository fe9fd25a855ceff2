"""The profile interval of a quantal relative potency: the values of M that the likelihood does not reject.

At a given M = ln R the test sample is the standard at doses multiplied by R, η = a_S + b·(ln dose + M), so that one
intercept fewer is fitted. With ℓ the log-likelihood:

    2(ℓ − ℓ(M)) ≤ χ²(confidence; 1)

Source: Venzon & Moolgavkar 1988; Williams 1986 for a median dose.
"""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy.special import chdtri

from assays.kernel.fieller import Limits
from assays.kernel.logistic import Array
from assays.kernel.quantal import Link, fit_quantal
from assays.kernel.status import Status, Unanswered

FARTHEST = 30.0  # ln units from the estimate within which a limit is looked for
GROWTH = 1.5  # of the search step


def log_potency_profile(
    samples: Sequence[str],
    log_doses: Array,
    n: Array,
    responders: Array,
    *,
    link: Link,
    test: str,
    standard: str,
    confidence: float,
) -> Limits:
    """Limits of M, ascending; arguments (rows,) as `fit_quantal` has them, and what it raises.

    Unanswered: not_estimable for flat lines, limits_do_not_exist where the likelihood never falls so far.
    """
    from scipy.optimize import brentq  # here: it takes seconds to load

    fit = fit_quantal(samples, log_doses, n, responders, link=link)
    wald = fit.log_potency_delta(test, standard, quantile=1.0)
    if isinstance(wald, Unanswered):
        return wald
    estimate, se = sum(wald) / 2, (wald[1] - wald[0]) / 2
    moved = np.array([sample == test for sample in samples])
    merged = [standard if sample == test else sample for sample in samples]
    target = float(chdtri(1, 1 - confidence))

    def excess(m: float) -> float:
        constrained = fit_quantal(merged, log_doses + m * moved, n, responders, link=link)
        return 2 * (fit.log_likelihood - constrained.log_likelihood) - target

    limits = []
    for side in (-1.0, 1.0):
        near, step = estimate, side * min(sqrt(target) * se, 1.0)
        while abs(near + step - estimate) <= FARTHEST and excess(near + step) < 0:
            near, step = near + step, step * GROWTH
        if abs(near + step - estimate) > FARTHEST:
            return Unanswered("The likelihood never falls to its limit.", Status.LIMITS_DO_NOT_EXIST)
        limits.append(float(brentq(excess, near, near + step, xtol=1e-11)))
    return limits[0], limits[1]
