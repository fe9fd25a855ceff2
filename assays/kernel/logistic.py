"""The logistic family, 3 to 5 parameters, in the one convention that every computation uses.

    y = d + (a − d)·s        s = (1 + exp(z))^(−g)        z = ±b·(ln x − γ)        b > 0, g > 0

The sign is + where s falls with the dose, so that a belongs to dose 0, and − where it rises, so that a belongs
to infinite dose. With g = 1 (4PL) both signs are the same curves and γ is the ln EC50; with g fitted (5PL) they
are different families. Fits run on μ, the ln dose where s = ½, which is far less correlated with g than γ is:
z = ±b·(ln x − μ) + ln(2^(1/g) − 1), hence γ = μ ∓ ln(2^(1/g) − 1)/b. Dose 0 is a log dose of −10⁶, where s is
exactly 1 or 0 and every other derivative exactly 0.

Source: Ph. Eur. 5.3, section 5.4; Richards 1959 and Prentice 1976 for the fifth parameter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]

ZERO_DOSE = -1e6  # ln of a dose so low that exp(−b·10⁶) is 0 for any slope that can be fitted


@dataclass(frozen=True, slots=True)
class Family:
    """Which parameters are fitted, and how the curves of several samples hang together.

    `rises` gives z the sign −. `through_zero` fixes d = 0 (3PL). `curves` samples share a, d, b and g and differ
    in μ.
    """

    asymmetric: bool = False
    rises: bool = False
    through_zero: bool = False
    curves: int = 1

    @property
    def sign(self) -> float:
        return -1.0 if self.rises else 1.0

    @property
    def nonlinear(self) -> int:
        """How many parameters are iterated: b, one μ per curve, ln g if fitted."""
        return 1 + self.curves + self.asymmetric

    @property
    def linear(self) -> int:
        return 1 if self.through_zero else 2

    @property
    def parameters(self) -> int:
        return self.linear + self.nonlinear


def log_doses(doses: Array) -> Array:
    """ln of doses ≥ 0 of any shape, with `ZERO_DOSE` for dose 0. Raises nothing."""
    positive = doses > 0
    return np.where(positive, np.log(np.where(positive, doses, 1.0)), ZERO_DOSE)


def centre(log_g: Array) -> tuple[Array, Array]:
    """ln(2^(1/g) − 1), the z where s = ½, and its derivative with respect to ln g; any shape. Raises nothing."""
    power = np.log(2.0) * np.exp(-log_g)
    # 2^(1/g) overflows for g below 0.001, where the logarithm is the exponent itself.
    middle = np.where(power < 30, np.log(np.expm1(np.minimum(power, 30))), power)
    slope = np.where(power < 30, -power / -np.expm1(-np.minimum(power, 30)), -power)
    return middle, slope


def share(z: Array, log_g: Array | None) -> Array:
    """s = (1 + e^z)^(−g), g = 1 without `log_g`; any shape, without unit. Raises nothing."""
    return expit(-z) if log_g is None else np.exp(-np.exp(log_g) * np.logaddexp(0.0, z))


@dataclass(frozen=True, slots=True)
class Derivatives:
    """f, its gradient (points, p) and, if asked for, its second derivatives (points, p, p).

    The order is (a, d, b, γ_1 … γ_h[, ln g]), without d for curves through zero.
    """

    value: Array
    gradient: Array
    second: Array | None


def derivatives(
    family: Family,
    log_x: Array,
    curve: NDArray[np.intp],
    *,
    a: float,
    d: float,
    b: float,
    gamma: Array,
    log_g: float = 0.0,
    second: bool = False,
) -> Derivatives:
    """Analytic derivatives of one fitted curve, or bundle of curves, at `log_x` (points,).

    `curve` (points,) says to which of the h curves a point belongs; `gamma` is (h,). Values in the unit of a and d.
    Raises nothing.
    """
    points, h, sign, g = len(log_x), family.curves, family.sign, float(np.exp(log_g))
    t = log_x - gamma[curve]
    z = sign * b * t
    p, length = expit(z), np.logaddexp(0.0, z)
    s = np.exp(-g * length)
    s_z = -g * p * s
    rise, first = a - d, family.linear
    rows = np.arange(points)
    gradient = np.zeros((points, family.parameters))
    gradient[:, 0] = s
    if not family.through_zero:
        gradient[:, 1] = 1.0 - s
    gradient[:, first] = (rise * sign) * s_z * t
    gradient[rows, first + 1 + curve] = (-rise * sign * b) * s_z
    if family.asymmetric:
        with np.errstate(invalid="ignore"):
            gradient[:, -1] = np.where(s > 0, (-rise * g) * length * s, 0.0)
    value = d + rise * s
    if not second:
        return Derivatives(value, gradient, None)
    own = np.zeros((points, h))
    own[rows, curve] = 1.0
    s_zz = g * g * p * p * s - g * p * (1 - p) * s
    size = gradient.shape[1]
    hessian = np.zeros((points, size, size))
    z_b, z_c = sign * t, -sign * b
    ib, ic = first, first + 1
    hessian[:, ib, ib] = rise * s_zz * z_b**2
    cross = rise * (s_zz * z_b * z_c - sign * s_z)
    for k in range(h):
        hessian[:, ib, ic + k] = cross * own[:, k]
        hessian[:, ic + k, ic + k] = rise * s_zz * z_c**2 * own[:, k]
    if family.asymmetric:
        with np.errstate(invalid="ignore"):
            s_gg = np.where(s > 0, (g * g * length**2 - g * length) * s, 0.0)
            s_zg = np.where(s > 0, g * p * s * (g * length - 1), 0.0)
        hessian[:, ib, -1] = rise * s_zg * z_b
        hessian[:, -1, -1] = rise * s_gg
        hessian[:, ic : ic + h, -1] = (rise * s_zg * z_c)[:, None] * own
    for column in range(first, size):  # a and d enter linearly, with opposite signs
        hessian[:, 0, column] = gradient[:, column] / rise
        if not family.through_zero:
            hessian[:, 1, column] = -gradient[:, column] / rise
    for column in range(1, size):
        hessian[:, column, :column] = hessian[:, :column, column]
    return Derivatives(value, gradient, hessian)
