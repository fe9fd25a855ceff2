"""The standard curve by another road: another program, other parameters, another algorithm, another start.

It shares nothing with `fourpl` and `qpcr` but the model, so a mistake of one is not a mistake of both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from assays.kernel.missing import Missing

Array = NDArray[np.float64]
NAME = "SciPy least_squares, trust region with numerical derivatives, in (a, d − a, ln b, log₁₀ c)"
PATIENCE = 2000  # evaluations


@dataclass(frozen=True, slots=True)
class SecondCurve:
    """y = a + span·s, s = 1/(1 + (x/c)^−b): the same curve as `fourpl`'s with d = a + span."""

    a: float
    span: float
    ln_b: float
    log10_c: float

    @property
    def parameters(self) -> dict[str, float]:
        """In the words of `fourpl`."""
        return {"a": self.a, "b": exp(self.ln_b), "c": 10**self.log10_c, "d": self.a + self.span}

    def dose_at(self, response: float) -> float | Missing:
        """The dose of this response, in the unit of the doses; Missing at or beyond an asymptote."""
        share = (response - self.a) / self.span
        if not 0 < share < 1:
            return Missing("no solution: the response is at or beyond an asymptote")
        return float(10 ** (self.log10_c + log10(share / (1 - share)) / exp(self.ln_b)))


def fit_again(
    doses: Sequence[float], responses: Sequence[float], weights: Sequence[float]
) -> SecondCurve | Missing:
    """Minimise Σw(y − f(x))² over wells (points,), dose 0 legal, weights as the first solver had them.

    Starts from the means of the lowest and the highest level and the level nearest half-way. Missing, with the
    reason, if it does not come to an end. Source: Branch, Coleman and Li 1999, as in SciPy.
    """
    from scipy.optimize import least_squares  # here: it takes seconds to load, and a web process fits nothing

    x, y, root = np.asarray(doses), np.asarray(responses), np.sqrt(np.asarray(weights))
    with np.errstate(divide="ignore"):
        log10_x = np.log10(x)

    def off(theta: Array) -> Any:
        a, span, ln_b, log10_c = theta
        share = expit(np.exp(min(ln_b, 6.0)) * np.log(10) * (log10_x - log10_c))
        return root * (a + span * share - y)

    found = least_squares(
        off,
        _start(x, y),
        jac="3-point",
        x_scale="jac",
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
        max_nfev=PATIENCE,
    )
    if not found.success:
        return Missing(f"the second solver did not come to an end: {found.message}")
    return SecondCurve(*map(float, found.x))


LINE = "NumPy lstsq, singular values of the whole design"


def line_again(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Intercept and slope of y = intercept + slope·x by least squares over points (points,), without centring.

    Raises LinAlgError where the solver does not end. Source: NumPy lstsq, LAPACK gelsd.
    """
    design = np.column_stack([np.ones(len(x)), np.asarray(x, dtype=float)])
    found, *_ = np.linalg.lstsq(design, np.asarray(y, dtype=float), rcond=None)
    return float(found[0]), float(found[1])


def _start(x: Array, y: Array) -> Array:
    levels = np.unique(x)
    means = np.array([y[x == level].mean() for level in levels])
    low, high = float(means[0]), float(means[-1])
    positive = levels > 0
    half = int(np.argmin(np.abs(means[positive] - (low + high) / 2)))
    return np.array([low, 1.2 * (high - low) or 1.0, 0.0, float(np.log10(levels[positive][half]))])


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLogistic:
    """Curves that share all but their locations: asymptotes at dose 0 and at infinity, slope, the location of the
    first curve over that of the second (1 where there is one curve), and the residual sum of squares."""

    at_zero: float
    at_infinity: float
    b: float
    ratio: float
    rss: float


def logistic_again(
    doses: Sequence[float], responses: Sequence[float], is_second: Sequence[bool], *, asymmetric: bool
) -> SecondLogistic | Missing:
    """One or two 4PL or 5PL curves over wells (points,), unweighted: y = D + (A − D)/(1 + (x/C)^b)^g, b > 0, g = 1
    for a 4PL, C of the second curve C/ratio. Missing, with the reason, if it does not come to an end."""
    from scipy.optimize import least_squares  # here: it takes seconds to load, and a web process fits nothing

    x, y, second = np.asarray(doses), np.asarray(responses), np.asarray(is_second, dtype=float)
    with np.errstate(divide="ignore"):
        ln_x = np.log(x)
    two = bool(second.any())

    def off(theta: Array) -> Any:
        a, span, ln_b, ln_c = theta[:4]
        ln_ratio = theta[4] if two else 0.0
        ln_g = theta[-1] if asymmetric else 0.0
        z = np.exp(min(ln_b, 6.0)) * (ln_x - ln_c + second * ln_ratio)
        return a + span * -np.expm1(-np.exp(min(ln_g, 6.0)) * np.logaddexp(0.0, z)) - y

    best = None
    for start in _starts_of_two(x, y, second, asymmetric=asymmetric):
        found = least_squares(
            off,
            start,
            jac="3-point",
            x_scale="jac",
            ftol=1e-15,
            xtol=1e-15,
            gtol=1e-15,
            max_nfev=PATIENCE,
        )
        if found.success and (best is None or found.cost < best.cost):
            best = found
    if best is None:
        return Missing("the second solver did not come to an end")
    a, span, ln_b = (float(value) for value in best.x[:3])
    return SecondLogistic(
        at_zero=a,
        at_infinity=a + span,
        b=exp(ln_b),
        ratio=exp(float(best.x[4])) if two else 1.0,
        rss=2 * float(best.cost),
    )


def _starts_of_two(x: Array, y: Array, second: Array, *, asymmetric: bool) -> list[Array]:
    """From the first curve alone, the second beside it by the response half-way; g from below and above 1."""
    own = second == 0
    low, span, ln_b, log10_c = _start(x[own], y[own])
    theta = [low, span, ln_b, log10_c * np.log(10)]
    if second.any():
        theta.append((log10_c - _start(x[~own], y[~own])[3]) * np.log(10))
    return [np.array([*theta, ln_g]) for ln_g in (-0.5, 0.5)] if asymmetric else [np.array(theta)]


def parallel_lines_again(
    doses: Sequence[float], responses: Sequence[float], is_second: Sequence[bool]
) -> tuple[float, float]:
    """Common slope on ln dose, and the ratio exp((a₂ − a₁)/slope), over wells (points,), without centring.

    Raises LinAlgError where the solver does not end. Source: NumPy lstsq, LAPACK gelsd.
    """
    second = np.asarray(is_second, dtype=float)
    design = np.column_stack([1 - second, second, np.log(np.asarray(doses, dtype=float))])
    (first, other, slope), *_ = np.linalg.lstsq(design, np.asarray(responses, dtype=float), rcond=None)
    return float(slope), exp(float((other - first) / slope))
