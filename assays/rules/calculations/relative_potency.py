"""Relative potency of samples against a reference standard on one plate, refused where they are not similar.

The layout's standards are the reference, their nominal values its doses; a sample's dose is that of the undiluted
sample over its dilution. Potency = assigned potency · R. A run is valid by its reference; a sample that is not similar
has no potency and makes no run invalid. A method may ask for several independent assays; the result comes with the
last of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from math import exp, log

import numpy as np
import scipy

from assays.attributes import RELATIVE_POTENCY
from assays.kernel.combination import variance_from_limits
from assays.kernel.forms import Form, fit_form
from assays.kernel.ifng import Criterion, first_failure
from assays.kernel.lines import fit_line
from assays.kernel.missing import Missing
from assays.kernel.rounding import as_decimal
from assays.kernel.status import UnableToAnswer
from assays.rules.plates import WellFacts, undiluted_or_too_long
from assays.rules.reported import Reported
from assays.rules.values import Value

from .calculation import Calculation, Material, Shape
from .combined_assays import Assay, Combination, Together, combine, limits_of
from .criteria import at_least, at_most, figure
from .outcome import (
    ControlFound,
    Outcome,
    UnableToCompute,
    decimal_or_missing,
    found,
)
from .relative_potency_settings import Compared, Doses, Settings, response_of
from .relative_potency_shown import (
    assays_table,
    chart,
    parameters_table,
    potency_table,
    similarity_table,
    variants_table,
)
from .second_opinion import SecondOpinion
from .similarity import Comparison, CurveModel, Points, compare_with_reference
from .wells import dilutions_of, group_of, without

FEWEST_DOSES = 3
SOLVER = "SciPy least_squares and NumPy lstsq, with other parameters and starts"


def check(results: Sequence[Reported], _settings: Settings) -> str:
    if [result.attribute for result in results] != [RELATIVE_POTENCY.code]:
        return f"this calculation reports {RELATIVE_POTENCY.code} alone."
    return ""


def assays_of(settings: Settings) -> int:
    return settings.assays


def refusal_of(material: Material) -> str:
    settings: Settings = material.settings
    if why := without(material, [settings.control] if settings.control else []):
        return why
    nameless = next(
        (well for well in material.wells if _is_known(well, settings) and well.nominal is None), None
    )
    if nameless:
        return f"Well {nameless.position} ({nameless.instrument_name}) has no dose in the layout."
    doses = {well.nominal for well in material.wells if well.role == "standard"}
    if len(doses) < FEWEST_DOSES:
        return f"The reference has {len(doses)} doses; at least {FEWEST_DOSES} are needed."
    return undiluted_or_too_long(material.wells, material.names)


def compute(material: Material) -> Outcome:
    if why := refusal_of(material):
        raise UnableToCompute(why)
    settings: Settings = material.settings
    reference = _by_nominal(material, lambda well: well.role == "standard")
    samples = {
        sample: _compared(settings, sample, reference, _doses_of(settings, dilutions))
        for sample, dilutions in sorted(dilutions_of(material).items())
    }
    control = None
    if settings.control:
        own = _by_nominal(material, lambda well: well.instrument_name == settings.control)
        control = _compared(settings, settings.control, reference, own)
    every = [*samples.values(), *([control] if control else [])]
    opinion = _second_opinion(every)
    r2, place = _alone(settings, reference)
    criteria = [
        *material.before,
        *_criteria(settings, reference, r2, control),
        *([opinion.criterion] if opinion else []),
    ]
    is_valid = not first_failure(criteria)
    own_assays = {
        name: one for name, sample in samples.items() if (one := _assay(settings, sample)) and is_valid
    }
    groups = {name: (*material.earlier.get(name, ()), one) for name, one in own_assays.items()}
    together = {
        name: combine(group, confidence=settings.asked.confidence)
        for name, group in groups.items()
        if settings.assays > 1 and len(group) >= settings.assays
    }
    return found(
        code="relative_potency",
        criteria=criteria,
        values={
            name: _values(settings, sample, groups.get(name, ()), together.get(name))
            for name, sample in samples.items()
        },
        tables=[
            potency_table(settings, every),
            similarity_table(every),
            parameters_table(every),
            *(assays_table(settings, name, groups[name]) for name in together),
            *(variants_table(settings, name, one) for name, one in together.items()),
        ],
        charts=[chart(settings, reference, one) for one in every],
        warnings=[
            f"{name}: assay {len(group)} of {settings.assays}; the result comes with the last of them."
            for name, group in groups.items()
            if settings.assays > 1 and name not in together
        ],
        controls=_found_of_controls(settings, place, control),
        second_solver=opinion.kept if opinion else None,
        assays={
            name: _kept(one, groups[name] if name in together else ()) for name, one in own_assays.items()
        },
    )


def _is_known(well: WellFacts, settings: Settings) -> bool:
    return well.role == "standard" or (bool(settings.control) and well.instrument_name == settings.control)


def _by_nominal(material: Material, belongs: Callable[[WellFacts], bool]) -> dict[Decimal, list[WellFacts]]:
    doses: dict[Decimal, list[WellFacts]] = {}
    for well in material.wells:
        if well.nominal is not None and belongs(well):
            doses.setdefault(well.nominal, []).append(well)
    return doses


def _doses_of(settings: Settings, dilutions: Doses) -> dict[Decimal, Sequence[WellFacts]]:
    return {settings.sample_dose / dilution: wells for dilution, wells in dilutions.items()}


def _compared(settings: Settings, name: str, reference: Doses, own: Doses) -> Compared:
    comparison: Comparison | Missing
    why = _disagreement(settings, own)
    if why:
        comparison = Missing(why)
    else:
        points = _points(settings, reference, own)
        comparison = points if isinstance(points, Missing) else compare_with_reference(points, settings.asked)
    if isinstance(comparison, Missing):
        return Compared(name=name, doses=own, comparison=comparison, why_not=comparison.reason)
    return Compared(name=name, doses=own, comparison=comparison, why_not=_why_not(settings, comparison))


def _disagreement(settings: Settings, doses: Doses) -> str:
    for dose, wells in doses.items():
        group = group_of(f"dose {float(dose):.4g}", wells)
        cv = group.signal.cv_percent
        if not isinstance(cv, Missing) and cv > (limit := settings.cv_limit_percent):
            return f"{group.name}: replicate CV {figure(cv, 1, limit)} %, above {limit} %"
    return ""


def _why_not(settings: Settings, comparison: Comparison) -> str:
    if comparison.differs:
        return f"not similar to the reference: {comparison.differs}"
    limits = comparison.reported
    if isinstance(limits, Missing):
        return f"no limits: {limits.reason}"
    if (width := limits[1] / limits[0]) > settings.width:
        return f"upper over lower limit {figure(width, 2, settings.width)}, above {settings.width}"
    return ""


def _points(settings: Settings, reference: Doses, own: Doses) -> Points | Missing:
    spots = [
        (float(dose), response, is_sample)
        for doses, is_sample in ((reference, False), (own, True))
        for dose, wells in doses.items()
        for well in wells
        if not isinstance(response := response_of(settings, well), Missing)
    ]
    if settings.model is CurveModel.LINES:  # dose 0 has no logarithm
        spots = [spot for spot in spots if spot[0] > 0]
    if not spots:
        return Missing("no readable well")
    doses, responses, is_sample = zip(*spots, strict=True)
    return Points(doses=doses, responses=responses, is_sample=is_sample)


def _criteria(
    settings: Settings, reference: Doses, r2: float | Missing, control: Compared | None
) -> list[Criterion]:
    cvs = [group_of("", wells).signal.cv_percent for wells in reference.values()]
    read = [cv for cv in cvs if not isinstance(cv, Missing)]
    worst: float | Missing = max(read) if read else Missing("no dose has two readable wells")
    means = [
        mean
        for wells in reference.values()
        if not isinstance(mean := group_of("", wells).signal.mean, Missing)
    ]
    window: float | Missing = Missing("no readable well")
    if means:
        low, high = min(means), max(means)
        window = high / low if low > 0 else Missing("the lowest response is not above zero")
    return [
        at_most("Reference, largest replicate CV", worst, settings.cv_limit_percent, "%"),
        at_least("Reference, r² of its own curve", r2, settings.r2),
        at_least("Reference, highest over lowest response", window, settings.window, "×"),
        *([_control_criterion(settings, control)] if control else []),
    ]


def _alone(settings: Settings, reference: Doses) -> tuple[float | Missing, float | Missing]:
    """Of the reference alone: 1 − residual over total sum of squares, and its location C, of a line its slope."""
    points = _points(settings, reference, {})
    if isinstance(points, Missing):
        return points, points
    x, y = np.array(points.doses), np.array(points.responses)
    try:
        if settings.model is CurveModel.LINES:
            line = fit_line(np.log(x), y)
            rss, place = line.rss, line.slope
        else:
            fit = fit_form(x, y, np.ones(len(y)), model=settings.model.logistic, form=Form.ABCD)
            rss, place = fit.rss, exp(float(fit.gamma[0]))
    except UnableToAnswer as refusal:
        return refusal.answer, refusal.answer
    total = float(((y - y.mean()) ** 2).sum())
    return 1 - rss / total if total else Missing("all responses are the same"), place


def _control_criterion(settings: Settings, control: Compared) -> Criterion:
    value = _percent(settings, control)
    low, high = settings.control_minimum_percent, settings.control_maximum_percent
    return Criterion(
        name=f"{control.name}, relative potency",
        value=value,
        unit="%",
        limit=f"similar, {low} to {high} %",
        passed=not isinstance(value, Missing) and low <= value <= high,
    )


def _percent(settings: Settings, one: Compared) -> float | Missing:
    """Assigned potency times R, where there is one."""
    if one.why_not or isinstance(one.comparison, Missing):
        return Missing(one.why_not)
    return float(settings.assigned_potency) * one.comparison.ratio


def _found_of_controls(
    settings: Settings, place: float | Missing, control: Compared | None
) -> list[ControlFound]:
    """The known sample's potency; and where the reference alone lies, which tells a plate that drifts."""
    name = "Slope of the reference" if settings.model is CurveModel.LINES else "C of the reference"
    readings = [ControlFound(name=name, value=decimal_or_missing(place), unit="")]
    if control:
        value = decimal_or_missing(_percent(settings, control))
        readings.append(ControlFound(name=control.name, value=value, unit="%"))
    return readings


def _second_opinion(every: Sequence[Compared]) -> SecondOpinion | None:
    fitted = [(one.name, one.comparison) for one in every if not isinstance(one.comparison, Missing)]
    if not fitted:
        return None
    compared = [
        replace(number, name=f"{name}, {number.name}") for name, one in fitted for number in one.compared
    ]
    return SecondOpinion(
        compared=tuple(compared), solver=SOLVER, version=f"SciPy {scipy.__version__}, NumPy {np.__version__}"
    )


def _assay(settings: Settings, one: Compared) -> Assay | None:
    """What is combined with others: ln R, and its variance by the reported limits."""
    if one.why_not or isinstance(one.comparison, Missing) or isinstance(one.comparison.reported, Missing):
        return None
    low, high = one.comparison.reported
    [variance] = variance_from_limits(
        np.array([log(low)]),
        np.array([log(high)]),
        np.array([one.comparison.df]),
        confidence=settings.asked.confidence,
    )
    return Assay(run=0, log_ratio=one.comparison.log_ratio, variance=float(variance), df=one.comparison.df)


def _kept(one: Assay, group: Sequence[Assay]) -> dict:
    """`closes`: the earlier runs that this one was combined with; none is combined twice."""
    return {
        "log_ratio": one.log_ratio,
        "variance": one.variance,
        "df": one.df,
        "combined": bool(group),
        "closes": [other.run for other in group if other.run],
    }


def _values(
    settings: Settings, one: Compared, group: Sequence[Assay], together: Together | None
) -> tuple[Value, ...]:
    code = RELATIVE_POTENCY.code
    if one.why_not or isinstance(one.comparison, Missing) or isinstance(one.comparison.reported, Missing):
        return (Value(attribute=code, missing=one.why_not),)
    if settings.assays == 1 or not group:
        return (_value(settings, one.comparison.ratio, one.comparison.reported, "one assay"),)
    if together is None:
        return ()
    chosen = together.variants[settings.combination]
    if isinstance(chosen, Missing):
        return (Value(attribute=code, missing=chosen.reason),)
    tested = together.homogeneity
    if settings.combination is Combination.WEIGHTED and not together.is_homogeneous:
        critical = "" if isinstance(tested, Missing) else f"{tested.critical:.2f}"
        why = (
            tested.reason
            if isinstance(tested, Missing)
            else f"χ² {figure(tested.chi2, 2, Decimal(critical))}, above {critical}"
        )
        return (Value(attribute=code, missing=f"a weighted mean is of homogeneous assays; here {why}"),)
    runs = ", ".join(f"run {other.run}" for other in group if other.run)
    told = f"{settings.combination.value} of {len(group)} assays, with {runs}"
    if not isinstance(tested, Missing):
        told += f"; homogeneity χ² {tested.chi2:.2f}, p {tested.p:.3g}"
    return (_value(settings, exp(chosen.mean), limits_of(chosen), told),)


def _value(settings: Settings, ratio: float, limits: tuple[float, float] | Missing, told: str) -> Value:
    assigned = float(settings.assigned_potency)
    words = (
        f"no limits: {limits.reason}"
        if isinstance(limits, Missing)
        else f"{settings.confidence_percent} % limits {assigned * limits[0]:.4g} to {assigned * limits[1]:.4g} %"
    )
    return Value(attribute=RELATIVE_POTENCY.code, raw=as_decimal(assigned * ratio), notes=f"{words}; {told}")


RELATIVE = Calculation(
    code="relative_potency",
    name="Relative potency, parallel curves or lines",
    shape=Shape.PLATE,
    settings=Settings,
    check=check,
    compute=compute,
    refusal_of=refusal_of,
    assays_of=assays_of,
)
