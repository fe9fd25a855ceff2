"""Net cytokines of a multiplex plate: each analyte by a standard curve, a range and criteria of its own.

Every analyte is computed as the release assay of one cytokine is. One that the method calls needed makes the run
invalid when it fails; another one that fails has no result, and the others stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assays.attributes import ATTRIBUTES
from assays.kernel import ifng
from assays.kernel.fourpl import Curve, Weighting
from assays.kernel.ifng.plate import arrange_plate
from assays.kernel.missing import Missing
from assays.kernel.replicates import Mean
from assays.rules.multiplex import of_analyte
from assays.rules.plates import WellFacts, undiluted_or_too_long
from assays.rules.reported import Reported
from assays.rules.rows import STIMULATED, UNSTIMULATED
from assays.rules.values import Value

from .calculation import Calculation, Material, Shape
from .net_cytokine import assay_wells, value_of
from .net_cytokine_again import second_opinion
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
    within_percent,
)
from .second_opinion import SecondOpinion
from .settings import AttributeCode, percent, setting

LINE_POINTS = 60
PG = "pg/mL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyte:
    name: str = setting("Name in the export")
    attribute: AttributeCode = setting("Attribute")
    blank_limit: Decimal = setting("Mean blank at most", unit="signal")
    lloq_pg_per_ml: Decimal | None = setting("Lower limit of the range", unit=PG, minimum=0, default=None)
    uloq_pg_per_ml: Decimal | None = setting("Upper limit of the range", unit=PG, minimum=0, default=None)
    nominal_times: Decimal = setting(
        "Layout's nominal values times",
        default=Decimal(1),
        minimum="0.000001",
        help="Of standards whose file tells no concentrations.",
    )
    is_needed: bool = setting("The run is invalid without it", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    analytes: tuple[Analyte, ...] = setting("Analyte")
    minimum_beads: int = setting(
        "Beads of a well at least", default=50, minimum=0, maximum=1000, help="Where the reader counts them."
    )
    weighting: Weighting = setting("Weighting of the curves", default=Weighting.ONE_OVER_Y2)
    minimum_levels: int = setting("Standard levels needed", default=6, minimum=5, maximum=48)
    recovery_tolerance_percent: Decimal = percent("Standards recovered within ±", default=20)
    recovery_tolerance_at_limits_percent: Decimal = percent("… at the limits of the range ±", default=25)
    passing_levels_percent: Decimal = percent("Standard levels that must pass", default=75, maximum=100)
    cv_limit_percent: Decimal = percent("Replicate CV at most", default=20)
    cv_limit_at_limits_percent: Decimal = percent("… at the limits of the range", default=25)
    dilution_cv_limit_percent: Decimal = percent("CV between dilutions at most", default=20)
    control_tolerance_percent: Decimal = percent("Controls within ±", default=25)
    combination: Mean = setting("Mean of the dilutions", default=Mean.ARITHMETIC)

    def __post_init__(self) -> None:
        if not self.analytes:
            raise ValueError("at least one analyte is needed.")
        for part, what in (("name", "name"), ("attribute", "attribute")):
            told = [getattr(analyte, part) for analyte in self.analytes]
            if len(set(told)) < len(told):
                raise ValueError(f"two analytes have the same {what}.")
        if not any(analyte.is_needed for analyte in self.analytes):
            raise ValueError("a run is invalid without at least one of its analytes.")

    @property
    def nominal_times(self) -> dict[str, Decimal]:
        """By name, in the order of the method."""
        return {analyte.name: analyte.nominal_times for analyte in self.analytes}

    def kernel(self, analyte: Analyte, *, decimals: int) -> ifng.Method:
        return ifng.Method(
            weighting=self.weighting,
            minimum_levels=self.minimum_levels,
            lloq_pg_per_ml=analyte.lloq_pg_per_ml,
            uloq_pg_per_ml=analyte.uloq_pg_per_ml,
            recovery_tolerance_percent=self.recovery_tolerance_percent,
            recovery_tolerance_at_limits_percent=self.recovery_tolerance_at_limits_percent,
            passing_levels_percent=self.passing_levels_percent,
            cv_limit_percent=self.cv_limit_percent,
            cv_limit_at_limits_percent=self.cv_limit_at_limits_percent,
            dilution_cv_limit_percent=self.dilution_cv_limit_percent,
            control_tolerance_percent=self.control_tolerance_percent,
            blank_limit=analyte.blank_limit,
            combination=self.combination,
            decimals=decimals,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One analyte of the plate. `criteria` are all of its own, named by it; `why_not` says why it gives no result."""

    analyte: Analyte
    outcome: ifng.RunOutcome
    opinion: SecondOpinion | None
    criteria: tuple[ifng.Criterion, ...]
    points: tuple[Point, ...]

    @property
    def why_not(self) -> str:
        return ifng.first_failure(self.criteria)


def check(results: Sequence[Reported], settings: Settings) -> str:
    told = [analyte.attribute for analyte in settings.analytes]
    if strange := next((code for code in told if code not in ATTRIBUTES or ATTRIBUTES[code].unit != PG), ""):
        return f"“{strange}” is no attribute in {PG}."
    if sorted(told) != sorted(result.attribute for result in results):
        return f"they are to be those of the analytes: {', '.join(told)}."
    if any(result.significant is not None for result in results):
        return "concentrations are rounded to decimals."
    return ""


def refusal_of(material: Material) -> str:
    settings: Settings = material.settings
    there = {well.analyte for well in material.wells}
    for analyte in settings.analytes:
        if analyte.name not in there:
            return f"The plate has no analyte “{analyte.name}”, which the method asks for."
        own = _wells(material, analyte)
        if why := undiluted_or_too_long(own, material.names):
            return why
        try:
            arrange_plate(assay_wells(own, material.names))
        except ifng.UnableToCompute as refusal:
            return f"{analyte.name}: {refusal}"
    return ""


def compute(material: Material) -> Outcome:
    if why := refusal_of(material):
        raise UnableToCompute(why)
    settings: Settings = material.settings
    measured = [_measured(material, analyte) for analyte in settings.analytes]
    opinions = {one.analyte.name: one.opinion for one in measured if one.opinion}
    return found(
        code="net_cytokines",
        criteria=[
            *material.before,
            *(criterion for one in measured if one.analyte.is_needed for criterion in one.criteria),
        ],
        values=_values(material, measured),
        tables=[
            *(_criteria_table(one) for one in measured if not one.analyte.is_needed),
            *(table for one in measured for table in (_standards_table(one), _samples_table(one))),
        ],
        charts=[_chart(one) for one in measured],
        warnings=[
            f"{one.analyte.name} gives no result: {one.why_not}"
            for one in measured
            if one.why_not and not one.analyte.is_needed
        ],
        controls=[
            ControlFound(
                name=f"{control.name} {one.analyte.name}",
                value=decimal_or_missing(control.concentration.mean),
                unit=PG,
                **within_percent(control.nominal_pg_per_ml, settings.control_tolerance_percent),
            )
            for one in measured
            for control in one.outcome.controls
        ],
        second_solver=_together(opinions).kept if opinions else None,
    )


def _wells(material: Material, analyte: Analyte) -> list[WellFacts]:
    """Its wells, dilutions as people write them; one with too few beads counts as not read."""
    least = material.settings.minimum_beads
    found = []
    for well in of_analyte(material.wells, analyte.name):
        if well.dilution is not None:
            well = replace(well, dilution=Decimal(f"{well.dilution.normalize():f}"))
        if well.bead_count is not None and well.bead_count < least and not well.missing:
            well = replace(well, missing=f"{well.bead_count} beads, at least {least} are needed")
        found.append(well)
    return found


def _measured(material: Material, analyte: Analyte) -> Measured:
    decimals = next(one.decimals for one in material.results if one.attribute == analyte.attribute)
    method = material.settings.kernel(analyte, decimals=decimals)
    own = _wells(material, analyte)
    wells = assay_wells(own, material.names)
    outcome = ifng.compute_run(wells=wells, method=method)
    opinion = second_opinion(wells, method, outcome)
    criteria = [*outcome.criteria, *([opinion.criterion] if opinion else [])]
    return Measured(
        analyte=analyte,
        outcome=outcome,
        opinion=opinion,
        criteria=tuple(_of(analyte, criterion) for criterion in criteria),
        points=tuple(_points(own, outcome)),
    )


def _of(analyte: Analyte, criterion: ifng.Criterion) -> ifng.Criterion:
    """A blank is in the reader's own unit, which is no absorbance."""
    unit = "signal" if criterion.unit == "AU" else criterion.unit
    return replace(criterion, name=f"{analyte.name}: {criterion.name}", unit=unit)


def _points(wells: Sequence[WellFacts], outcome: ifng.RunOutcome):
    blank = outcome.blank.mean
    for well in wells:
        response = well.response
        if well.role == "standard" and well.nominal and not isinstance(response, Missing):
            height = float(response) - (0.0 if isinstance(blank, Missing) else blank)
            label = f"{well.instrument_name} {well.position}"
            yield Point(x=float(well.nominal), y=height, label=label)


def _values(material: Material, measured: Sequence[Measured]) -> dict[str, tuple[Value, ...]]:
    by_attribute: dict[str, Measured] = {one.analyte.attribute: one for one in measured}
    stages = {name.sample: name.stage for name in material.names.values()}
    return {
        sample: tuple(_value(by_attribute[result.attribute], sample) for result in material.results_at(stage))
        for sample, stage in sorted(stages.items())
    }


def _value(measured: Measured, sample: str) -> Value:
    attribute = measured.analyte.attribute
    if measured.why_not:
        return Value(attribute=attribute, missing=f"analyte invalid: {measured.why_not}")
    own = next((one for one in measured.outcome.samples if one.name == sample), None)
    if own is None:
        return Value(attribute=attribute, missing="no wells of this sample")
    return replace(value_of(own), attribute=attribute)


def _together(opinions: Mapping[str, SecondOpinion]) -> SecondOpinion:
    """Of all analytes, each number named by its own."""
    return SecondOpinion(
        compared=tuple(
            replace(number, name=f"{name}, {number.name}")
            for name, one in opinions.items()
            for number in one.compared
        ),
        problem="; ".join(f"{name}: {one.problem}" for name, one in opinions.items() if one.problem),
    )


def _criteria_table(one: Measured) -> Table:
    """Of an analyte that the run may be without."""
    return Table(
        title=f"{one.analyte.name}: criteria of this analyte alone",
        columns=tuple(Column(name=name) for name in ("Criterion", "Found", "Allowed", "Verdict")),
        rows=tuple(
            (criterion.name, criterion.value, criterion.limit, "Pass" if criterion.passed else "FAIL")
            for criterion in one.criteria
        ),
    )


def _standards_table(one: Measured) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            f"standard {level.nominal_pg_per_ml.normalize():f}" + (" (anchor)" if level.is_anchor else ""),
            ", ".join(level.positions),
            level.concentration.mean,
            level.concentration.cv_percent,
            level.recovery_percent,
            "exempt" if level.is_anchor else "Pass" if level.passed else "FAIL",
        )
        for level in one.outcome.standards
    ]
    rows += [
        (
            f"{control.name}, {control.nominal_pg_per_ml.normalize():f}",
            ", ".join(control.positions),
            control.concentration.mean,
            control.concentration.cv_percent,
            control.recovery_percent,
            "Pass" if control.passed else "FAIL",
        )
        for control in one.outcome.controls
    ]
    return Table(
        title=f"{one.analyte.name}: standards and controls read back",
        columns=(
            Column(name="Level", unit=PG),
            Column(name="Wells"),
            Column(name="Read back", unit=PG),
            Column(name="CV", unit="%"),
            Column(name="Recovery", unit="%"),
            Column(name="Verdict"),
        ),
        rows=tuple(rows),
    )


def _samples_table(one: Measured) -> Table:
    return Table(
        title=f"{one.analyte.name}: samples, dilution by dilution",
        columns=(
            Column(name="Sample"),
            Column(name="Condition"),
            Column(name="Dilution"),
            Column(name="Wells"),
            Column(name="Read", unit=PG),
            Column(name="CV", unit="%"),
            Column(name="× dilution", unit=PG),
            Column(name="Used"),
        ),
        rows=tuple(
            (
                sample.name,
                part.condition.value,
                f"1 : {dilution.dilution_factor.normalize():f}",
                ", ".join(well.position for well in dilution.wells),
                dilution.concentration.mean,
                dilution.concentration.cv_percent,
                dilution.corrected_pg_per_ml,
                "yes" if dilution.used else f"no: {dilution.reason}",
            )
            for sample in one.outcome.samples
            for part in (sample.stimulated, sample.unstimulated)
            for dilution in part.dilutions
        ),
    )


def _chart(one: Measured) -> Chart:
    curve = one.outcome.curve
    line: tuple[tuple[float, float], ...] = ()
    formula = ""
    if isinstance(curve, Curve) and one.points:
        low, high = min(point.x for point in one.points), max(point.x for point in one.points)
        steps = [low * (high / low) ** (step / (LINE_POINTS - 1)) for step in range(LINE_POINTS)]
        line = tuple((x, curve.response_at(x)) for x in steps)
        parameters = f"a {curve.a:.5g} · b {curve.b:.5g} · c {curve.c:.5g} {PG} · d {curve.d:.5g}"
        formula = f"y = d + (a − d)/(1 + (x/c)^b) · {parameters}"
    return Chart(
        title=f"{one.analyte.name}: standard curve",
        x=Column(name=one.analyte.name, unit=PG),
        y=Column(name="Signal after blank"),
        x_is_logarithmic=True,
        y_is_logarithmic=all(point.y > 0 for point in one.points),
        series=(Series(name=one.analyte.name, points=one.points, line=line),),
        formula=formula,
    )


NET_CYTOKINES = Calculation(
    code="net_cytokines",
    name="Net cytokines of a multiplex plate, 4PL standard curves",
    shape=Shape.MULTIPLEX,
    settings=Settings,
    check=check,
    compute=compute,
    refusal_of=refusal_of,
    conditions=(STIMULATED, UNSTIMULATED),
)
