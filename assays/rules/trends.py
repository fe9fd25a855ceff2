"""Is a result one that the patients before it predict? Out of trend is no failure, but a person looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, log

from assays.kernel.trend import predict_level

NEEDED = 20  # earlier results of other orders
LOOKED_AT = 100  # of them at most, the newest
CONFIDENCE = 0.9973  # one in 370 of results that are in trend is called out of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Where the next value is expected, from how many; a concentration or count by the logarithms of its values."""

    middle: float
    lower: float
    upper: float
    count: int
    is_logarithmic: bool

    def holds(self, value: Decimal) -> bool:
        return self.lower <= float(value) <= self.upper


def expected_of(history: Sequence[Decimal], *, unit: str) -> Expected | None:
    """x̄ ± t(n − 1)·s·√(1 + 1/n) of the history, of its logarithms where these exist and it is no percentage; None
    from fewer than NEEDED values."""
    if len(history) < NEEDED:
        return None
    logarithmic = unit != "%" and min(history) > 0
    values = [log(value) if logarithmic else float(value) for value in history]
    found = predict_level(values, confidence=CONFIDENCE)
    back = exp if logarithmic else float
    return Expected(
        middle=back(found.expected),
        lower=back(found.lower),
        upper=back(found.upper),
        count=len(history),
        is_logarithmic=logarithmic,
    )
