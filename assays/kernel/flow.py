"""Counts of a flow cytometer: percentages of a gate and the precision of counting."""

from decimal import Decimal
from fractions import Fraction
from math import ceil, sqrt

from assays.kernel.rounding import as_decimal
from assays.kernel.status import Status, UnableToAnswer, Unanswered


def percent_of(events: int, parent: int) -> float | Unanswered:
    """100·events/parent, in percent; unanswered, not_evaluable, for a parent without events, never 0.

    Its exact limits are those of `proportions.clopper_pearson`. Source: CLSI H62.
    """
    if parent == 0:
        return Unanswered("The denominator has no events.", Status.NOT_EVALUABLE)
    return 100 * events / parent


def poisson_cv_percent(events: int) -> float | Unanswered:
    """100/√events: the %CV of counting alone; unanswered, not_evaluable, without events.

    Source: Allan & Keeney 2010; CLSI H62.
    """
    if events == 0:
        return Unanswered("No events were counted.", Status.NOT_EVALUABLE)
    return 100 / sqrt(events)


def events_needed(cv_percent: Decimal | float) -> int:
    """The smallest whole number of events with a Poisson CV of at most `cv_percent`: (100/CV)², 400 for 5 %. Exact.

    UnableToAnswer: bad_input for a CV that is not above zero. Source: as `poisson_cv_percent`.
    """
    if cv_percent <= 0:
        raise UnableToAnswer(Status.BAD_INPUT, f"The CV {cv_percent} is not above zero.")
    return max(1, ceil((100 / Fraction(as_decimal(cv_percent))) ** 2))
