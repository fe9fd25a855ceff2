"""Values assigned to a lot of a control, and the rules that its readings break."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assays.kernel.control_rules import Target, Westgard, westgard
from tilmfg.shell.numbers import beside, decimals_for

SD_LINES = "-4 -3 -2 -1 0 1 2 3 4"  # no reading seems to lie on one that it is beyond
STEP = Decimal("1e-12")  # as values are stored
BEFORE = 9  # readings before one that its rules look back on
OF_ONE_LEVEL = (
    Westgard.R_1_2S,
    Westgard.R_1_3S,
    Westgard.R_2_2S_WITHIN,
    Westgard.R_4_1S_WITHIN,
    Westgard.R_10_X_WITHIN,
)
OF_A_RUN = (Westgard.R_2_2S_ACROSS, Westgard.R_4S)
IN_WORDS = {
    Westgard.R_1_2S: "1-2s: beyond 2 SD",
    Westgard.R_1_3S: "1-3s: beyond 3 SD",
    Westgard.R_2_2S_WITHIN: "2-2s: two in a row beyond 2 SD on one side",
    Westgard.R_2_2S_ACROSS: "2-2s: two controls of this run beyond 2 SD on one side",
    Westgard.R_4S: "R-4s: two controls of this run beyond 2 SD on opposite sides",
    Westgard.R_4_1S_WITHIN: "4-1s: four in a row beyond 1 SD on one side",
    Westgard.R_10_X_WITHIN: "10-x: ten in a row on one side of the mean",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A value against its target: how many SD from the mean, and which of Westgard's rules it breaks."""

    z: Decimal
    broken: tuple[Westgard, ...]

    @property
    def state(self) -> str:
        if set(self.broken) - {Westgard.R_1_2S}:
            return "rejected"
        return "warning" if self.broken else "within"

    @property
    def in_words(self) -> str:
        return "; ".join(IN_WORDS[rule] for rule in self.broken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A control in a run: what was read, of which lot, and how that stands against the value in force."""

    name: str
    lot_id: int | None
    lot_number: str
    value: Decimal | None
    missing: str
    unit: str
    target: Target | None = None
    judged: Judged | None = None

    @property
    def state(self) -> str:
        if self.judged:
            return self.judged.state
        return "missing" if self.value is None else "unassigned"

    @property
    def z_in_words(self) -> str:
        if not self.judged:
            return ""
        z = beside(self.judged.z, SD_LINES, 2)
        return f"{'' if z.startswith('−') else '+'}{z} SD"

    @property
    def decimals(self) -> int:
        """Of the value, its mean and SD on a page."""
        if self.target:
            return decimals_for(self.target.mean, self.target.sd)
        return 2 if self.value is None else decimals_for(self.value)

    @property
    def facts(self) -> dict:
        """As a review keeps and signs it."""
        return {
            "name": self.name,
            "lot": self.lot_id,
            "lot_number": self.lot_number,
            "value": None if self.value is None else f"{self.value:f}",
            "missing": self.missing,
            "unit": self.unit,
            "mean": f"{self.target.mean:f}" if self.target else None,
            "sd": f"{self.target.sd:f}" if self.target else None,
            "broken": [rule.value for rule in self.judged.broken] if self.judged else [],
        }

    @classmethod
    def revived(cls, facts: Mapping) -> "Standing":
        """From the facts that a review kept."""
        value = None if facts["value"] is None else Decimal(facts["value"])
        target = judged = None
        if facts["mean"] is not None:
            target = Target(mean=Decimal(facts["mean"]), sd=Decimal(facts["sd"]))
        if target and value is not None:
            judged = Judged(z=_z(target, value), broken=tuple(Westgard(rule) for rule in facts["broken"]))
        return cls(
            name=facts["name"],
            lot_id=facts["lot"],
            lot_number=facts["lot_number"],
            value=value,
            missing=facts["missing"],
            unit=facts["unit"],
            target=target,
            judged=judged,
        )


def target_of(values: Sequence[Decimal]) -> Target:
    """Mean and SD (n − 1) of values, to twelve decimals. Raises UnableToAnswer where they do not vary."""
    mean = sum(values, Decimal(0)) / len(values)
    variance = sum(((value - mean) ** 2 for value in values), Decimal(0)) / (len(values) - 1)
    return Target(mean=mean.quantize(STEP), sd=variance.sqrt().quantize(STEP))


def bridged_target(values: Sequence[Decimal], earlier: Target) -> Target:
    """The lot's own mean with the relative SD of the lot before it: mean · (SD₀ / mean₀). Source: CLSI C24-Ed4."""
    mean = sum(values, Decimal(0)) / len(values)
    return Target(mean=mean.quantize(STEP), sd=abs(mean * earlier.sd / earlier.mean).quantize(STEP))


def judge(
    runs: Sequence[Mapping[int, Decimal]], targets: Mapping[int, Target], lot: int
) -> list[Judged | None]:
    """Each run's value of one lot; None where there is none. `runs` in the order they were measured, each with the
    values of its lots; `targets` of those that have one, the lot itself among them.

    A rule over several runs is reported at the run that completes it, one within a run for each lot that has its
    part in it.
    """
    known = [{str(key): value for key, value in run.items() if key in targets} for run in runs]
    by_name = {str(key): target for key, target in targets.items()}
    me = str(lot)
    own = [{me: run[me]} if me in run else {} for run in known]
    fired = {rule: set(westgard(own, {me: by_name[me]}, rule)) for rule in OF_ONE_LEVEL}
    fired |= {rule: set(westgard(known, by_name, rule)) for rule in OF_A_RUN}
    judged: list[Judged | None] = []
    for place, run in enumerate(known):
        if me not in run:
            judged.append(None)
            continue
        z = _z(by_name[me], run[me])
        broken = tuple(
            rule for rule in Westgard if place in fired[rule] and (rule not in OF_A_RUN or abs(z) > 2)
        )
        judged.append(Judged(z=z, broken=broken))
    return judged


def _z(target: Target, value: Decimal) -> Decimal:
    """How many SD from the mean."""
    exact = target.z(value)
    return Decimal(exact.numerator) / Decimal(exact.denominator)
