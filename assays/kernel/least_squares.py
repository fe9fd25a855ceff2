"""Nonlinear least squares of a model expression, from given starts to the last digits.

Marquardt's damping with Moré's scaling, each step by QR of the damped Jacobian, so that the squared condition
number never enters; then undamped Gauss-Newton until no step moves a parameter. Each start is searched twice: over
all parameters, and with those in which the expression is linear solved for at every step (variable projection), which
leads out of valleys that the first search does not leave. Sources: Marquardt 1963; Moré 1978; Golub & Pereyra 1973;
Kaufman 1975; certified results: NIST StRD.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assays.kernel.expressions import Expression
from assays.kernel.logistic import Array
from assays.kernel.status import Status, UnableToAnswer

MOST_STEPS = 3000
MOST_DAMPING = 1e20
SMALL = 1e-9  # relative step at which damping ends
STILL = 1e-14
POLISH_STEPS = 60
CONVERGED = 1e-7  # what the last relative step may have been
# Share of the responses below which a parameter counts as that much: zero has no relative step.
NEGLIGIBLE = 1e-6
EXACT = 1e-24  # share of Σwy² below which the residual is rounding
LARGEST_CONDITION = 1e12
SAME = 1e-9  # share by which another minimum must be lower to be taken: a mirror image has the same


@dataclass(frozen=True, slots=True)
class ExpressionFit:
    """Estimates θ (p,), weighted rss and (JᵀWJ)⁻¹ (p, p)."""

    expression: Expression
    theta: Array
    rss: float
    n: int
    inverse: Array
    condition: float
    steps: int

    @property
    def df(self) -> int:
        return self.n - len(self.theta)

    @property
    def variance(self) -> float:
        if self.df <= 0:
            raise UnableToAnswer(Status.TOO_FEW_VALUES, "as many parameters as points: no residual variance")
        return self.rss / self.df


def fit_expression(
    expression: Expression, x: Array, y: Array, weights: Array, *, starts: Sequence[Sequence[float]]
) -> ExpressionFit:
    """The converged fit with the smallest Σ w(y − f)², from each of `starts` (p,); x, y, weights are (n,).

    Raises too_few_values for fewer points than parameters, bad_input for a start of another length,
    not_converged where no start leads to a minimum, not_estimable for a singular Jacobian there.
    """
    p = len(expression.parameters)
    if len(y) < p:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, f"{len(y)} points do not determine {p} parameters")
    if any(len(start) != p for start in starts):
        raise UnableToAnswer(Status.BAD_INPUT, f"each start needs {p} values")
    root = np.sqrt(weights)
    given = [np.array(start, dtype=float) for start in starts]
    searches: list[tuple[Array, list[int]]] = [(start, []) for start in given]
    searches += [(start, linear) for start in given if (linear := _linear_parameters(expression, x, start))]
    best: tuple[Array, float, int] | None = None
    for start, linear in searches:
        found = _minimise(expression, x, y, root, start, linear)
        if found is not None and (best is None or found[1] < best[1] * (1 - SAME)):
            best = found
    if best is None:
        raise UnableToAnswer(Status.NOT_CONVERGED, "no start value led to a minimum")
    theta, rss, steps = best
    jacobian = expression.evaluate(x, theta)[1] * root[:, None]
    length = np.sqrt((jacobian**2).sum(0))
    if not (np.isfinite(jacobian).all() and (length > 0).all()):
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "a parameter has no influence on the fitted responses")
    triangle = np.linalg.qr(jacobian / length, mode="r")
    singular = np.linalg.svd(triangle, compute_uv=False)
    if not singular[-1] * LARGEST_CONDITION > singular[0]:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "the information matrix is singular")
    half = np.linalg.inv(triangle) / length[:, None]
    return ExpressionFit(
        expression, theta, rss, len(y), half @ half.T, float(singular[0] / singular[-1]), steps
    )


def _linear_parameters(expression: Expression, x: Array, theta: Array) -> list[int]:
    """Indices of parameters in which f is linear, taken together: moving them leaves ∂f by each of them as it is."""
    jacobian = expression.evaluate(x, theta)[1]
    linear: list[int] = []
    for index in range(len(theta)):
        tried = [*linear, index]
        moved = theta.copy()
        moved[tried] = 1.7 * moved[tried] + 0.3
        there = expression.evaluate(x, moved)[1][:, tried]
        if np.isfinite(there).all() and np.allclose(there, jacobian[:, tried], rtol=1e-9, atol=0):
            linear = tried
    return linear


def _minimise(
    expression: Expression, x: Array, y: Array, root: Array, theta: Array, linear: list[int]
) -> tuple[Array, float, int] | None:
    """θ, rss and steps from one start, the parameters `linear` solved for at every step; None if it leads nowhere."""
    others = [index for index in range(len(theta)) if index not in linear]

    def solved(moving: Array) -> tuple[Array, Array, Array, float]:
        """θ with the best linear parameters, and residual, projected Jacobian and cost there."""
        at = theta.copy()
        at[others], at[linear] = moving, 0.0
        value, jacobian, _ = expression.evaluate(x, at)
        columns = jacobian[:, linear] * root[:, None]
        if not (np.isfinite(columns).all() and np.isfinite(value).all()):
            return at, value, jacobian, np.inf
        at[linear] = _solve(columns, root * (y - value), None)
        residual, jacobian, cost = evaluate(at)
        if not np.isfinite(jacobian).all():
            return at, residual, jacobian, np.inf
        basis = np.linalg.qr(columns / _lengths(columns))[0]
        rest = jacobian[:, others]
        return at, residual, rest - basis @ (basis.T @ rest), cost

    def evaluate(at: Array) -> tuple[Array, Array, float]:
        value, jacobian, _ = expression.evaluate(x, at)
        residual = root * (y - value)
        with np.errstate(over="ignore"):
            return residual, jacobian * root[:, None], float(residual @ residual)

    moving = theta[others]
    best, residual, jacobian, cost = solved(moving)
    if not np.isfinite(cost):
        return None
    size = float((root * y) @ (root * y))
    scale = np.sqrt((jacobian**2).sum(0))
    damping, growth, steps = 1e-3, 2.0, 0
    while steps < MOST_STEPS and others:
        steps += 1
        scale = np.maximum(scale, np.sqrt((jacobian**2).sum(0)))
        scale[scale == 0] = 1.0
        move = _solve(jacobian, residual, np.sqrt(damping) * scale)
        there, new_residual, new_jacobian, new_cost = solved(moving + move)
        predicted = cost - float(((residual - jacobian @ move) ** 2).sum())
        if np.isfinite(new_cost) and new_cost < cost:
            gain = (cost - new_cost) / predicted if predicted > 0 else 1.0
            damping *= max(0.1, 1 - (2 * min(gain, 2.0) - 1) ** 3)
            damping, growth = max(damping, 1e-20), 2.0
            moving, best, residual, jacobian, cost = (
                moving + move,
                there,
                new_residual,
                new_jacobian,
                new_cost,
            )
            if _relative(move, moving, jacobian, size) < SMALL:
                break
        else:
            damping, growth = damping * growth, growth * 2
            if damping > MOST_DAMPING or _relative(move, moving, jacobian, size) < STILL:
                break
    return _finish(evaluate, best, *evaluate(best), steps, size)


def _finish(
    evaluate: Callable[[Array], tuple[Array, Array, float]],
    theta: Array,
    residual: Array,
    jacobian: Array,
    cost: float,
    steps: int,
    size: float,
) -> tuple[Array, float, int] | None:
    """Gauss-Newton without damping, as long as its steps shrink; then judge the last one."""
    last = np.inf
    for _ in range(POLISH_STEPS):
        move = _solve(jacobian, residual, None)
        relative = _relative(move, theta, jacobian, size)
        if not np.isfinite(relative) or (relative >= last and relative < CONVERGED) or relative < STILL:
            break
        new_residual, new_jacobian, new_cost = evaluate(theta + move)
        if not (np.isfinite(new_jacobian).all() and new_cost <= cost * (1 + 1e-10)):
            break
        theta, residual, jacobian, cost, last = theta + move, new_residual, new_jacobian, new_cost, relative
        steps += 1
    if not (jacobian**2).sum(0).all():  # a plain where some parameter has no influence is no minimum
        return None
    last = _relative(_solve(jacobian, residual, None), theta, jacobian, size)
    return (theta, cost, steps) if last <= CONVERGED or cost <= EXACT * size else None


def _solve(jacobian: Array, residual: Array, ridge: Array | None) -> Array:
    """Least-squares step of the (damped) linearised problem, columns scaled to length 1."""
    length = _lengths(jacobian)
    matrix, right = jacobian / length, residual
    if ridge is not None:
        matrix = np.vstack([matrix, np.diag(ridge / length)])
        right = np.concatenate([residual, np.zeros(len(length))])
    return np.linalg.lstsq(matrix, right, rcond=1e-15)[0] / length


def _lengths(jacobian: Array) -> Array:
    """Of the columns; 1 for a column of zeros."""
    length = np.sqrt((jacobian**2).sum(0))
    length[length == 0] = 1.0
    return length


def _relative(move: Array, theta: Array, jacobian: Array, size: float) -> float:
    """Largest relative step. A parameter that moves the responses by less than a millionth of their size
    `size`^½ counts as one that moves them by that."""
    length = np.sqrt((jacobian**2).sum(0))
    floor = NEGLIGIBLE * np.sqrt(size) / np.maximum(length, 1e-300)
    return float((np.abs(move) / np.maximum(np.maximum(np.abs(theta), floor), 1e-300)).max())
