"""Why a number does not exist: the fixed words with which a calculation refuses."""

from dataclasses import dataclass
from enum import StrEnum

from assays.kernel.missing import Missing


class Status(StrEnum):
    """The words of the record; the sentence beside them is for people."""

    NO_SOLUTION = "no_solution"  # no real root of the inverse
    NOT_REACHED = "not_reached"  # a survival quantile or a target is never crossed
    LIMITS_DO_NOT_EXIST = "limits_do_not_exist"  # unbounded limits of a ratio
    TOO_FEW_VALUES = "too_few_values"  # no degrees of freedom
    NOT_EVALUABLE = "not_evaluable"  # a share of nothing
    NOT_CONVERGED = "not_converged"  # no start led to a minimum
    NOT_ESTIMABLE = "not_estimable"  # singular information, or no finite estimate
    BAD_INPUT = "bad_input"  # numbers the calculation cannot use
    UNSUPPORTED = "unsupported"  # a calculation or setting that is not known


@dataclass(frozen=True, slots=True)
class Unanswered(Missing):
    """One value that does not exist, while others of the same calculation may."""

    status: Status


class UnableToAnswer(ValueError):
    """The calculation as a whole gives nothing."""

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    @property
    def answer(self) -> Unanswered:
        return Unanswered(self.reason, self.status)
