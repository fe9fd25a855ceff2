"""Net cytokine of one standard curve: stimulated − unstimulated, by the kernel's release assay."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from assays.attributes import IFNG_NET
from assays.kernel import ifng
from assays.kernel.fourpl import Weighting
from assays.kernel.ifng.plate import arrange_plate
from assays.kernel.missing import Missing
from assays.kernel.plain import to_plain
from assays.kernel.replicates import Mean
from assays.kernel.rounding import as_decimal
from assays.rules.plates import WellFacts, undiluted_or_too_long
from assays.rules.reported import Reported
from assays.rules.rows import STIMULATED, UNSTIMULATED
from assays.rules.values import Named, Value

from .calculation import Calculation, Material, Shape
from .net_cytokine_again import second_opinion
from .outcome import ControlFound, Outcome, UnableToCompute, decimal_or_missing, within_percent
from .settings import percent, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The kernel's settings but those that the result says (decimals)."""

    weighting: Weighting = setting("Weighting of the curve", default=Weighting.ONE_OVER_Y2)
    minimum_levels: int = setting("Standard levels needed", default=6, minimum=5, maximum=48)
    lloq_pg_per_ml: Decimal | None = setting(
        "Lower limit of the range", unit="pg/mL", minimum=0, default=None, help="Open: the lowest standard."
    )
    uloq_pg_per_ml: Decimal | None = setting(
        "Upper limit of the range", unit="pg/mL", minimum=0, default=None, help="Open: the highest standard."
    )
    recovery_tolerance_percent: Decimal = percent("Standards recovered within ±", default=20)
    recovery_tolerance_at_limits_percent: Decimal = percent("… at the limits of the range ±", default=25)
    passing_levels_percent: Decimal = percent("Standard levels that must pass", default=75, maximum=100)
    cv_limit_percent: Decimal = percent("Replicate CV at most", default=20)
    cv_limit_at_limits_percent: Decimal = percent("… at the limits of the range", default=25)
    dilution_cv_limit_percent: Decimal = percent("CV between dilutions at most", default=20)
    control_tolerance_percent: Decimal = percent("Controls within ±", default=20)
    blank_limit: Decimal = setting("Mean blank at most", unit="AU", default=Decimal("0.2"))
    combination: Mean = setting("Mean of the dilutions", default=Mean.ARITHMETIC)

    def kernel(self, *, decimals: int) -> ifng.Method:
        said = {item.name: getattr(self, item.name) for item in fields(self)}
        return ifng.Method(**said, decimals=decimals)


def check(results: Sequence[Reported], _settings: Settings) -> str:
    if [(result.attribute, result.significant) for result in results] != [(IFNG_NET.code, None)]:
        return f"this calculation reports {IFNG_NET.code} alone, rounded to decimals."
    return ""


def refusal_of(material: Material) -> str:
    if why := undiluted_or_too_long(material.wells, material.names):
        return why
    try:
        arrange_plate(assay_wells(material.wells, material.names))
    except ifng.UnableToCompute as refusal:
        return str(refusal)
    return ""


def compute(material: Material) -> Outcome:
    method = material.settings.kernel(decimals=material.results[0].decimals)
    wells = assay_wells(material.wells, material.names)
    try:
        outcome = ifng.compute_run(wells=wells, method=method)
    except ifng.UnableToCompute as refusal:
        raise UnableToCompute(str(refusal)) from refusal
    opinion = second_opinion(wells, method, outcome)
    solved = (opinion.criterion,) if opinion else ()
    if invalid := ifng.first_failure((*material.before, *solved)):
        why = Missing(f"run invalid: {invalid}")
        outcome = replace(
            outcome, samples=tuple(replace(sample, net=why, notes=()) for sample in outcome.samples)
        )
    outcome = replace(outcome, criteria=(*material.before, *outcome.criteria, *solved))
    return Outcome(
        criteria=outcome.criteria,
        values={sample.name: (value_of(sample),) for sample in outcome.samples},
        kept=to_plain(outcome),
        controls=tuple(
            ControlFound(
                name=control.name,
                value=decimal_or_missing(control.concentration.mean),
                unit="pg/mL",
                **within_percent(control.nominal_pg_per_ml, method.control_tolerance_percent),
            )
            for control in outcome.controls
        ),
        second_solver=opinion.kept if opinion else None,
    )


def assay_wells(wells: Iterable[WellFacts], names: Mapping[str, Named]) -> list[ifng.AssayWell]:
    """Wells for the kernel; of samples those that were named, each with its condition."""
    return [
        _assay_well(well, names.get(well.instrument_name))
        for well in wells
        if well.role != "empty" and (well.role != "sample" or well.instrument_name in names)
    ]


def value_of(sample: ifng.SampleOutcome) -> Value:
    """The reportable value of one sample."""
    if not isinstance(sample.net, ifng.Reportable):
        return Value(attribute=IFNG_NET.code, missing=sample.net.reason)
    return Value(
        attribute=IFNG_NET.code,
        raw=as_decimal(sample.net.raw),
        qualifier={ifng.Qualifier.EXACT: "="}.get(sample.net.qualifier, sample.net.qualifier.value),
        notes=" ".join(sample.notes),
    )


def _assay_well(well: WellFacts, name: Named | None) -> ifng.AssayWell:
    is_sample = name is not None and well.role == "sample"
    condition = name.condition if name is not None and is_sample else ""
    return ifng.AssayWell(
        position=well.position,
        role=ifng.Role(well.role),
        response=well.response,
        nominal_pg_per_ml=well.nominal,
        name=name.sample if name is not None and is_sample else well.instrument_name,
        condition=ifng.Condition(condition) if condition else None,
        dilution_factor=well.dilution if well.dilution is not None else Decimal(1),
        mask_reason=well.masked,
    )


NET_CYTOKINE = Calculation(
    code="net_cytokine",
    name="Net cytokine, 4PL standard curve",
    shape=Shape.PLATE,
    settings=Settings,
    check=check,
    compute=compute,
    refusal_of=refusal_of,
    conditions=(STIMULATED, UNSTIMULATED),
)
