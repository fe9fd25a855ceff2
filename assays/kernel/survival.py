"""Survival: the Kaplan-Meier estimate, its pointwise bands, and the quantile with its interval."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, inf, log, nan, sqrt

from scipy.special import ndtri

from assays.kernel.status import Status, UnableToAnswer, Unanswered

SAME = 1e-8  # of a survival probability, which is a product of many fractions


class Band(StrEnum):
    """The scale on which the pointwise limits of S are symmetric; z the normal quantile, G Greenwood's sum."""

    PLAIN = "plain"  # S ± z·S·√G
    LOG = "log"  # S·exp(± z·√G)
    LOG_LOG = "log-log"  # S^exp(± z·√G/ln S)


class FlatRule(StrEnum):
    """Which time it is if the curve lies exactly on the quantile until the next event."""

    MIDPOINT = "midpoint"  # the mean of the two event times
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Survival:
    """Product-limit estimate at each event time (events,): `greenwood` is Σ d/(n(n − d)), ∞ where S is 0."""

    times: tuple[float, ...]
    share: tuple[float, ...]
    greenwood: tuple[float, ...]
    n: int
    events: int


@dataclass(frozen=True, slots=True)
class Quantile:
    """The time by which 1 − q have had the event, with the times at which the bands cross q."""

    estimate: float | Unanswered
    lower: float | Unanswered
    upper: float | Unanswered


def estimate_survival(times: Sequence[float], events: Sequence[bool]) -> Survival:
    """S(t) = Π (1 − d/n) over the event times; a censoring at the time of an event counts as at risk there.

    `times` ≥ 0 and `events` (subjects,), in any order and unit. Raises bad_input for another time. Source: Kaplan &
    Meier 1958; Greenwood 1926.
    """
    if len(times) != len(events) or not all(0 <= time < inf for time in times):
        raise UnableToAnswer(Status.BAD_INPUT, "Each subject needs a time of 0 or more.")
    at, share, greenwood = [], [], []
    s, g = 1.0, 0.0
    ordered = sorted(times)
    deaths = Counter(time for time, event in zip(times, events, strict=True) if event)
    for time, died in sorted(deaths.items()):
        at_risk = len(ordered) - bisect_left(ordered, time)
        s *= (at_risk - died) / at_risk
        g += died / (at_risk * (at_risk - died)) if at_risk > died else inf
        at.append(time)
        share.append(s)
        greenwood.append(g)
    return Survival(tuple(at), tuple(share), tuple(greenwood), len(times), deaths.total())


def survival_quantile(
    survival: Survival, *, q: float, band: Band, confidence: float, flat: FlatRule
) -> Quantile:
    """First event time with S ≤ q, and first times at which the lower and the upper band are ≤ q.

    The bands are cut to [0, 1] and do not exist where S = 0. What is never crossed is Unanswered,
    not_reached. Source: Brookmeyer & Crowley 1982; the flat rule is that of R's survfit.
    """
    z = float(ndtri((1 + confidence) / 2))
    limits = [_band(s, g, z, band) for s, g in zip(survival.share, survival.greenwood, strict=True)]
    first = _first_reaching(survival.times, q, flat)
    return Quantile(
        first(survival.share, "survival"),
        first([lower for lower, _ in limits], "the lower band"),
        first([upper for _, upper in limits], "the upper band"),
    )


def _band(s: float, g: float, z: float, band: Band) -> tuple[float, float]:
    """Pointwise limits; nan where they do not exist."""
    if s == 0:
        return nan, nan
    match band:
        case Band.PLAIN:
            lower, upper = s - z * s * sqrt(g), s + z * s * sqrt(g)
        case Band.LOG:
            lower, upper = s * exp(-z * sqrt(g)), s * exp(z * sqrt(g))
        case Band.LOG_LOG:
            half = z * sqrt(g) / log(s)
            lower, upper = s ** exp(-half), s ** exp(half)
    return max(0.0, lower), min(1.0, upper)


def _first_reaching(
    times: Sequence[float], q: float, flat: FlatRule
) -> Callable[[Sequence[float], str], float | Unanswered]:
    def first(curve: Sequence[float], name: str) -> float | Unanswered:
        for i, value in enumerate(curve):
            if not value <= q + SAME:  # nan reaches nothing
                continue
            lies_on_q = value >= q - SAME
            if flat is FlatRule.MIDPOINT and lies_on_q and i + 1 < len(times):
                return (times[i] + times[i + 1]) / 2
            return times[i]
        return Unanswered(f"{name[0].upper()}{name[1:]} stays above {q:g}.", Status.NOT_REACHED)

    return first
