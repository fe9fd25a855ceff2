"""Confidence intervals of a proportion of counted events."""

from math import sqrt

from scipy.special import betaincinv, ndtri

from assays.kernel.status import Status, UnableToAnswer


def clopper_pearson(events: int, n: int, *, confidence: float) -> tuple[float, float]:
    """Exact limits of events/n, as proportions: beta quantiles with half of 1 − `confidence` in each tail.

        lower = B(α/2; x, n − x + 1)        upper = B(1 − α/2; x + 1, n − x)

    For x = 0 the lower limit is exactly 0, for x = n the upper exactly 1; the other keeps α/2.
    UnableToAnswer: not_evaluable for n = 0, bad_input unless 0 ≤ x ≤ n. Source: Clopper & Pearson 1934.
    """
    _check(events, n)
    tail = (1 - confidence) / 2
    lower = float(betaincinv(events, n - events + 1, tail)) if events else 0.0
    upper = float(betaincinv(events + 1, n - events, 1 - tail)) if events < n else 1.0
    return lower, upper


def wilson(events: int, n: int, *, confidence: float) -> tuple[float, float]:
    """Score limits of events/n without continuity correction, as proportions:

        (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)

    Errors as `clopper_pearson`. Source: Wilson 1927.
    """
    _check(events, n)
    z2 = float(ndtri((1 + confidence) / 2)) ** 2
    half = sqrt(z2) * sqrt(events * (n - events) / n + z2 / 4)
    lower = (events + z2 / 2 - half) / (n + z2) if events else 0.0
    upper = (events + z2 / 2 + half) / (n + z2) if events < n else 1.0
    return lower, upper


def _check(events: int, n: int) -> None:
    if n == 0 and events == 0:
        raise UnableToAnswer(Status.NOT_EVALUABLE, "There is no proportion of nothing.")
    if not 0 <= events <= n:
        raise UnableToAnswer(Status.BAD_INPUT, f"{events} events of {n} are impossible.")
