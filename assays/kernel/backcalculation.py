"""From a response back to a concentration, with its uncertainty; inside the range only."""

from dataclasses import dataclass
from enum import StrEnum

from assays.kernel.fourpl import Curve
from assays.kernel.missing import Missing


class RangeStatus(StrEnum):
    IN_RANGE = "in range"
    BELOW = "<LLOQ"
    ABOVE = ">ULOQ"
    NO_SOLUTION = "no solution"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackCalculation:
    """One response read from the curve, before dilution; a number exists only inside the range.

    `below`/`above` tell on which side of the range a response lies, also where no solution exists.
    """

    status: RangeStatus
    concentration: float | Missing
    standard_error: float | Missing  # delta method, curve and reading
    lower: float | Missing  # inversion interval
    upper: float | Missing
    below: bool
    above: bool


def backcalculate(
    curve: Curve, response: float, *, lloq: float, uloq: float, readings: int = 1, confidence: float = 0.95
) -> BackCalculation:
    raise NotImplementedError
