"""The samples of a run: wells → dilutions → conditions → net → reportable value.

Censored parts follow one rule. An unstimulated value below the range counts as LLOQ × dilution, so that
net is never overstated; a stimulated value above the range gives a `>` result; anything else that cannot
be computed is Missing with its reason.
"""

from dataclasses import dataclass
from decimal import Decimal

from assays.kernel.backcalculation import BackCalculation, RangeStatus, backcalculate
from assays.kernel.fourpl import Curve, Refused
from assays.kernel.ifng.plate import Plate, grouped
from assays.kernel.ifng.values import (
    AssayWell,
    Condition,
    ConditionOutcome,
    DilutionOutcome,
    Measured,
    Method,
    Qualifier,
    Reportable,
    Role,
    SampleOutcome,
    WellOutcome,
)
from assays.kernel.missing import Missing
from assays.kernel.replicates import average, summarise
from assays.kernel.rounding import round_to_decimals


@dataclass(frozen=True, slots=True)
class Assay:
    """What every sample of the run is measured with."""

    plate: Plate
    curve: Curve | Refused
    method: Method
    lloq: float
    uloq: float


def measure_samples(assay: Assay, *, invalid_because: str) -> tuple[SampleOutcome, ...]:
    """Every sample, by name: dilution-corrected pg/mL, net of unstimulated, per 10⁶ viable cells if the method says so.

    With `invalid_because` the run is invalid and no sample has a result. Raises nothing; what cannot be computed is
    Missing with its reason. Source: ICH M10 for values outside the range.
    """
    samples = grouped(assay.plate.of(Role.SAMPLE), lambda well: well.name)
    return tuple(_measure_sample(assay, name, samples[name], invalid_because) for name in sorted(samples))


def _measure_sample(assay: Assay, name: str, wells: list[AssayWell], invalid_because: str) -> SampleOutcome:
    stimulated = _measure_condition(assay, wells, Condition.STIMULATED)
    unstimulated = _measure_condition(assay, wells, Condition.UNSTIMULATED)
    net, notes = _net(stimulated.measured, unstimulated.measured)
    if invalid_because:
        net, notes = Missing(f"run invalid: {invalid_because}"), ()
    return SampleOutcome(
        name=name,
        stimulated=stimulated,
        unstimulated=unstimulated,
        net=net if isinstance(net, Missing) else _reportable(net, assay.method),
        notes=notes,
    )


def _measure_condition(assay: Assay, wells: list[AssayWell], condition: Condition) -> ConditionOutcome:
    own = [well for well in wells if well.condition is condition]
    by_dilution = grouped(own, lambda well: well.dilution_factor)
    dilutions = tuple(_measure_dilution(assay, factor, by_dilution[factor]) for factor in sorted(by_dilution))
    return ConditionOutcome(
        condition=condition, dilutions=dilutions, measured=_combine(assay, dilutions, condition)
    )


def _measure_dilution(assay: Assay, factor: Decimal, wells: list[AssayWell]) -> DilutionOutcome:
    outcomes = tuple(_measure_well(assay, well) for well in wells)
    read = [o.back_calculation for o in outcomes if isinstance(o.back_calculation, BackCalculation)]
    concentration = summarise([b.concentration for b in read if not isinstance(b.concentration, Missing)])
    status = _common_status(read)
    reason = _why_not_used(assay, status, read, concentration.cv_percent)
    mean = concentration.mean
    return DilutionOutcome(
        dilution_factor=factor,
        wells=outcomes,
        status=status,
        concentration=concentration,
        corrected_pg_per_ml=Missing(reason) if reason or isinstance(mean, Missing) else mean * float(factor),
        used=not reason,
        reason=reason,
    )


def _measure_well(assay: Assay, well: AssayWell) -> WellOutcome:
    response = assay.plate.response(well)
    if isinstance(response, Missing):
        return WellOutcome(position=well.position, response=response, back_calculation=response)
    if isinstance(assay.curve, Refused):
        no_curve = Missing(f"no standard curve: {assay.curve.reason}")
        return WellOutcome(position=well.position, response=response, back_calculation=no_curve)
    found = backcalculate(assay.curve, response, lloq=assay.lloq, uloq=assay.uloq)
    return WellOutcome(position=well.position, response=response, back_calculation=found)


def _common_status(read: list[BackCalculation]) -> RangeStatus | None:
    """The side of the range all wells share; a response beyond an asymptote is on the side it is beyond."""
    if not read:
        return None
    if all(found.is_below for found in read):
        return RangeStatus.BELOW
    if all(found.is_above for found in read):
        return RangeStatus.ABOVE
    if all(found.status is RangeStatus.IN_RANGE for found in read):
        return RangeStatus.IN_RANGE
    return None


def _why_not_used(
    assay: Assay, status: RangeStatus | None, read: list[BackCalculation], cv_percent: float | Missing
) -> str:
    """Empty when the dilution counts."""
    if not read:
        return "no readable well"
    if status is None:
        return "its wells lie partly in and partly out of range"
    if status is not RangeStatus.IN_RANGE:
        return status.value
    if isinstance(cv_percent, Missing):
        return cv_percent.reason
    if cv_percent > assay.method.cv_limit_percent:
        return f"replicate CV {cv_percent:.1f} %, above {assay.method.cv_limit_percent} %"
    return ""


def _combine(
    assay: Assay, dilutions: tuple[DilutionOutcome, ...], condition: Condition
) -> Measured | Missing:
    """One concentration from the dilutions in range, or the bound that all dilutions share."""
    if not dilutions:
        return Missing(f"no {condition} wells")
    if isinstance(assay.curve, Refused):
        return Missing(f"no standard curve: {assay.curve.reason}")
    corrected = [d.corrected_pg_per_ml for d in dilutions if not isinstance(d.corrected_pg_per_ml, Missing)]
    if corrected:
        return _combine_used(assay, corrected, condition)
    factors = [float(d.dilution_factor) for d in dilutions]
    statuses = {d.status for d in dilutions}
    if statuses == {RangeStatus.ABOVE}:
        return Measured(qualifier=Qualifier.ABOVE, pg_per_ml=assay.uloq * max(factors))
    if statuses == {RangeStatus.BELOW}:
        return Measured(qualifier=Qualifier.BELOW, pg_per_ml=assay.lloq * min(factors))
    reasons = "; ".join(f"dilution {d.dilution_factor.normalize():f}: {d.reason}" for d in dilutions)
    return Missing(f"no {condition} dilution can be used ({reasons})")


def _combine_used(assay: Assay, corrected: list[float], condition: Condition) -> Measured | Missing:
    spread, limit = summarise(corrected).cv_percent, assay.method.dilution_cv_limit_percent
    if not isinstance(spread, Missing) and spread > limit:
        return Missing(f"{condition} dilutions disagree: CV {spread:.1f} %, above {limit} %")
    mean = average(corrected, kind=assay.method.combination)
    return mean if isinstance(mean, Missing) else Measured(qualifier=Qualifier.EXACT, pg_per_ml=mean)


def _net(
    stimulated: Measured | Missing, unstimulated: Measured | Missing
) -> tuple[Measured | Missing, tuple[str, ...]]:
    """Stimulated − unstimulated with the rule for censored parts, and what must be declared."""
    if isinstance(stimulated, Missing):
        return stimulated, ()
    if isinstance(unstimulated, Missing):
        return unstimulated, ()
    if stimulated.qualifier is Qualifier.BELOW:
        return Missing(f"stimulated value below the range (<{stimulated.pg_per_ml:.10g} pg/mL)"), ()
    if unstimulated.qualifier is Qualifier.ABOVE:
        return Missing(f"unstimulated value above the range (>{unstimulated.pg_per_ml:.10g} pg/mL)"), ()
    notes = []
    if stimulated.qualifier is Qualifier.ABOVE:
        bound = f"more than ULOQ × dilution = {stimulated.pg_per_ml:.10g} pg/mL"
        notes.append(f"Stimulated value above the range: {bound}.")
    if unstimulated.qualifier is Qualifier.BELOW:
        bound = f"LLOQ × dilution = {unstimulated.pg_per_ml:.10g} pg/mL"
        notes.append(f"Unstimulated value below the range: counted as {bound}.")
    net = stimulated.pg_per_ml - unstimulated.pg_per_ml
    return Measured(qualifier=stimulated.qualifier, pg_per_ml=net), tuple(notes)


def _reportable(net: Measured, method: Method) -> Reportable:
    raw = net.pg_per_ml
    if method.normalisation:
        volume, cells = method.normalisation.culture_volume_ml, method.normalisation.viable_cells_per_well
        raw = raw * float(volume) / float(cells) * 1e6
    return Reportable(
        qualifier=net.qualifier,
        value=round_to_decimals(raw, method.decimals),
        raw=raw,
        unit=method.unit,
    )
