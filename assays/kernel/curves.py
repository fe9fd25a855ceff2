"""One logistic curve, or a bundle that shares all but its locations, fitted to the global minimum with its
covariances. Nothing is judged here beyond whether the numbers exist; acceptance is the method's (`refusal`).
"""

from dataclasses import dataclass, replace
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from assays.kernel.logistic import Array, Derivatives, Family, centre, derivatives, log_doses
from assays.kernel.projection import Engine, Projection, Start, project_globally
from assays.kernel.status import Status, UnableToAnswer

NEWTON_STEPS = 8
NEWTON_STEPS_ALONE = 40  # from where Gauss-Newton did not end
STILL = 1e-6  # of 1 + |parameter|: the last step of a search that only Newton's method ended
NEWTON_DONE = 1e-7  # step, as a share of the residual, after which the next would be rounding
LARGEST_CONDITION = 1e8  # of the Jacobian with columns of length 1; beyond, a variance has no correct digit


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted bundle. `theta` is (a, d, b, γ_1 … γ_h[, ln g]), without d through zero; see `logistic`.

    `inverse` is (JᵀWJ)⁻¹ and `inverse_hessian()` 2H⁻¹, both (p, p): times s² they are the Gauss-Newton covariance
    and that of the observed Hessian H of the weighted residual sum of squares.
    """

    family: Family
    theta: Array
    rss: float
    n: int
    inverse: Array
    condition: float
    iterations: int
    gradient: float
    log_x: Array
    y: Array
    weights: Array
    curve: NDArray[np.intp]
    engine: Engine = Engine.NUMPY

    @property
    def a(self) -> float:
        return float(self.theta[0])

    @property
    def d(self) -> float:
        return 0.0 if self.family.through_zero else float(self.theta[1])

    @property
    def b(self) -> float:
        return float(self.theta[self.family.linear])

    @property
    def gamma(self) -> Array:
        """Locations on the scale of ln dose, (curves,)."""
        first = self.family.linear + 1
        return self.theta[first : first + self.family.curves]

    @property
    def log_g(self) -> float:
        """ln of the fifth parameter, 0 where there is none."""
        return float(self.theta[-1]) if self.family.asymmetric else 0.0

    @property
    def df(self) -> int:
        return self.n - self.family.parameters

    @property
    def variance(self) -> float:
        """s² = rss/df; raises too_few_values without degrees of freedom."""
        if self.df <= 0:
            raise UnableToAnswer(Status.TOO_FEW_VALUES, "as many parameters as points: no residual variance")
        return self.rss / self.df

    @property
    def rises_with_dose(self) -> bool:
        """Whether the response at infinite dose is above that at dose 0."""
        return (self.a > self.d) == self.family.rises

    def at(self, log_x: Array, curve: NDArray[np.intp] | None = None, *, second: bool = False) -> Derivatives:
        """Response and derivatives at log doses (m,)."""
        which = np.zeros(len(log_x), dtype=np.intp) if curve is None else curve
        return _at(self.family, self.theta, log_x, which, second=second)

    def response(self, dose: float) -> float:
        """f at one dose ≥ 0, in the unit of the responses."""
        return float(self.at(log_doses(np.array([float(dose)]))).value[0])

    def inverse_hessian(self) -> Array:
        """2H⁻¹ of the observed second derivatives; raises not_estimable where H is not positive definite."""
        at = self.at(self.log_x, self.curve, second=True)
        hessian = _half_hessian(self, self.y - at.value, at)
        length = np.sqrt(np.abs(np.diag(hessian)))
        try:
            factor = np.linalg.cholesky(hessian / np.outer(length, length))
        except np.linalg.LinAlgError:
            raise UnableToAnswer(
                Status.NOT_ESTIMABLE, "the observed Hessian is not positive definite"
            ) from None
        half = np.linalg.solve(factor, np.diag(1 / length))
        return half.T @ half


def fit_bundle(
    doses: Array,
    y: Array,
    weights: Array,
    *,
    family: Family,
    curve: NDArray[np.intp] | None = None,
    also: Start | None = None,
    engine: Engine = Engine.NUMPY,
) -> Fit:
    """The global minimum of Σ w(y − f)² over all parameters of `family`; doses, y and weights are (points,).

    Variable projection from many starts, then Newton steps with the analytic Hessian until the gradient is zero
    to rounding. Raises too_few_values for fewer points or distinct doses than parameters, not_evaluable for
    responses that are all the same, not_converged where no start ends in a minimum, not_estimable for a singular
    information matrix. Source: `projection`; Bates & Watts 1988 for the Gauss-Newton covariance.
    """
    which = np.zeros(len(doses), dtype=np.intp) if curve is None else curve
    _require(doses, y, which, family)
    log_x = log_doses(doses)
    found = project_globally(family, log_x, y, weights, curve=which, also=also, engine=engine)
    for index, converged in enumerate(found.converged.tolist()):
        fit = _unpolished(family, found[index : index + 1], log_x, y, weights, which, engine)
        fit, jacobian, settled = _polish(fit, most=NEWTON_STEPS if converged else NEWTON_STEPS_ALONE)
        if converged:
            return _with_inverse(fit, jacobian)
        if settled:
            try:
                return _with_inverse(fit, jacobian)
            except UnableToAnswer:  # a plain that leads to infinity; the lowest minimum may come next
                continue
    raise UnableToAnswer(Status.NOT_CONVERGED, "no start value led to a minimum")


def _unpolished(
    family: Family,
    found: Projection,
    log_x: Array,
    y: Array,
    weights: Array,
    which: NDArray[np.intp],
    engine: Engine,
) -> Fit:
    """Where the one search `found` ended, without inverse."""
    b, log_g = float(found.b[0]), float(found.log_g[0])
    gamma = (
        found.mu[:, 0] - family.sign * float(centre(found.log_g)[0][0]) / b
        if family.asymmetric
        else found.mu[:, 0]
    )
    theta = np.concatenate(
        [
            [found.a[0]] if family.through_zero else [found.a[0], found.d[0]],
            [b],
            gamma,
            [log_g] if family.asymmetric else [],
        ]
    )
    return Fit(
        family=family,
        theta=theta,
        rss=float(found.rss[0]),
        n=len(y),
        inverse=np.empty((0, 0)),
        condition=np.inf,
        iterations=int(found.iterations[0]),
        gradient=float(found.gradient[0]),
        log_x=log_x,
        y=y,
        weights=weights,
        curve=which,
        engine=engine,
    )


def _require(doses: Array, y: Array, curve: NDArray[np.intp], family: Family) -> None:
    if not (np.isfinite(doses).all() and np.isfinite(y).all()) or (doses < 0).any():
        raise UnableToAnswer(Status.BAD_INPUT, "doses must be finite and not below zero, responses finite")
    points = len({*zip(curve.tolist(), doses.tolist(), strict=True)})
    if points < family.parameters:
        raise UnableToAnswer(
            Status.TOO_FEW_VALUES, f"{points} distinct doses do not determine {family.parameters} parameters"
        )
    if not (doses > 0).any():
        raise UnableToAnswer(Status.BAD_INPUT, "there is no dose above zero")
    if np.ptp(y) == 0:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "every response is the same: there is no curve")


def _at(
    family: Family, theta: Array, log_x: Array, curve: NDArray[np.intp], *, second: bool = False
) -> Derivatives:
    linear, h = family.linear, family.curves
    return derivatives(
        family,
        log_x,
        curve,
        a=float(theta[0]),
        d=0.0 if family.through_zero else float(theta[1]),
        b=float(theta[linear]),
        gamma=theta[linear + 1 : linear + 1 + h],
        log_g=float(theta[-1]) if family.asymmetric else 0.0,
        second=second,
    )


def _half_hessian(fit: Fit, residual: Array, at: Derivatives) -> Array:
    """½ of the second derivatives of the weighted RSS: JᵀWJ − Σ w r f''."""
    if at.second is None:
        raise TypeError("the second derivatives were not asked for")
    weighted, size = at.gradient * fit.weights[:, None], at.gradient.shape[1]
    curvature = (fit.weights * residual) @ at.second.reshape(-1, size * size)
    return weighted.T @ at.gradient - curvature.reshape(size, size)


def _polish(fit: Fit, *, most: int) -> tuple[Fit, Array, bool]:
    """Newton's method with the full Hessian, as long as it goes downhill or stands still to rounding.

    The fit there, without its inverse, the Jacobian (n, p), and whether the last step moved neither the fitted
    responses nor any parameter.
    """
    settled = False
    family, log_x, curve, weights, theta = fit.family, fit.log_x, fit.curve, fit.weights, fit.theta
    with np.errstate(all="ignore"):
        at = _at(family, theta, log_x, curve, second=True)
        rss = float((weights * (fit.y - at.value) ** 2).sum())
        for _ in range(most):
            if at.second is None:
                at = _at(family, theta, log_x, curve, second=True)
            residual = fit.y - at.value
            hessian = _half_hessian(fit, residual, at)
            length = np.sqrt(np.abs(np.diag(hessian)))
            if not (np.isfinite(hessian).all() and (length > 0).all()):
                break
            gradient = (at.gradient * weights[:, None]).T @ residual
            try:
                factor = np.linalg.cholesky(hessian / np.outer(length, length))
            except np.linalg.LinAlgError:
                break
            step = np.linalg.solve(factor.T, np.linalg.solve(factor, gradient / length)) / length
            there = _at(family, theta + step, log_x, curve)
            new = float((weights * (fit.y - there.value) ** 2).sum())
            if not new <= rss * (1 + 1e-12):
                break
            theta, rss, at = theta + step, new, there
            if np.abs(step * length).max() <= NEWTON_DONE * sqrt(max(rss, 1e-300)):
                settled = bool((np.abs(step) <= STILL * (1 + np.abs(theta))).all())
                break
    return replace(fit, theta=theta, rss=rss), at.gradient, settled


def _with_inverse(fit: Fit, jacobian: Array) -> Fit:
    """(JᵀWJ)⁻¹ by QR of the Jacobian with columns of length 1."""
    jacobian = jacobian * np.sqrt(fit.weights)[:, None]
    length = np.sqrt((jacobian**2).sum(0))
    if not (np.isfinite(length).all() and (length > 0).all()):
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "a parameter has no influence on the fitted responses")
    triangle = np.linalg.qr(jacobian / length, mode="r")
    singular = np.linalg.svd(triangle, compute_uv=False)
    condition = float(singular[0] / singular[-1]) if singular[-1] > 0 else float("inf")
    if not condition < LARGEST_CONDITION:
        raise UnableToAnswer(
            Status.NOT_ESTIMABLE, f"the information matrix is singular (condition number {condition:.1e})"
        )
    root = np.linalg.inv(triangle) / length[:, None]  # (JᵀWJ)⁻¹ = D⁻¹R⁻¹R⁻ᵀD⁻¹ with J = QRD
    return replace(fit, inverse=root @ root.T, condition=condition)


def dose_of_share(fit: Fit, share: float, curve: int = 0) -> float:
    """x with s(x) = `share`, 0 < share < 1: ln x = γ ± ln(s^(−1/g) − 1)/b, in the unit of the doses.

    `curve` is the index in a bundle. Raises OverflowError beyond the doubles. Source: `logistic`, solved for x.
    """
    z = float(np.log(np.expm1(-np.log(share) / exp(fit.log_g))))
    return exp(float(fit.gamma[curve]) + fit.family.sign * z / fit.b)


def inverse_of(fit: Fit, response: float, curve: int = 0) -> float:
    """The dose at which the curve takes `response`; raises no_solution at or beyond an asymptote.

    x = exp(γ)·(((a − d)/(y − d))^(1/g) − 1)^(±1/b), in the unit of the doses; `curve` is the index in a bundle.
    Source: `logistic`, solved for x.
    """
    share = (response - fit.d) / (fit.a - fit.d)
    if not 0 < share < 1:
        upper = (share >= 1) == (fit.a > fit.d)
        raise UnableToAnswer(
            Status.NO_SOLUTION, f"the response is at or beyond the {'upper' if upper else 'lower'} asymptote"
        )
    try:
        dose = dose_of_share(fit, share, curve)
    except OverflowError:
        dose = float("inf")
    if not 0 < dose < float("inf"):
        raise UnableToAnswer(
            Status.NO_SOLUTION, "the response is too near an asymptote to have a finite dose"
        )
    return dose


def effective_dose(fit: Fit, percent: float) -> float:
    """The dose at which the curve has gone `percent`, between 0 and 100, of the way from dose 0 to infinite dose.

    In the unit of the doses. Raises OverflowError beyond the doubles. Source: Ritz & Streibig 2005.
    """
    way = percent / 100
    return dose_of_share(fit, way if fit.family.rises else 1 - way)
