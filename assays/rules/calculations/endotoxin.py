"""Endotoxin by a kinetic LAL assay: onset times against a log-log standard curve, recovered with a spike.

log₁₀ onset = intercept + slope·log₁₀ EU/mL over all standard wells. A sample is measured as it is and spiked, at each
of its dilutions; the least diluted one whose replicates agree, whose spike is recovered and that is not beyond the
maximum valid dilution gives the result. A well whose onset is not before the end of the run holds less than the
lowest standard. Source: USP <85> and Ph. Eur. 2.6.14: |r| at least 0.980, spike recovery 50 to 200 %, maximum valid
dilution = limit/λ, λ the lowest standard.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from math import log10, sqrt

import numpy as np

from assays.attributes import ENDOTOXIN
from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.kernel.qpcr import CtLine, fit_ct
from assays.kernel.rounding import as_decimal
from assays.kernel.second_solver import LINE, line_again
from assays.kernel.status import UnableToAnswer
from assays.rules.plates import WellFacts
from assays.rules.reported import Reported
from assays.rules.rows import AS_IS, SPIKED
from assays.rules.values import Value

from .calculation import Calculation, Material, Shape
from .criteria import at_least, between, figure
from .endotoxin_settings import Dilution, Settings, Standards
from .endotoxin_shown import samples_table, standard_curve, standards_table
from .outcome import ControlFound, Outcome, UnableToCompute, decimal_or_missing, found, within_percent
from .second_opinion import SecondOpinion, compare
from .tables import lacking
from .wells import Group, cv_criterion, group_of, in_condition


def check(results: Sequence[Reported], _settings: Settings) -> str:
    if [result.attribute for result in results] != [ENDOTOXIN.code]:
        return f"this calculation reports {ENDOTOXIN.code} alone."
    return ""


def names_of(settings: Settings) -> Collection[str]:
    named = {settings.negative, *(standard.name for standard in settings.standards)}
    return named | ({settings.positive} if settings.positive else set())


def quantities_of(settings: Settings) -> Collection[str]:
    return [settings.quantity]


def refusal_of(material: Material) -> str:
    settings: Settings = material.settings
    return lacking(material, sorted(names_of(settings)), quantities_of(settings))


def compute(material: Material) -> Outcome:
    if why := refusal_of(material):
        raise UnableToCompute(why)
    material = replace(material, wells=tuple(_wells(material)))
    standards = _standards(material)
    samples = {
        sample: _dilutions(material, standards, plain, spiked)
        for sample, (plain, spiked) in sorted(_pairs(material).items())
    }
    opinion = second_opinion(standards, samples)
    solved = [opinion.criterion] if opinion else []
    return found(
        code="endotoxin",
        criteria=[*material.before, *_criteria(material, standards), *solved],
        values={sample: (_value(dilutions, standards),) for sample, dilutions in samples.items()},
        tables=[standards_table(standards), samples_table(samples)],
        charts=[standard_curve(standards)],
        controls=_found_of_controls(material, standards),
        second_solver=opinion.kept if opinion else None,
    )


def _wells(material: Material) -> Iterator[WellFacts]:
    """The onsets as wells. One that is told as a bound, > 4500 s, did not come before the end of the run."""
    settings: Settings = material.settings
    levels = {standard.name: standard.eu_per_ml for standard in settings.standards}
    for row in material.values:
        if row.quantity != settings.quantity:
            continue
        roles = {settings.negative: "blank", settings.positive: "control"} | dict.fromkeys(levels, "standard")
        missing = row.value.reason if isinstance(row.value, Missing) else ""
        if row.qualifier == "<":
            missing = f"line {row.line}: an onset before a time is none"
        signal = None if missing or isinstance(row.value, Missing) else row.value
        yield WellFacts(
            position=f"line {row.line}",
            role=roles.get(row.sample_name, "sample"),
            instrument_name=row.sample_name,
            nominal=levels.get(row.sample_name),
            dilution=row.dilution,
            signal=settings.run_seconds if signal is not None and row.qualifier == ">" else signal,
            missing=missing,
            masked=row.masked,
        )


def _standards(material: Material) -> Standards:
    wells: dict[Decimal, list[WellFacts]] = {}
    for well in material.wells:
        if well.role == "standard" and well.nominal is not None:
            wells.setdefault(well.nominal, []).append(well)
    points = [
        (level, float(well.response))
        for level, own in wells.items()
        for well in own
        if not isinstance(well.response, Missing) and well.response > 0
    ]
    try:
        line: CtLine | Missing = fit_ct(
            [float(level) for level, _ in points], [log10(onset) for _, onset in points]
        )
    except UnableToAnswer as refusal:
        line = refusal.answer
    if isinstance(line, CtLine) and line.slope >= 0:
        line = Missing("the onset does not come earlier with more endotoxin")
    levels = {level: group_of(f"{level:f} EU/mL", own) for level, own in sorted(wells.items(), reverse=True)}
    return Standards(levels=levels, line=line, points=tuple(points))


def _criteria(material: Material, standards: Standards) -> list[Criterion]:
    settings: Settings = material.settings
    blank = group_of("Negative control", (well for well in material.wells if well.role == "blank"))
    onset = blank.signal.mean
    lowest = standards.levels[standards.lowest].signal.mean
    is_clean = not isinstance(onset, Missing) and not isinstance(lowest, Missing) and onset > lowest
    return [
        at_least(
            "Correlation |r| of log onset on log EU/mL", _correlation(standards.line), settings.correlation
        ),
        *(cv_criterion(group, limit=settings.cv_limit_percent) for group in standards.levels.values()),
        Criterion(
            name="Negative control, onset",
            value=onset,
            unit="s",
            limit="later than that of the lowest standard",
            passed=is_clean,
        ),
        *([_positive_criterion(material, standards)] if settings.positive else []),
    ]


def _positive_criterion(material: Material, standards: Standards) -> Criterion:
    settings: Settings = material.settings
    found, tolerance = _positive(material, standards), settings.positive_tolerance_percent
    recovery = found if isinstance(found, Missing) else 100 * found / float(settings.positive_eu_per_ml)
    return between(f"{settings.positive}, recovered", recovery, 100 - tolerance, 100 + tolerance, "%")


def _positive(material: Material, standards: Standards) -> float | Missing:
    """EU/mL of the control with a known amount; a bound is no value."""
    own = group_of("control", (well for well in material.wells if well.role == "control"))
    if why := _disagreement(material.settings, (own,)):
        return Missing(why)
    concentration, qualifier = _read(material.settings, standards, own)
    if isinstance(concentration, Missing) or qualifier == "=":
        return concentration
    return Missing(f"{qualifier} {concentration:g} EU/mL, outside the standards")


def _found_of_controls(material: Material, standards: Standards) -> list[ControlFound]:
    """The known amount, and the slope, which tells a lot of LAL reagent that wears out."""
    settings: Settings = material.settings
    line = standards.line
    slope = line if isinstance(line, Missing) else line.slope
    readings = [ControlFound(name="Slope of the standard curve", value=decimal_or_missing(slope), unit="")]
    if name := settings.positive:
        found = decimal_or_missing(_positive(material, standards))
        allowed = within_percent(settings.positive_eu_per_ml, settings.positive_tolerance_percent)
        readings.append(ControlFound(name=name, value=found, unit="EU/mL", **allowed))
    return readings


def second_opinion(standards: Standards, samples: Mapping[str, Sequence[Dilution]]) -> SecondOpinion | None:
    """The line and every concentration that was read from it, once more; None where there is no line."""
    line = standards.line
    if isinstance(line, Missing):
        return None
    onsets = [log10(onset) for _, onset in standards.points]
    intercept, slope = line_again([log10(level) for level, _ in standards.points], onsets)
    compared = [
        compare("intercept", line.intercept, intercept, of=max(map(abs, onsets))),
        compare("slope", line.slope, slope),
    ]
    for sample, dilutions in samples.items():
        for dilution in dilutions:
            onset, first = dilution.plain.signal.mean, dilution.concentration
            if (
                dilution.qualifier == "="
                and not isinstance(first, Missing)
                and not isinstance(onset, Missing)
            ):
                again = 10 ** ((log10(onset) - intercept) / slope)
                compared.append(compare(f"{sample} 1 : {dilution.factor:f}", first, again, unit="EU/mL"))
    return SecondOpinion(compared=tuple(compared), solver=LINE, version=f"NumPy {np.__version__}")


def _correlation(line: CtLine | Missing) -> float | Missing:
    if isinstance(line, Missing):
        return line
    return line.r2 if isinstance(line.r2, Missing) else sqrt(line.r2)


def _pairs(material: Material) -> dict[str, tuple[dict, dict]]:
    """By sample its wells as they are and those spiked, each by dilution."""
    plain, spiked = in_condition(material, AS_IS), in_condition(material, SPIKED)
    return {sample: (plain.get(sample, {}), spiked.get(sample, {})) for sample in {*plain, *spiked}}


def _dilutions(
    material: Material, standards: Standards, plain: Mapping[Decimal, list], spiked: Mapping[Decimal, list]
) -> list[Dilution]:
    """From the least diluted on."""
    return [
        _dilution(material.settings, standards, factor, plain.get(factor, []), spiked.get(factor, []))
        for factor in sorted({*plain, *spiked})
    ]


def _dilution(
    settings: Settings,
    standards: Standards,
    factor: Decimal,
    plain: Sequence[WellFacts],
    spiked: Sequence[WellFacts],
) -> Dilution:
    own, with_spike = group_of("as it is", plain), group_of("spiked", spiked)
    concentration, qualifier = _read(settings, standards, own)
    recovery = _recovery(settings, standards, with_spike, concentration, qualifier)
    return Dilution(
        factor=factor,
        plain=own,
        spiked=with_spike,
        concentration=concentration,
        qualifier=qualifier,
        recovery_percent=recovery,
        why_not=_beyond(settings, standards, factor)
        or _disagreement(settings, (own, with_spike))
        or _unrecovered(settings, recovery, qualifier)
        or (concentration.reason if isinstance(concentration, Missing) else ""),
    )


def _read(settings: Settings, standards: Standards, group: Group) -> tuple[float | Missing, str]:
    """EU/mL in the well; below or above the standards the nearest one with its sign."""
    onset = group.signal.mean
    if isinstance(onset, Missing):
        return onset, "="
    if onset >= settings.run_seconds:
        return float(standards.lowest), "<"
    concentration = standards.read(onset)
    if isinstance(concentration, Missing):
        return concentration, "="
    if concentration < standards.lowest:
        return float(standards.lowest), "<"
    if concentration > standards.highest:
        return float(standards.highest), ">"
    return concentration, "="


def _recovery(
    settings: Settings, standards: Standards, spiked: Group, concentration: float | Missing, qualifier: str
) -> float | Missing:
    """What was found of the spike; a sample below the range has nothing to be taken off."""
    onset = spiked.signal.mean
    if isinstance(onset, Missing):
        return Missing("no spiked wells that can be read")
    if isinstance(concentration, Missing):
        return concentration
    if qualifier == ">":
        return Missing("the sample itself is above the standards")
    if onset >= settings.run_seconds:
        return 0.0
    together = standards.read(onset)
    if isinstance(together, Missing):
        return together
    own = 0.0 if qualifier == "<" else concentration
    return 100 * (together - own) / float(settings.spike_eu_per_ml)


def _beyond(settings: Settings, standards: Standards, factor: Decimal) -> str:
    valid_to = settings.limit_eu_per_ml / standards.lowest
    return f"beyond the maximum valid dilution of 1 : {float(valid_to):.4g}" if factor > valid_to else ""


def _disagreement(settings: Settings, groups: Sequence[Group]) -> str:
    for group in groups:
        cv = group.signal.cv_percent
        if isinstance(cv, Missing):
            return f"{group.name}: {cv.reason}"
        if cv > (limit := settings.cv_limit_percent):
            return f"{group.name}: replicate CV {figure(cv, 1, limit)} %, above {limit} %"
    return ""


def _unrecovered(settings: Settings, recovery: float | Missing, qualifier: str) -> str:
    """What is above the standards stays above them, whatever becomes of a spike."""
    if qualifier == ">":
        return ""
    if isinstance(recovery, Missing):
        return recovery.reason
    low, high = settings.recovery_minimum_percent, settings.recovery_maximum_percent
    return (
        ""
        if low <= recovery <= high
        else f"spike recovery {figure(recovery, 0, low, high)} %, allowed {low} to {high} %"
    )


def _value(dilutions: Sequence[Dilution], standards: Standards) -> Value:
    """Of the least diluted that counts; one above the standards only if no other dilution is within."""
    code = ENDOTOXIN.code
    usable = [dilution for dilution in dilutions if not dilution.why_not]
    if not usable:
        reasons = "; ".join(f"1 : {dilution.factor:f}: {dilution.why_not}" for dilution in dilutions)
        return Value(attribute=code, missing=f"no dilution can be used ({reasons})")
    within = [dilution for dilution in usable if dilution.qualifier != ">"]
    taken = within[0] if within else usable[-1]
    if isinstance(taken.concentration, Missing):
        return Value(attribute=code, missing=taken.concentration.reason)
    exact = as_decimal(taken.concentration)
    if taken.qualifier == "<":
        exact = standards.lowest
    note = f"dilution 1 : {taken.factor:f}"
    if not isinstance(taken.recovery_percent, Missing):
        note += f", spike recovery {taken.recovery_percent:.0f} %"
    return Value(attribute=code, raw=exact * taken.factor, qualifier=taken.qualifier, notes=note)


ENDOTOXIN_KINETIC = Calculation(
    code="endotoxin",
    name="Endotoxin, kinetic LAL with spike recovery",
    shape=Shape.TABLE,
    settings=Settings,
    check=check,
    compute=compute,
    refusal_of=refusal_of,
    conditions=(AS_IS, SPIKED),
    names_of=names_of,
    quantities_of=quantities_of,
    unit="s",
)
