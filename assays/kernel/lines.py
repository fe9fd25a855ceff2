"""Straight lines: weighted least squares, detection limits of a calibration line, and nested linear models."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from assays.kernel.logistic import Array
from assays.kernel.quantiles import f_tail, require_freedom, t_quantile
from assays.kernel.status import Status, UnableToAnswer, Unanswered

RANK = 1e-9  # share of its length that a column must keep beside the columns before it


@dataclass(frozen=True, slots=True)
class Line:
    """y = intercept + slope·x; `inverse` is (XᵀWX)⁻¹ of (intercept, slope), `centred_inverse` that of the value
    at `centre`, the weighted mean of x, and the slope."""

    intercept: float
    slope: float
    rss: float
    n: int
    centre: float
    sum_weights: float
    sxx: float

    @property
    def df(self) -> int:
        return self.n - 2

    @property
    def variance(self) -> float:
        require_freedom(self.df)
        return self.rss / self.df

    @property
    def inverse(self) -> Array:
        cross = -self.centre / self.sxx
        return np.array([[1 / self.sum_weights + self.centre**2 / self.sxx, cross], [cross, 1 / self.sxx]])

    @property
    def centred_inverse(self) -> Array:
        return np.diag([1 / self.sum_weights, 1 / self.sxx])


def fit_line(x: Array, y: Array, weights: Array | None = None) -> Line:
    """Weighted least squares: slope Σw(x − x̄)(y − ȳ)/Σw(x − x̄)², intercept ȳ − slope·x̄; arrays (n,), any units.

    Raises too_few_values for fewer than two points and not_estimable where all x are the same. Source: Draper & Smith,
    section 1.2.
    """
    w = np.ones(len(x)) if weights is None else weights
    if len(x) < 2:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, f"{len(x)} points do not determine a line")
    total = float(w.sum())
    mx, my = float((w * x).sum()) / total, float((w * y).sum()) / total
    dx, dy = x - mx, y - my
    sxx = float((w * dx * dx).sum())
    if not sxx > 0:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "all x are the same: there is no slope")
    slope = float((w * dx * dy).sum()) / sxx
    return Line(my - slope * mx, slope, float((w * (dy - slope * dx) ** 2).sum()), len(x), mx, total, sxx)


@dataclass(frozen=True, slots=True)
class LineLimits:
    """In units of x."""

    critical_value: float
    detection_limit: float
    quantitation_limit: float | Unanswered


def line_limits(line: Line, *, alpha: float, m: int, k: float, confidence: float) -> LineLimits:
    """Critical value, detection and quantitation limit of an unweighted calibration line, in units of x.

    With u(x) = (s/b)√(1/m + 1/n + (x − x̄)²/Sxx): the critical value is t(1 − alpha, n − 2)·u(0), one-sided, the
    detection limit twice that, the quantitation limit the x with x = k·t·u(x), t two-sided at `confidence`.
    The last is unanswered, limits_do_not_exist, where no such x exists. Raises limits_do_not_exist for a flat line,
    too_few_values without degrees of freedom. Source: DIN 32645; ISO 11843-2.
    """
    s, b, n = sqrt(line.variance), abs(line.slope), line.n
    if b == 0:
        raise UnableToAnswer(Status.LIMITS_DO_NOT_EXIST, "the line is flat")
    critical = float(stdtrit(line.df, 1 - alpha)) * (s / b) * sqrt(1 / m + 1 / n + line.centre**2 / line.sxx)
    # x² = q²(1/m + 1/n + (x − x̄)²/Sxx): a quadratic in x.
    q = k * t_quantile(confidence, line.df) * s / b
    square = 1 - q * q / line.sxx
    half = q * q * line.centre / line.sxx
    constant = q * q * (1 / m + 1 / n + line.centre**2 / line.sxx)
    discriminant = half * half + square * constant
    exists = square > 0 and discriminant >= 0
    return LineLimits(
        critical,
        2 * critical,
        (-half + sqrt(discriminant)) / square
        if exists
        else Unanswered("the line is too uncertain for a quantitation limit", Status.LIMITS_DO_NOT_EXIST),
    )


@dataclass(frozen=True, slots=True)
class Term:
    """A line of an analysis of variance."""

    ss: float
    df: int

    @property
    def ms(self) -> float:
        require_freedom(self.df)
        return self.ss / self.df

    def against(self, error: "Term") -> tuple[float, float]:
        """F = ms/ms of `error`, and its tail probability.

        Raises too_few_values without degrees of freedom of either, not_evaluable for an error of zero.
        Source: Ph. Eur. 5.3, section 3.2.3.
        """
        if error.ms == 0:
            raise UnableToAnswer(Status.NOT_EVALUABLE, "There is no residual variance to test against.")
        f = self.ms / error.ms
        return f, f_tail(f, self.df, error.df)


def nested_terms(y: Array, blocks: Sequence[Array]) -> tuple[list[Term], Term]:
    """Sums of squares and degrees of freedom that each block of columns (n, k) adds to those before it, and the
    residual. Collinear columns add nothing, so missing wells and unbalanced data need no special case. Sequential
    (type I) sums of squares, in squared units of y (n,). Raises nothing. Source: Draper & Smith, chapter 6."""
    basis = np.empty((len(y), 0))
    terms = []
    rest = y.astype(float)
    for block in blocks:
        columns = block - basis @ (basis.T @ block)
        columns -= basis @ (basis.T @ columns)
        new: list[Array] = []
        for column, original in zip(columns.T, block.T, strict=True):
            left = column
            for _ in range(2):
                for unit in new:
                    left = left - unit * (unit @ left)
            length = float(np.linalg.norm(left))
            if length > RANK * float(np.linalg.norm(original)):
                new.append(left / length)
        added = np.array(new).T if new else np.empty((len(y), 0))
        part = added.T @ rest
        terms.append(Term(float(part @ part), len(new)))
        rest = rest - added @ part
        basis = np.hstack([basis, added])
    return terms, Term(float(rest @ rest), len(y) - basis.shape[1])


@dataclass(frozen=True, slots=True)
class LinearFit:
    """Coefficients (p,), XᵀX⁺ (p, p), rss and rank of a linear model that may have redundant columns."""

    coefficients: Array
    inverse: Array
    rss: float
    rank: int
    projector: Array

    def estimate(self, contrast: Array) -> float:
        """cᵀβ; raises not_estimable for a contrast that the design does not determine."""
        if np.abs(self.projector @ contrast - contrast).max() > 1e-8 * np.abs(contrast).max():
            raise UnableToAnswer(Status.NOT_ESTIMABLE, "the design does not determine this contrast")
        return float(contrast @ self.coefficients)

    def covariance(self, first: Array, second: Array) -> float:
        """cᵀ(XᵀX)⁺d, to be multiplied by s²."""
        return float(first @ self.inverse @ second)


def fit_linear(design: Array, y: Array) -> LinearFit:
    """Least squares of y (n,) on the columns of `design` (n, p), of any rank: β = X⁺y.

    Contrasts that the design determines do not depend on how it is written. Raises nothing. Source: Searle 1971.
    """
    length = np.sqrt((design**2).sum(0))
    length[length == 0] = 1.0
    u, singular, vt = np.linalg.svd(design / length, full_matrices=False)
    kept = singular > singular[0] * RANK
    u, singular, vt = u[:, kept], singular[kept], vt[kept]
    pseudo = (vt.T / singular) / length[:, None]
    coefficients = pseudo @ (u.T @ y)
    residual = y - design @ coefficients
    projector = pseudo @ (u.T @ design)
    return LinearFit(
        coefficients, pseudo @ pseudo.T, float(residual @ residual), int(kept.sum()), projector.T
    )
