"""What a chart of a control says beside its points: spread, bias, the slow drift and the patterns of its readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assays.kernel.control_charts import capability, cp_limits, cpk_limits, ewma, ewma_limits
from assays.kernel.control_rules import Target, nelson

FEWEST, CONFIDENCE = 20, 0.95  # readings that a capability needs, and of its limits
WEIGHT, WIDTH = 0.2, 3.0  # of the moving average, and of its limits in SD of it
# Of Nelson's rules those that Westgard's do not look for.
PATTERNS = {
    3: "six in a row rising or falling",
    4: "fourteen in a row going up and down in turns",
    7: "fifteen in a row within 1 SD",
    8: "eight in a row beyond 1 SD, on both sides of the mean",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingAverage:
    """EWMA of every reading, begun at the assigned mean, and the limits it keeps within while nothing drifts."""

    means: tuple[float, ...]
    lower: float
    upper: float

    @property
    def is_within(self) -> bool:
        return self.lower <= self.means[-1] <= self.upper


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    rule: int
    at: int  # the last reading that completes it

    @property
    def in_words(self) -> str:
        return f"Nelson {self.rule}: {PATTERNS[self.rule]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """How the readings fit between what the method allows, by their overall SD; each index with its 95 % limits."""

    pp: float
    pp_limits: tuple[float, float]
    ppk: float
    ppk_limits: tuple[float, float]
    lower: Decimal
    upper: Decimal

    @property
    def in_words(self) -> str:
        """Ppk 1.21 (0.98 to 1.44), Pp 1.30 (1.05 to 1.54)."""
        indices = (("Ppk", self.ppk, self.ppk_limits), ("Pp", self.pp, self.pp_limits))
        return ", ".join(
            f"{name} {index:.2f} ({low:.2f} to {high:.2f})" for name, index, (low, high) in indices
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Of the readings shown; SD with n − 1. What needs an assigned value, two readings or a mean is None without."""

    count: int
    mean: Decimal | None
    sd: Decimal | None
    cv_percent: Decimal | None
    bias_percent: Decimal | None
    average: MovingAverage | None
    patterns: tuple[Pattern, ...]
    capability: Capability | None


def statistics(
    values: Sequence[Decimal], target: Target | None, allowed: tuple[Decimal, Decimal] | None = None
) -> Statistics:
    """CV = 100·SD/mean, bias = 100·(mean − assigned)/assigned. `values` in the order they were measured; `allowed`
    is the range that the method gives them."""
    count = len(values)
    mean = sum(values, Decimal(0)) / count if count else None
    sd = None
    if mean is not None and count > 1:
        sd = (sum(((value - mean) ** 2 for value in values), Decimal(0)) / (count - 1)).sqrt()
    return Statistics(
        count=count,
        mean=mean,
        sd=sd,
        cv_percent=100 * sd / abs(mean) if sd is not None and mean else None,
        bias_percent=_bias(mean, target.mean) if target and mean is not None else None,
        average=_average(values, target) if target and count else None,
        patterns=_patterns(values, target) if target else (),
        capability=_capability(count, mean, sd, allowed) if mean is not None and sd and allowed else None,
    )


def _capability(
    count: int, mean: Decimal, sd: Decimal, allowed: tuple[Decimal, Decimal]
) -> Capability | None:
    """None from fewer than FEWEST readings: an index of a handful says nothing."""
    lower, upper = allowed
    if count < FEWEST or lower >= upper:
        return None
    found = capability(
        center=float(mean),
        sd=float(sd),
        lower=float(lower),
        upper=float(upper),
        target=float(lower + upper) / 2,
    )
    return Capability(
        pp=found.cp,
        pp_limits=cp_limits(found.cp, df=count - 1, confidence=CONFIDENCE),
        ppk=found.cpk,
        ppk_limits=cpk_limits(found.cpk, n=count, confidence=CONFIDENCE),
        lower=lower,
        upper=upper,
    )


def _bias(mean: Decimal, assigned: Decimal) -> Decimal | None:
    return 100 * (mean - assigned) / abs(assigned) if assigned else None


def _average(values: Sequence[Decimal], target: Target) -> MovingAverage:
    mean, sd = float(target.mean), float(target.sd)
    lower, upper = ewma_limits(target=mean, sd=sd, weight=WEIGHT, k=WIDTH)
    means = ewma([float(value) for value in values], start=mean, weight=WEIGHT)
    return MovingAverage(means=tuple(means), lower=lower, upper=upper)


def _patterns(values: Sequence[Decimal], target: Target) -> tuple[Pattern, ...]:
    """Each pattern once, at the last reading that completes it."""
    found = {rule: nelson(values, target, rule) for rule in PATTERNS}
    return tuple(Pattern(rule=rule, at=places[-1]) for rule, places in found.items() if places)
