"""Limit of blank and limit of detection, lot by lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, sqrt

from assays.kernel.status import Status, UnableToAnswer, Unanswered


@dataclass(frozen=True, slots=True)
class LotDetection:
    """SD and LoD in the unit of the results; `lod` is as unanswered as the limit of blank it rests on."""

    sd_low: float
    c_p: float
    lod: float | Unanswered


def limit_of_blank(blanks: Sequence[float], *, percentile: float) -> float:
    """The blank of rank 0.5 + percentile·B among B sorted blanks, interpolated linearly between neighbours.

    Raises too_few_values where that rank lies beyond the blanks. Source: CLSI EP17, nonparametric option.
    """
    ordered, rank = sorted(blanks), 0.5 + percentile * len(blanks)
    if not ordered or not 1 <= rank <= len(ordered):
        raise UnableToAnswer(Status.TOO_FEW_VALUES, f"{len(ordered)} blanks have no rank {rank:g}")
    below = floor(rank)
    share = rank - below
    return ordered[below - 1] if share == 0 else ordered[below - 1] * (1 - share) + ordered[below] * share


def detection_of_lot(
    low: Mapping[str, Sequence[float]], *, lob: float | Unanswered, z: float
) -> LotDetection:
    """LoD = lob + c_p·SD, c_p = z/(1 − 1/(4(L − J))), SD pooled within the J low samples of L results.

    `low` holds the results of each sample of one lot. Raises too_few_values without replicates. Source: CLSI EP17.
    """
    results = sum(len(values) for values in low.values())
    freedom = results - len(low)
    if freedom < 1:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "low samples without replicates have no SD")
    squares = sum(_squares(values) for values in low.values())
    sd, c_p = sqrt(squares / freedom), z / (1 - 1 / (4 * freedom))
    return LotDetection(sd, c_p, lob if isinstance(lob, Unanswered) else lob + c_p * sd)


def _squares(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values)
