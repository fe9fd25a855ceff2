"""Out of trend: is the next value one that its own history predicts?"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from assays.kernel.status import Status, UnableToAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the history predicts for one new value, two-sided."""

    expected: float
    lower: float
    upper: float

    def is_out_of_trend(self, value: float) -> bool:
        """Outside the limits; on a limit is inside."""
        return not self.lower <= value <= self.upper


def predict_level(history: Sequence[float], *, confidence: float) -> Prediction:
    """x̄ ± t(n − 1)·s·√(1 + 1/n) from `history` (n,), n ≥ 2, for a characteristic that does not drift.

    UnableToAnswer: too_few_values. Source: Hahn & Meeker 1991.
    """
    if len(history) < 2:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "A prediction needs at least two earlier values.")
    n, values = len(history), np.asarray(history, dtype=float)
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * float(values.std(ddof=1)) * sqrt(1 + 1 / n)
    mean = float(values.mean())
    return Prediction(expected=mean, lower=mean - half, upper=mean + half)


def predict_on_line(
    times: Sequence[float], history: Sequence[float], *, at: float, confidence: float
) -> Prediction:
    """a + b·x₀ ± t(n − 2)·s·√(1 + 1/n + (x₀ − x̄)²/Sxx) from the least-squares line of `history` on `times`.

    Both (n,), n ≥ 3. UnableToAnswer: too_few_values, not_estimable if all times are equal. Source: ICH Q1E;
    Draper & Smith.
    """
    n = len(times)
    if n < 3:
        raise UnableToAnswer(
            Status.TOO_FEW_VALUES, "A prediction on a line needs at least three earlier values."
        )
    x, y = np.asarray(times, dtype=float), np.asarray(history, dtype=float)
    dx = x - x.mean()
    sxx = float(dx @ dx)
    if sxx == 0:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "All times are equal.")
    slope = float(dx @ y) / sxx
    residual = y - y.mean() - slope * dx
    s = sqrt(float(residual @ residual) / (n - 2))
    away = at - float(x.mean())
    expected = float(y.mean()) + slope * away
    half = float(stdtrit(n - 2, (1 + confidence) / 2)) * s * sqrt(1 + 1 / n + away**2 / sxx)
    return Prediction(expected=expected, lower=expected - half, upper=expected + half)
