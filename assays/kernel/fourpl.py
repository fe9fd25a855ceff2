"""The four-parameter logistic standard curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Weighting(StrEnum):
    """Weight of a response y; y is the mean of its level, with a floor so that a blank is not infinite."""

    NONE = "none"
    ONE_OVER_Y = "1/y"
    ONE_OVER_Y2 = "1/y²"


class FitStatus(StrEnum):
    """Why there is no curve."""

    TOO_FEW_LEVELS = "too few levels"
    FLAT = "flat"
    NON_MONOTONE = "non-monotone"
    NOT_CONVERGED = "not converged"
    NOT_ESTIMABLE = "not estimable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No curve. `reason` is the fixed sentence of the record; `detail` the numbers behind it."""

    status: FitStatus
    reason: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """y = d + (a − d) / (1 + (x/c)^b) with b > 0: a is the response at dose 0, d at infinite dose."""

    a: float
    b: float
    c: float
    d: float
    covariance: tuple[tuple[float, ...], ...]  # of (a, d, b, ln c), Gauss-Newton
    rss: float  # weighted
    residual_sd: float
    degrees_of_freedom: int
    points: int
    levels: int
    weighting: Weighting
    iterations: int
    condition: float
    warnings: tuple[str, ...]

    def response_at(self, dose: float) -> float:
        raise NotImplementedError


def fit_curve(doses: Sequence[float], responses: Sequence[float], *, weighting: Weighting) -> Curve | Refused:
    raise NotImplementedError
