"""Rules that a series of control values breaks. Distances are compared exactly, in Decimal: a value on a
limit does not fire. Rules overlap, and each is reported for itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from assays.kernel.status import Status, UnableToAnswer


class Westgard(StrEnum):
    """Westgard's rules; z = (value − mean)/SD of a level. Source: Westgard et al. 1981."""

    R_1_2S = "1_2s"  # a level beyond 2 SD: a warning
    R_1_3S = "1_3s"  # a level beyond 3 SD
    R_2_2S_WITHIN = "2_2s_within"  # the last two of one level beyond 2 SD on one side
    R_2_2S_ACROSS = "2_2s_across"  # two levels of one run beyond 2 SD on one side
    R_4S = "R_4s"  # in one run, a level above +2 SD and another below −2 SD
    R_4_1S_WITHIN = "4_1s_within"  # the last four of one level beyond 1 SD on one side
    R_10_X_WITHIN = "10_x_within"  # the last ten of one level on one side of the mean


_BEYOND = {Westgard.R_1_2S: 2, Westgard.R_1_3S: 3}
_RUNS_OF = {Westgard.R_2_2S_WITHIN: (2, 2), Westgard.R_4_1S_WITHIN: (4, 1), Westgard.R_10_X_WITHIN: (10, 0)}


@dataclass(frozen=True, slots=True)
class Target:
    """Assigned mean and SD of a control, in the unit of its values."""

    mean: Decimal
    sd: Decimal

    def __post_init__(self) -> None:
        if self.sd <= 0:
            raise UnableToAnswer(Status.BAD_INPUT, f"The SD {self.sd} is not above zero.")

    def z(self, value: Decimal) -> Fraction:
        """(value − mean)/SD, exact."""
        return (Fraction(value) - Fraction(self.mean)) / Fraction(self.sd)


def westgard(
    runs: Sequence[Mapping[str, Decimal]], targets: Mapping[str, Target], rule: Westgard
) -> list[int]:
    """Indices (from 0) of the runs at which `rule` fires, ascending.

    Each run holds its values by level; a level may be missing in a run, and its last values are then those
    of earlier runs. UnableToAnswer: bad_input for a level without target. Source: Westgard et al. 1981.
    """
    for run in runs:
        for level in run:
            if level not in targets:
                raise UnableToAnswer(Status.BAD_INPUT, f"The control {level} has no mean and SD.")
    scores = [{level: targets[level].z(value) for level, value in run.items()} for run in runs]
    if rule in _BEYOND:
        limit = _BEYOND[rule]
        return [i for i, run in enumerate(scores) if any(abs(z) > limit for z in run.values())]
    if rule is Westgard.R_4S:
        return [i for i, run in enumerate(scores) if run and max(run.values()) > 2 and min(run.values()) < -2]
    if rule is Westgard.R_2_2S_ACROSS:
        return [i for i, run in enumerate(scores) if _two_beyond(run.values())]
    length, limit = _RUNS_OF[rule]
    fired = {
        i
        for level in targets
        for i in _ends_of_runs(
            [(i, run[level]) for i, run in enumerate(scores) if level in run], length, limit
        )
    }
    return sorted(fired)


def _two_beyond(scores) -> bool:
    above, below = sum(z > 2 for z in scores), sum(z < -2 for z in scores)
    return max(above, below) >= 2


def _ends_of_runs(scores: list[tuple[int, Fraction]], length: int, limit: int) -> Iterator[int]:
    """Where `length` values in a row are beyond `limit` on one side."""
    for end in range(length, len(scores) + 1):
        last = [z for _, z in scores[end - length : end]]
        if min(last) > limit or max(last) < -limit:
            yield scores[end - 1][0]


def nelson(values: Sequence[Decimal], target: Target, rule: int) -> list[int]:
    """Indices (from 0) of the values that complete a pattern of Nelson's `rule`, every completing one.

    All inequalities are strict; z = (value − mean)/SD:
    1 |z| > 3 · 2 nine on one side · 3 six steadily rising or falling · 4 fourteen alternating ·
    5 two of three beyond 2 on one side, the last among them · 6 four of five beyond 1 likewise ·
    7 fifteen within ±1 · 8 eight beyond ±1, both sides present. `values` (n,) in the unit of the target. Raises
    unsupported for another rule. Source: Nelson 1984.
    """
    if rule not in _NELSON:
        raise UnableToAnswer(Status.UNSUPPORTED, f"Nelson has no rule {rule}.")
    length, shows = _NELSON[rule]
    scores = [target.z(value) for value in values]
    return [end - 1 for end in range(length, len(scores) + 1) if shows(scores[end - length : end])]


def _one_side(last: Sequence[Fraction]) -> bool:
    return min(last) > 0 or max(last) < 0


def _steady(last: Sequence[Fraction]) -> bool:
    return all(a < b for a, b in pairwise(last)) or all(a > b for a, b in pairwise(last))


def _alternating(last: Sequence[Fraction]) -> bool:
    steps = [b - a for a, b in pairwise(last)]
    return all(a * b < 0 for a, b in pairwise(steps))


def _most_beyond(limit: int, least: int) -> Callable[[Sequence[Fraction]], bool]:
    def shows(last: Sequence[Fraction]) -> bool:
        side = 1 if last[-1] > 0 else -1
        return last[-1] * side > limit and sum(z * side > limit for z in last) >= least

    return shows


def _avoiding_the_centre(last: Sequence[Fraction]) -> bool:
    return all(abs(z) > 1 for z in last) and min(last) < 0 < max(last)


_NELSON: dict[int, tuple[int, Callable[[Sequence[Fraction]], bool]]] = {
    1: (1, lambda last: abs(last[0]) > 3),
    2: (9, _one_side),
    3: (6, _steady),
    4: (14, _alternating),
    5: (3, _most_beyond(2, 2)),
    6: (5, _most_beyond(1, 4)),
    7: (15, lambda last: all(abs(z) < 1 for z in last)),
    8: (8, _avoiding_the_centre),
}
