"""Copies per cell by qPCR with a standard curve for the target and one for a reference gene.

Cq = intercept + slope·log₁₀ copies for each; copies per cell = copies of the reference per cell × target/reference.
Fewer target copies than the lowest standard give a `<` result. Source: MIQE, Bustin et al. 2009.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log10

import numpy as np

from assays.attributes import VECTOR_COPIES
from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.kernel.qpcr import CtLine, copies_per_cell, fit_ct
from assays.kernel.rounding import as_decimal
from assays.kernel.second_solver import LINE, line_again
from assays.kernel.status import UnableToAnswer
from assays.rules.reported import Reported
from assays.rules.rows import AS_IS
from assays.rules.values import Value

from .calculation import Calculation, Material, Shape
from .criteria import at_least, between, figure
from .outcome import (
    Cell,
    Chart,
    Column,
    ControlFound,
    Outcome,
    Point,
    Series,
    Table,
    UnableToCompute,
    decimal_or_missing,
    found,
)
from .pcr import CYCLES, Reactions, reactions, stays_negative
from .second_opinion import SecondOpinion, compare
from .settings import percent, setting
from .tables import instrument_names, lacking, samples_of

FEWEST_LEVELS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    name: str = setting("Name in the export")
    copies: Decimal = setting("Copies in the reaction", unit="copies", minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    target: str = setting("Quantity: target", help="As the export names it.")
    reference: str = setting("Quantity: reference gene")
    standards: tuple[Standard, ...] = setting("Standards", help="They hold both targets.")
    no_template: str = setting("Name of the control without template")
    cycles: Decimal = setting("Cycles", unit="cycles", default=Decimal(40), minimum=1, maximum=60)
    reference_copies: int = setting("Copies of the reference gene in a cell", default=2, minimum=1, maximum=8)
    efficiency_minimum_percent: Decimal = percent("Efficiency at least", default=90)
    efficiency_maximum_percent: Decimal = percent("Efficiency at most", default=110)
    r2: Decimal = setting("r² at least", default=Decimal("0.99"), minimum=0, maximum=1)
    cq_sd: Decimal = setting("SD of replicate Cq at most", unit="cycles", default=Decimal("0.5"), minimum=0)
    control: str = setting(
        "Control: cells of a known lot", default="", help="As the export names them. Open: none."
    )
    control_minimum: Decimal = setting("… at least", unit="copies/cell", default=Decimal(0), minimum=0)
    control_maximum: Decimal = setting("… at most", unit="copies/cell", default=Decimal(100), minimum=0)

    def __post_init__(self) -> None:
        if len({standard.copies for standard in self.standards}) < FEWEST_LEVELS:
            raise ValueError(f"at least {FEWEST_LEVELS} levels of standards are needed.")
        if len({standard.name for standard in self.standards}) < len(self.standards):
            raise ValueError("two standards have the same name.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The standard curve of one target between the levels that amplified; `line` is Missing where there is none."""

    target: str
    points: tuple[tuple[float, float], ...]  # copies and Cq of each reaction
    line: CtLine | Missing
    lowest: float
    highest: float

    def copies(self, cq: float) -> float | Missing:
        return self.line if isinstance(self.line, Missing) else self.line.input_at(cq)


def check(results: Sequence[Reported], _settings: Settings) -> str:
    if [result.attribute for result in results] != [VECTOR_COPIES.code]:
        return f"this calculation reports {VECTOR_COPIES.code} alone."
    return ""


def names_of(settings: Settings) -> Collection[str]:
    named = {settings.no_template, *(standard.name for standard in settings.standards)}
    return named | ({settings.control} if settings.control else set())


def quantities_of(settings: Settings) -> Collection[str]:
    return [settings.target, settings.reference]


def refusal_of(material: Material) -> str:
    settings: Settings = material.settings
    return lacking(material, sorted(names_of(settings)), quantities_of(settings))


def compute(material: Material) -> Outcome:
    if why := refusal_of(material):
        raise UnableToCompute(why)
    settings: Settings = material.settings
    target, reference = (_curve(material, name) for name in (settings.target, settings.reference))
    opinion = second_opinion((target, reference))
    control = _control(material, target, reference)
    rows: list[tuple[Cell, ...]] = []
    values = {}
    for sample in samples_of(material):
        names = instrument_names(material, sample, AS_IS)
        both = [
            reactions(material, names, curve.target, cycles=settings.cycles) for curve in (target, reference)
        ]
        values[sample] = (_value(settings, target, reference, *both),)
        rows += [_row(sample, curve, own) for curve, own in zip((target, reference), both, strict=True)]
    return found(
        code="copy_number",
        criteria=[
            *material.before,
            *_criteria(material, (target, reference)),
            *([_control_criterion(settings, control)] if control else []),
            *([opinion.criterion] if opinion else []),
        ],
        values=values,
        tables=[Table(title="Samples", columns=COLUMNS, rows=tuple(rows))],
        charts=[_chart(curve) for curve in (target, reference)],
        controls=_found_of_controls(settings, (target, reference), control),
        second_solver=opinion.kept if opinion else None,
    )


def second_opinion(curves: Sequence[Curve]) -> SecondOpinion | None:
    """Both lines once more, and the copies at the Cq of every standard; None where there is no line."""
    compared = []
    for curve in curves:
        line = curve.line
        if isinstance(line, Missing):
            return None
        cqs = [cq for _, cq in curve.points]
        intercept, slope = line_again([log10(copies) for copies, _ in curve.points], cqs)
        compared += [
            compare(f"{curve.target}, intercept", line.intercept, intercept, unit="cycles"),
            compare(f"{curve.target}, slope", line.slope, slope),
        ]
        for cq in dict.fromkeys(cqs):
            first = line.input_at(cq)
            if not isinstance(first, Missing):
                again = (cq - intercept) / slope
                compared.append(
                    compare(f"{curve.target}, log₁₀ copies at Cq {cq:g}", log10(first), again, of=1.0)
                )
    return SecondOpinion(compared=tuple(compared), solver=LINE, version=f"NumPy {np.__version__}")


def _control(material: Material, target: Curve, reference: Curve) -> Value | None:
    """Copies per cell of the control, as of a sample; None where the method has no control."""
    settings: Settings = material.settings
    if not settings.control:
        return None
    own, other = (
        reactions(material, [settings.control], curve.target, cycles=settings.cycles)
        for curve in (target, reference)
    )
    return _value(settings, target, reference, own, other)


def _number_of(control: Value) -> Decimal | Missing:
    if control.raw is None:
        return Missing(control.missing)
    if control.qualifier != "=":
        return Missing(f"{control.qualifier} {control.raw:.4g} copies/cell, outside the standards")
    return control.raw


def _control_criterion(settings: Settings, control: Value) -> Criterion:
    number, low, high = _number_of(control), settings.control_minimum, settings.control_maximum
    return between(settings.control, number, low, high, "copies/cell")


def _found_of_controls(
    settings: Settings, curves: Sequence[Curve], control: Value | None
) -> list[ControlFound]:
    readings = [
        ControlFound(
            name=f"Efficiency of {curve.target}",
            value=decimal_or_missing(
                curve.line if isinstance(curve.line, Missing) else curve.line.efficiency_percent
            ),
            unit="%",
            lower=settings.efficiency_minimum_percent,
            upper=settings.efficiency_maximum_percent,
        )
        for curve in curves
    ]
    if control:
        readings.append(
            ControlFound(
                name=settings.control,
                value=_number_of(control),
                unit="copies/cell",
                lower=settings.control_minimum,
                upper=settings.control_maximum,
            )
        )
    return readings


def _curve(material: Material, target: str) -> Curve:
    settings: Settings = material.settings
    points = [
        (float(standard.copies), cq)
        for standard in settings.standards
        for cq in reactions(material, [standard.name], target, cycles=settings.cycles).cq
    ]
    try:
        line: CtLine | Missing = fit_ct([x for x, _ in points], [y for _, y in points])
    except UnableToAnswer as refusal:
        line = refusal.answer
    levels = {copies for copies, _ in points}
    if len(levels) < FEWEST_LEVELS:
        line = Missing(f"{len(levels)} levels of standards amplified, at least {FEWEST_LEVELS} are needed")
    copies = levels or {float(standard.copies) for standard in settings.standards}
    return Curve(target=target, points=tuple(points), line=line, lowest=min(copies), highest=max(copies))


def _criteria(material: Material, curves: Sequence[Curve]) -> list[Criterion]:
    settings: Settings = material.settings
    criteria = []
    for curve in curves:
        line = curve.line
        efficiency = line if isinstance(line, Missing) else line.efficiency_percent
        r2 = line if isinstance(line, Missing) else line.r2
        low, high = settings.efficiency_minimum_percent, settings.efficiency_maximum_percent
        blank = reactions(material, [settings.no_template], curve.target, cycles=settings.cycles)
        criteria += [
            between(f"{curve.target}, efficiency", efficiency, low, high, "%"),
            at_least(f"{curve.target}, r²", r2, settings.r2),
            stays_negative(settings.no_template, blank),
        ]
    return criteria


def _value(settings: Settings, target: Curve, reference: Curve, own: Reactions, other: Reactions) -> Value:
    code = VECTOR_COPIES.code
    for measured in (own, other):
        if why := _why_not(settings, measured):
            return Value(attribute=code, missing=f"{measured.name}: {why}")
    cells = _mean_copies(reference, other)
    if isinstance(cells, Missing):
        return Value(attribute=code, missing=f"{other.name}: {cells.reason}")
    if not reference.lowest <= cells <= reference.highest:
        return Value(attribute=code, missing=f"{other.name}: {cells:.4g} copies, outside the standards")
    copies, qualifier = _mean_copies(target, own) if own.cq else target.lowest, "="
    if isinstance(copies, Missing):
        return Value(attribute=code, missing=f"{own.name}: {copies.reason}")
    if not own.cq or copies < target.lowest:
        copies, qualifier = target.lowest, "<"
    elif copies > target.highest:
        copies, qualifier = target.highest, ">"
    number = copies_per_cell(
        transgene=copies, reference=cells, reference_copies_per_cell=settings.reference_copies
    )
    note = f"{copies:.4g} copies of {own.name}, {cells:.4g} of {other.name}"
    return Value(attribute=code, raw=as_decimal(number), qualifier=qualifier, notes=note)


def _why_not(settings: Settings, measured: Reactions) -> str:
    """Replicates that do not agree tell nothing; a target that amplifies in none is fewer than the standards."""
    if measured.unreadable:
        return measured.unreadable[0]
    is_reference = measured.name == settings.reference
    if measured.count < 2:
        return f"{measured.count} reactions, at least 2 are needed"
    if 0 < len(measured.cq) < measured.count or (is_reference and not measured.cq):
        return measured.in_words
    sd = measured.summary.sd
    if measured.cq and not isinstance(sd, Missing) and sd > settings.cq_sd:
        return f"SD of Cq {figure(sd, 2, settings.cq_sd)}, above {settings.cq_sd}"
    return ""


def _mean_copies(curve: Curve, measured: Reactions) -> float | Missing:
    mean = measured.summary.mean
    return mean if isinstance(mean, Missing) else curve.copies(mean)


def _row(sample: str, curve: Curve, own: Reactions) -> tuple[Cell, ...]:
    summary = own.summary
    return (sample, own.name, own.in_words, summary.mean, summary.sd, _mean_copies(curve, own))


def _chart(curve: Curve) -> Chart:
    line: tuple[tuple[float, float], ...] = ()
    formula = ""
    if isinstance(curve.line, CtLine):
        a, b = curve.line.intercept, curve.line.slope
        line = tuple((x, a + b * log10(x)) for x in (curve.lowest, curve.highest))
        formula = f"Cq = {a:.3f} + ({b:.4f})·log₁₀ copies"
    points = tuple(Point(x=copies, y=cq) for copies, cq in curve.points)
    return Chart(
        title=f"Standard curve of {curve.target}",
        x=Column(name="Copies in the reaction"),
        y=Column(name="Cq"),
        x_is_logarithmic=True,
        series=(Series(name=curve.target, points=points, line=line),),
        formula=formula,
    )


COLUMNS = (
    Column(name="Sample"),
    Column(name="Target"),
    Column(name="Reactions"),
    Column(name="Mean Cq"),
    Column(name="SD"),
    Column(name="Copies"),
)

COPY_NUMBER = Calculation(
    code="copy_number",
    name="Copies per cell, qPCR with standard curves",
    shape=Shape.TABLE,
    settings=Settings,
    check=check,
    compute=compute,
    refusal_of=refusal_of,
    names_of=names_of,
    quantities_of=quantities_of,
    unit=CYCLES,
)
