"""Mycoplasma by real-time PCR: detected or not, with controls, and with an internal control against inhibition.

One reaction that amplifies is detection. Not detected needs every reaction without amplification and an internal
control that comes no later than in the negative control plus what the method allows. Source: Ph. Eur. 2.6.7 for the
controls; the numbers are the method's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assays.attributes import MYCOPLASMA
from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.rules.reported import Reported
from assays.rules.rows import AS_IS
from assays.rules.values import Value

from .calculation import Calculation, Material, Shape
from .outcome import (
    Cell,
    Column,
    ControlFound,
    Outcome,
    Table,
    UnableToCompute,
    decimal_or_missing,
    found,
)
from .pcr import CYCLES, Reactions, amplifies, reactions, stays_negative
from .settings import setting
from .tables import instrument_names, lacking, samples_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    target: str = setting("Quantity: target", help="As the export names it.")
    internal: str = setting("Quantity: internal control")
    cycles: Decimal = setting("Cycles", unit="cycles", minimum=1, maximum=60)
    positive: str = setting("Name of the positive control")
    positive_cq_at_most: Decimal = setting("… its Cq at most", unit="cycles", minimum=1, maximum=60)
    negative: str = setting("Name of the negative control")
    internal_cq_at_most: Decimal = setting(
        "Internal control of the negative control, Cq at most", unit="cycles", minimum=1, maximum=60
    )
    inhibition_cycles: Decimal = setting(
        "Internal control of a sample later by at most", unit="cycles", default=Decimal(3), minimum=0
    )
    reactions: int = setting("Reactions of each sample at least", default=2, minimum=1, maximum=12)
    detected: str = setting("Result if it is found", default="Detected")
    not_detected: str = setting("Result if not", default="Not detected")


def check(results: Sequence[Reported], settings: Settings) -> str:
    if [result.attribute for result in results] != [MYCOPLASMA.code]:
        return f"this calculation reports {MYCOPLASMA.code} alone."
    for text in (settings.detected, settings.not_detected):
        if text not in results[0].texts:
            return f"“{text}” is none of the texts of this method."
    return ""


def names_of(settings: Settings) -> Collection[str]:
    return {settings.positive, settings.negative}


def quantities_of(settings: Settings) -> Collection[str]:
    return [settings.target, settings.internal]


def refusal_of(material: Material) -> str:
    settings: Settings = material.settings
    return lacking(material, sorted(names_of(settings)), quantities_of(settings))


def compute(material: Material) -> Outcome:
    if why := refusal_of(material):
        raise UnableToCompute(why)
    settings: Settings = material.settings
    samples = {
        sample: _both(material, instrument_names(material, sample, AS_IS)) for sample in samples_of(material)
    }
    blank = _both(material, [settings.negative])
    return found(
        code="mycoplasma",
        criteria=[*material.before, *_criteria(material, blank)],
        values={
            sample: (_value(settings, target, internal, blank[1]),)
            for sample, (target, internal) in samples.items()
        },
        tables=[_table(material, samples)],
        controls=[
            ControlFound(
                name=settings.positive,
                value=decimal_or_missing(_both(material, [settings.positive])[0].summary.mean),
                unit="cycles",
            )
        ],
    )


def _both(material: Material, names: Sequence[str]) -> tuple[Reactions, Reactions]:
    """The reactions of the target and of the internal control."""
    settings: Settings = material.settings
    return (
        reactions(material, names, settings.target, cycles=settings.cycles),
        reactions(material, names, settings.internal, cycles=settings.cycles),
    )


def _criteria(material: Material, blank: tuple[Reactions, Reactions]) -> list[Criterion]:
    settings: Settings = material.settings
    target, internal = blank
    positive, _ = _both(material, [settings.positive])
    return [
        amplifies(settings.positive, positive, at_most=settings.positive_cq_at_most),
        stays_negative(settings.negative, target),
        amplifies(settings.negative, internal, at_most=settings.internal_cq_at_most),
    ]


def _value(settings: Settings, target: Reactions, internal: Reactions, of_blank: Reactions) -> Value:
    code = MYCOPLASMA.code
    if target.cq:
        return Value(attribute=code, text=settings.detected, notes=target.in_words)
    if target.unreadable:
        return Value(attribute=code, missing=target.unreadable[0])
    if target.count < settings.reactions:
        return Value(
            attribute=code, missing=f"{target.count} reactions, at least {settings.reactions} are needed"
        )
    if why := _inhibition(settings, internal, of_blank):
        return Value(attribute=code, missing=f"inhibited: {why}")
    return Value(attribute=code, text=settings.not_detected, notes=f"internal control {internal.in_words}")


def _inhibition(settings: Settings, internal: Reactions, of_blank: Reactions) -> str:
    if not internal.cq or len(internal.cq) < internal.count or internal.count < settings.reactions:
        return f"the internal control {internal.in_words}"
    own, blank = internal.summary.mean, of_blank.summary.mean
    if isinstance(own, Missing) or isinstance(blank, Missing):
        return "there is nothing to compare the internal control with"
    delay = own - blank
    if delay > settings.inhibition_cycles:
        return f"the internal control comes {delay:.2f} cycles later than without sample"
    return ""


def _table(material: Material, samples: dict[str, tuple[Reactions, Reactions]]) -> Table:
    settings: Settings = material.settings
    controls = {name: _both(material, [name]) for name in (settings.positive, settings.negative)}
    rows: list[tuple[Cell, ...]] = [
        (name, found.name, found.in_words, ", ".join(f"{cq:.2f}" for cq in found.cq))
        for name, both in (controls | samples).items()
        for found in both
    ]
    columns = ("Sample or control", "Target", "Reactions", "Cq")
    return Table(title="Reactions", columns=tuple(Column(name=name) for name in columns), rows=tuple(rows))


MYCOPLASMA_PCR = Calculation(
    code="mycoplasma",
    name="Mycoplasma, real-time PCR with internal control",
    shape=Shape.TABLE,
    settings=Settings,
    check=check,
    compute=compute,
    refusal_of=refusal_of,
    names_of=names_of,
    quantities_of=quantities_of,
    unit=CYCLES,
)
