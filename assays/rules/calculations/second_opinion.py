"""What a second, independent solver says to every number of the first; a disagreement makes the run invalid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import scipy

from assays.kernel.fourpl import Curve
from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.kernel.plain import to_plain
from assays.kernel.second_solver import NAME, SecondCurve, fit_again

# Two right solvers come within 5e-7 of each other, close to an asymptote; a reported digit is 1e-3 of its number.
TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One number by both solvers; `difference` is relative to the first, of an asymptote to the curve's height."""

    name: str
    unit: str
    first: float
    second: float | Missing
    difference: float | Missing

    @property
    def agrees(self) -> bool:
        return not isinstance(self.difference, Missing) and self.difference <= TOLERANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion:
    """`problem` says why there is nothing to compare."""

    compared: tuple[Compared, ...] = ()
    problem: str = ""
    solver: str = NAME
    version: str = f"SciPy {scipy.__version__}"

    @property
    def agrees(self) -> bool:
        return not self.problem and all(one.agrees for one in self.compared)

    @property
    def criterion(self) -> Criterion:
        """In words, since the last bits of another program's numbers are not this record's."""
        apart = [one.name for one in self.compared if not one.agrees]
        return Criterion(
            name="Second solver",
            value="agrees" if self.agrees else self.problem or f"differs in {', '.join(apart)}",
            unit="",
            limit=f"every parameter and concentration within {TOLERANCE:.0e} of the first",
            passed=self.agrees,
        )

    @property
    def kept(self) -> dict[str, Any]:
        return {
            "solver": self.solver,
            "version": self.version,
            "tolerance": TOLERANCE,
            "agrees": self.agrees,
            "problem": self.problem,
            "compared": [to_plain(one) | {"agrees": one.agrees} for one in self.compared],
        }


def compare(
    name: str, first: float, second: float | Missing, *, unit: str = "", of: float | None = None
) -> Compared:
    """`of`: what the difference is relative to, if not to the number itself."""
    if isinstance(second, Missing):
        return Compared(name=name, unit=unit, first=first, second=second, difference=second)
    scale = abs(first if of is None else of)
    difference = abs(second - first) / scale if scale else abs(second - first)
    return Compared(name=name, unit=unit, first=first, second=second, difference=difference)


def solve_again(
    curve: Curve, doses: Sequence[float], responses: Sequence[float]
) -> tuple[SecondCurve | Missing, tuple[Compared, ...]]:
    """The second curve through the same wells with the same weights, and its parameters beside the first ones."""
    levels: dict[float, list[float]] = {}
    for dose, response in zip(doses, responses, strict=True):
        levels.setdefault(dose, []).append(response)
    weights = [curve.weight_of(sum(levels[dose]) / len(levels[dose])) for dose in doses]
    second = fit_again(doses, responses, weights)
    if isinstance(second, Missing):
        return second, ()
    height = curve.d - curve.a
    return second, tuple(
        compare(name, getattr(curve, name), value, of=height if name in "ad" else None)
        for name, value in second.parameters.items()
    )
