"""A limit drawn as a strip with the value on it: where it lies says more than its digits."""

from dataclasses import dataclass
from decimal import Decimal
from math import log10

from .rules import Criterion, CriterionOutcome, Kind

WIDTH = 120
EDGE = 3  # a value further out stands at the edge
DECADE = 34  # pixels for a factor of ten
LOWER_AT, UPPER_AT = 40, 80


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitDrawing:
    """Pixels from the left: the part within the limits, the limits themselves, the value."""

    inside_from: int
    inside_to: int
    limits: tuple[int, ...]
    value: int | None
    width: int = WIDTH

    @property
    def inside_width(self) -> int:
        return self.inside_to - self.inside_from


def draw_limit(criterion: Criterion, outcome: CriterionOutcome) -> LimitDrawing | None:
    """None for a criterion that is a finding and no number."""
    if criterion.kind is Kind.TEXT:
        return None
    scale = _percent if criterion.unit == "%" else _logarithmic(criterion)
    low = None if criterion.low is None else scale(criterion.low)
    high = None if criterion.high is None else scale(criterion.high)
    number = outcome.compared.rpartition(" ")[2]
    return LimitDrawing(
        inside_from=0 if low is None else low,
        inside_to=WIDTH if high is None else high,
        limits=tuple(place for place in (low, high) if place is not None),
        value=_kept_inside(scale(Decimal(number))) if number else None,
    )


def _percent(value: Decimal) -> int:
    return round(float(value) * WIDTH / 100)


def _logarithmic(criterion: Criterion):
    """A factor of ten is as wide everywhere; between two limits the strip is stretched to fit."""
    low, high = criterion.low, criterion.high
    reference, at = (high, UPPER_AT) if low is None else (low, LOWER_AT)
    if reference is None:
        raise ValueError(f"{criterion.code} has no limit to draw.")
    decade = float(DECADE)
    if low is not None and high is not None:
        decade = (UPPER_AT - LOWER_AT) / max(log10(high / low), 0.01)

    def place(value: Decimal) -> int:
        return round(at + decade * log10(value / reference)) if value > 0 else 0

    return place


def _kept_inside(place: int) -> int:
    return min(max(place, EDGE), WIDTH - EDGE)
