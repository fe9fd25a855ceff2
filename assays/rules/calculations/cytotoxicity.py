"""Killing of target cells in co-culture: specific lysis at one effector-to-target ratio, and lytic units.

The effectors are diluted on the plate: a well of dilution n has the highest ratio ÷ n. Lysis is
100·(sample − spontaneous)/(maximum − spontaneous) of mean signals, so it falls or rises with the signal alike. Where
the plate has no wells of maximum lysis, nothing but medium stands for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from assays.attributes import CYTOTOXICITY, LYTIC_UNITS
from assays.kernel.cytotoxicity import et_ratio_at, lytic_units, specific_lysis_percent
from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.kernel.rounding import as_decimal
from assays.rules.plates import WellFacts, undiluted_or_too_long
from assays.rules.reported import Reported
from assays.rules.values import Value

from .calculation import Calculation, Material, Shape
from .criteria import at_least, between, figure
from .outcome import (
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
from .settings import percent, setting
from .wells import Group, control, cv_criterion, dilutions_of, group_of, without

LYTIC_UNIT_PERCENT = 30.0  # LU30 …
LYTIC_UNIT_EFFECTORS = 1e7  # … per 10⁷ effector cells


class Readout(StrEnum):
    LIVING = "signal of living targets"  # luciferase: falls with lysis
    RELEASED = "signal released by lysis"  # LDH, chromium: rises


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    targets: str = setting("Control: target cells alone", help="As the layout names its wells.")
    maximum: str = setting("Control: maximum lysis, or medium alone", help="As the layout names its wells.")
    readout: Readout = setting("The signal is", default=Readout.LIVING)
    highest_ratio: Decimal = setting("E:T ratio of undiluted effectors", minimum="0.001", maximum=1000)
    reported_ratio: Decimal = setting("E:T ratio of the reported lysis", minimum="0.001", maximum=1000)
    targets_per_well: Decimal = setting("Target cells in a well", unit="cells", minimum=1)
    window: Decimal = setting(
        "Signals of the two controls differ at least by", unit="×", default=Decimal(4), minimum=1
    )
    cv_limit_percent: Decimal = percent("Replicate CV at most", default=20)
    effectors: str = setting("Control: effectors of a known lot", default="", help="Open: none.")
    effectors_minimum_percent: Decimal = percent("… lyse at least", default=0)
    effectors_maximum_percent: Decimal = percent("… lyse at most", default=100)

    def __post_init__(self) -> None:
        if self.reported_ratio > self.highest_ratio:
            raise ValueError("the reported E:T ratio is above that of undiluted effectors.")
        if self.targets == self.maximum:
            raise ValueError("both controls have the same name.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Replicate wells of one sample at one ratio."""

    ratio: float
    group: Group
    lysis_percent: float | Missing


def check(results: Sequence[Reported], _settings: Settings) -> str:
    for result in results:
        if result.attribute not in FOUND:
            return f"this calculation reports {' and '.join(FOUND)}, not {result.attribute}."
    return ""


def refusal_of(material: Material) -> str:
    lacking = without(material, _controls(material.settings))
    return lacking or undiluted_or_too_long(material.wells, material.names)


def compute(material: Material) -> Outcome:
    if why := without(material, _controls(material.settings)):
        raise UnableToCompute(why)
    settings: Settings = material.settings
    targets, maximum = control(material, settings.targets), control(material, settings.maximum)
    samples = {
        sample: _levels(dilutions, targets, maximum, settings)
        for sample, dilutions in sorted(dilutions_of(material).items())
    }
    stages = {name.sample: name.stage for name in material.names.values()}
    return found(
        code="cytotoxicity",
        criteria=[*material.before, *_criteria(material, targets, maximum)],
        values={
            sample: tuple(
                FOUND[result.attribute](levels, settings) for result in material.results_at(stages[sample])
            )
            for sample, levels in samples.items()
        },
        tables=[_table(samples)],
        charts=[_chart(samples)],
        controls=_found_of_effectors(material, targets, maximum),
    )


def _controls(settings: Settings) -> list[str]:
    return [name for name in (settings.targets, settings.maximum, settings.effectors) if name]


def _criteria(material: Material, targets: Group, maximum: Group) -> list[Criterion]:
    settings: Settings = material.settings
    criteria = [
        cv_criterion(targets, limit=settings.cv_limit_percent),
        cv_criterion(maximum, limit=settings.cv_limit_percent),
        _window(targets, maximum, settings),
    ]
    if settings.effectors:
        criteria.append(_known_effectors(material, targets, maximum))
    return criteria


def _window(targets: Group, maximum: Group, settings: Settings) -> Criterion:
    """A plate whose controls lie close together, or the wrong way round, tells nothing of lysis."""
    high, low = targets.signal.mean, maximum.signal.mean
    if settings.readout is Readout.RELEASED:
        high, low = low, high
    if isinstance(high, Missing) or isinstance(low, Missing):
        value: float | Missing = Missing("a control has no readable well")
    elif low <= 0:
        value = Missing("the lower of the two controls is not above zero")
    else:
        value = high / low
    return at_least("Window between the controls", value, settings.window, "×")


def _found_of_effectors(material: Material, targets: Group, maximum: Group) -> list[ControlFound]:
    name = material.settings.effectors
    if not name:
        return []
    lysis = _lysis(control(material, name), targets, maximum, material.settings)
    return [ControlFound(name=name, value=decimal_or_missing(lysis), unit="%")]


def _known_effectors(material: Material, targets: Group, maximum: Group) -> Criterion:
    settings: Settings = material.settings
    lysis = _lysis(control(material, settings.effectors), targets, maximum, settings)
    low, high = settings.effectors_minimum_percent, settings.effectors_maximum_percent
    return between(f"{settings.effectors}, lysis", lysis, low, high, "%")


def _levels(
    dilutions: Mapping[Decimal, Sequence[WellFacts]], targets: Group, maximum: Group, settings: Settings
) -> tuple[Level, ...]:
    """From the highest ratio down."""
    levels = []
    for dilution in sorted(dilutions):
        ratio = float(settings.highest_ratio / dilution)
        group = group_of(f"{ratio:g} : 1", dilutions[dilution])
        levels.append(
            Level(ratio=ratio, group=group, lysis_percent=_lysis(group, targets, maximum, settings))
        )
    return tuple(levels)


def _lysis(group: Group, targets: Group, maximum: Group, settings: Settings) -> float | Missing:
    """Missing where the replicates do not agree."""
    mean, spontaneous, most = group.signal.mean, targets.signal.mean, maximum.signal.mean
    if isinstance(mean, Missing) or isinstance(spontaneous, Missing) or isinstance(most, Missing):
        return Missing("no readable well")
    cv = group.signal.cv_percent
    if isinstance(cv, Missing):
        return cv
    if cv > (limit := settings.cv_limit_percent):
        return Missing(f"replicate CV {figure(cv, 1, limit)} %, above {limit} %")
    return specific_lysis_percent(experimental=mean, spontaneous=spontaneous, maximum=most)


def _lysis_value(levels: Sequence[Level], settings: Settings) -> Value:
    code = CYTOTOXICITY.code
    level = next((level for level in levels if level.ratio == float(settings.reported_ratio)), None)
    if level is None:
        return Value(attribute=code, missing=f"no wells at the E:T ratio {settings.reported_ratio} : 1")
    if isinstance(level.lysis_percent, Missing):
        return Value(attribute=code, missing=level.lysis_percent.reason)
    return Value(
        attribute=code, raw=as_decimal(level.lysis_percent), notes=f"at E:T {settings.reported_ratio} : 1"
    )


def _lytic_units_value(levels: Sequence[Level], settings: Settings) -> Value:
    """A sample that lyses more than 30 % at every ratio has more than what the lowest ratio tells, one that
    lyses less at every ratio has less than what the highest tells."""
    code, read = LYTIC_UNITS.code, {}
    for level in levels:
        if not isinstance(level.lysis_percent, Missing):
            read[level.ratio] = level.lysis_percent
    if len(read) < 2:
        return Value(attribute=code, missing="fewer than two E:T ratios can be used")
    if min(read.values()) > LYTIC_UNIT_PERCENT:
        return Value(attribute=code, raw=_units_at(min(read), settings), qualifier=">")
    if max(read.values()) < LYTIC_UNIT_PERCENT:
        return Value(attribute=code, raw=_units_at(max(read), settings), qualifier="<")
    ratio = et_ratio_at(LYTIC_UNIT_PERCENT, list(read), list(read.values()))
    if isinstance(ratio, Missing):
        return Value(attribute=code, missing=ratio.reason)
    return Value(attribute=code, raw=_units_at(ratio, settings), notes=f"30 % lysis at E:T {ratio:.3g} : 1")


def _units_at(ratio: float, settings: Settings) -> Decimal:
    return as_decimal(
        lytic_units(et_ratio=ratio, effectors=LYTIC_UNIT_EFFECTORS, targets=float(settings.targets_per_well))
    )


def _table(samples: Mapping[str, Sequence[Level]]) -> Table:
    columns = ("Sample", "E:T", "Wells", "Mean signal")
    return Table(
        title="Lysis, ratio by ratio",
        columns=(*(Column(name=name) for name in columns), Column(name="CV", unit="%"), LYSIS),
        rows=tuple(
            (
                sample,
                level.group.name,
                ", ".join(level.group.positions),
                level.group.signal.mean,
                level.group.signal.cv_percent,
                level.lysis_percent,
            )
            for sample, levels in samples.items()
            for level in levels
        ),
    )


def _chart(samples: Mapping[str, Sequence[Level]]) -> Chart:
    return Chart(
        title="Lysis over effectors",
        x=Column(name="Effectors per target cell"),
        y=LYSIS,
        x_is_logarithmic=True,
        series=tuple(
            Series(name=sample, points=_points(sample, levels)) for sample, levels in samples.items()
        ),
    )


def _points(sample: str, levels: Sequence[Level]) -> tuple[Point, ...]:
    return tuple(
        Point(x=level.ratio, y=level.lysis_percent, label=f"{sample} {level.group.name}", role="sample")
        for level in levels
        if not isinstance(level.lysis_percent, Missing)
    )


LYSIS = Column(name="Lysis", unit="%")
FOUND = {CYTOTOXICITY.code: _lysis_value, LYTIC_UNITS.code: _lytic_units_value}

CYTOTOXICITY_BY_SIGNAL = Calculation(
    code="cytotoxicity",
    name="Cytotoxicity: lysis at an E:T ratio, lytic units",
    shape=Shape.PLATE,
    settings=Settings,
    check=check,
    compute=compute,
    refusal_of=refusal_of,
)
