"""The arithmetic of a batch, exact in Decimal. A definition names one of CALCULATIONS and its inputs.

An input that could not be computed makes what depends on it missing too; it never becomes a number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that cannot be computed, and why."""

    reason: str


def product(first: Decimal, second: Decimal) -> Decimal:
    """Cells = cells/mL × mL."""
    return first * second


def ratio(final: Decimal, initial: Decimal) -> Decimal | Missing:
    """Fold expansion: final ÷ initial viable cells."""
    return final / initial if initial else Missing("nothing to compare with: there were no cells before")


def percent(part: Decimal, whole: Decimal) -> Decimal | Missing:
    """Recovery: 100 × after ÷ before."""
    return 100 * part / whole if whole else Missing("nothing to compare with: there were no cells before")


def total(*values: Decimal) -> Decimal:
    """The sum over all containers."""
    return sum(values, Decimal(0))


def share(whole: Decimal, count: Decimal) -> Decimal | Missing:
    """Equal parts: cells per flask."""
    return whole / count if count else Missing("no container was filled")


def at_most(value: Decimal, *, cap: Decimal) -> Decimal:
    """Day-11 seeding: all cells up to the cap."""
    return min(value, cap)


def above(value: Decimal, *, cap: Decimal) -> Decimal:
    """Day-11 seeding: what is left over and banked."""
    return max(value - cap, Decimal(0))


def flasks(cells: Decimal, *, cells_per_flask: Decimal, most: Decimal) -> Decimal:
    """Day-16 split: as many flasks as can each hold `cells_per_flask`, at least 1, at most `most`."""
    return max(Decimal(1), min(most, cells // cells_per_flask))


def same(value: Decimal) -> Decimal:
    """A number the program knows by itself, such as how many containers were filled."""
    return value


CALCULATIONS: dict[str, Callable[..., Decimal | Missing]] = {
    function.__name__: function
    for function in (product, ratio, percent, total, share, at_most, above, flasks, same)
}
