"""Killing of target cells: specific lysis and lytic units."""

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log

from assays.kernel.status import Status, UnableToAnswer, Unanswered


def specific_lysis_percent(*, experimental: float, spontaneous: float, maximum: float) -> float | Unanswered:
    """100·(experimental − spontaneous)/(maximum − spontaneous), means of replicates in signal units.

    not_evaluable if maximum and spontaneous release are the same. Source: Brunner et al. 1968.
    """
    if maximum == spontaneous:
        return Unanswered("Maximum and spontaneous release are the same.", Status.NOT_EVALUABLE)
    return 100 * (experimental - spontaneous) / (maximum - spontaneous)


def et_ratio_at(percent: float, ratios: Sequence[float], lysis: Sequence[float]) -> float | Unanswered:
    """The E:T ratio that lyses `percent`, linear in ln(E:T) between the neighbouring ratios that bracket it:
    the first such pair from the highest ratio down. `lysis` in percent at each of `ratios` (ratios,); equal
    ratios count with their mean. not_reached where no pair brackets it; UnableToAnswer: bad_input for a ratio that
    is not above zero. Source: Bryant et al. 1992 for reading lysis on the logarithm.
    """
    if not all(ratio > 0 for ratio in ratios):
        raise UnableToAnswer(Status.BAD_INPUT, "Every E:T ratio must be above zero.")
    at: dict[float, list[float]] = {}
    for ratio, value in zip(ratios, lysis, strict=True):
        at.setdefault(ratio, []).append(value)
    means = [(ratio, sum(values) / len(values)) for ratio, values in sorted(at.items(), reverse=True)]
    for (high, above), (low, below) in pairwise(means):
        if not min(above, below) <= percent <= max(above, below):
            continue
        if above == below:
            return high
        way = (above - percent) / (above - below)
        return exp(log(high) + way * (log(low) - log(high)))
    return Unanswered(f"No two neighbouring ratios bracket {percent:g} % lysis.", Status.NOT_REACHED)


def lytic_units(*, et_ratio: float, effectors: float, targets: float) -> float:
    """Lytic units in `effectors` cells: effectors/(E:T × targets), `targets` cells per well.

    One unit is the number of effectors that lyses the stated percent of the targets of a well. UnableToAnswer:
    bad_input for targets or a ratio that are not above zero. Source: Cerottini & Brunner 1974.
    """
    if targets <= 0 or et_ratio <= 0:
        raise UnableToAnswer(Status.BAD_INPUT, "Targets and E:T ratio must be above zero.")
    return effectors / (et_ratio * targets)
