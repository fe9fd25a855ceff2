"""Flow cytometry: the share of a gate in its parent by counted events, with exact limits; as it is, or net.

Percentages come of events alone, as 100·events/parent, with the limits of Clopper and Pearson. Net is the
stimulated sample's percentage less the unstimulated one's; the limits of both stand beside it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from assays.attributes import ATTRIBUTES
from assays.kernel.flow import percent_of
from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.kernel.proportions import clopper_pearson
from assays.rules.reported import Reported
from assays.rules.rows import AS_IS, STIMULATED, UNSTIMULATED
from assays.rules.values import Value

from .calculation import Calculation, Material, Shape
from .criteria import between
from .outcome import Cell, Column, ControlFound, Outcome, Table, UnableToCompute, found
from .settings import AttributeCode, percent, setting
from .tables import instrument_names, lacking, rows_named, samples_of

EVENTS = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """What an attribute is: a gate as a share of another, both by their paths in the export."""

    attribute: AttributeCode = setting("Attribute")
    gate: str = setting("Gate", help="Singlets/Live/CD45+CD3+")
    parent: str = setting("Per cent of", help="Singlets/Live")
    parent_events: int = setting("Events in it at least", default=1000, minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Cells of a known lot, stained and gated like the samples."""

    name: str = setting("Name in the export")
    gate: str = setting("Gate")
    parent: str = setting("Per cent of")
    minimum_percent: Decimal = percent("At least", default=0, maximum=100)
    maximum_percent: Decimal = percent("At most", default=100, maximum=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    populations: tuple[Population, ...] = setting("Populations")
    controls: tuple[Control, ...] = setting("Controls")
    confidence_percent: Decimal = percent("Limits with a confidence of", default=95, maximum=99)

    def __post_init__(self) -> None:
        if not self.populations:
            raise ValueError("at least one population is needed.")
        if not self.controls:
            raise ValueError("a run is valid by its controls; at least one is needed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One gate of one name of the export."""

    gate: str
    parent: str
    events: int | Missing
    of: int | Missing
    percentage: Decimal | Missing
    lower: float | Missing
    upper: float | Missing

    @property
    def in_words(self) -> str:
        return f"{self.events} of {self.of} events, {self.lower:.2f} to {self.upper:.2f} %"


def check(results: Sequence[Reported], settings: Settings) -> str:
    reported = {result.attribute for result in results}
    told = [population.attribute for population in settings.populations]
    if wrong := next((code for code in told if code not in reported or told.count(code) > 1), ""):
        return f"“{wrong}” is no result of this method, or has two populations."
    if untold := reported - set(told):
        return f"{min(untold)} has no population."
    if strange := next((code for code in told if ATTRIBUTES[code].unit != "%"), ""):
        return f"{strange} is no percentage."
    return ""


def names_of(settings: Settings) -> Collection[str]:
    return {control.name for control in settings.controls}


def quantities_of(settings: Settings) -> Collection[str]:
    return _gates(settings.populations) | _gates(settings.controls)


def _gates(told: Iterable[Population | Control]) -> set[str]:
    return {gate for one in told for gate in (one.gate, one.parent)}


def refusal_of(material: Material) -> str:
    settings: Settings = material.settings
    return lacking(material, sorted(names_of(settings)), sorted(_gates(settings.populations)))


def compute(material: Material, *, code: str, is_net: bool) -> Outcome:
    if why := refusal_of(material):
        raise UnableToCompute(why)
    settings: Settings = material.settings
    populations: dict[str, Population] = {
        population.attribute: population for population in settings.populations
    }
    rows: list[tuple[Cell, ...]] = []
    values: dict[str, tuple[Value, ...]] = {}
    for sample, stage in samples_of(material).items():
        reported = [populations[result.attribute] for result in material.results_at(stage)]
        shares = [
            [
                _measured(material, sample, condition, population)
                for condition in ((STIMULATED, UNSTIMULATED) if is_net else (AS_IS,))
            ]
            for population in reported
        ]
        values[sample] = tuple(
            (_net(population, *parts) if is_net else _own(population, *parts))
            for population, parts in zip(reported, shares, strict=True)
        )
        rows += [_row(sample, share) for parts in shares for share in parts]
    return found(
        code=code,
        criteria=[*material.before, *(_controlled(material, control) for control in settings.controls)],
        values=values,
        tables=[Table(title="Gates", columns=COLUMNS, rows=tuple(rows))],
        controls=[
            ControlFound(
                name=f"{control.name}, {control.gate}",
                value=_read(material, control).percentage,
                unit="%",
                lower=control.minimum_percent,
                upper=control.maximum_percent,
            )
            for control in settings.controls
        ],
    )


def _measured(material: Material, sample: str, condition: str, population: Population) -> Share:
    names = instrument_names(material, sample, condition)
    if len(names) != 1:
        why = Missing(f"{len(names)} names of the export are {sample}, {condition.replace('_', ' ')}")
        return _share(material, population.gate, population.parent, events=why, of=why)
    events = _events(material, names[0], population.gate)
    of = _events(material, names[0], population.parent)
    if isinstance(of, int) and of < population.parent_events:
        of = Missing(f"{of} events in {population.parent}, at least {population.parent_events} are needed")
    return _share(material, population.gate, population.parent, events=events, of=of)


def _events(material: Material, name: str, gate: str) -> int | Missing:
    rows = rows_named(material, name, gate)
    if len(rows) != 1:
        return Missing(f"{name} has {len(rows)} rows of {gate}")
    [row] = rows
    if row.masked:
        return Missing(f"{name}, {gate} is masked: {row.masked}")
    if isinstance(row.value, Missing):
        return row.value
    if row.unit != EVENTS or row.qualifier != "=" or row.value < 0 or row.value != int(row.value):
        return Missing(f"{name}, {gate}: {row.qualifier} {row.value:f} {row.unit} is no count of events")
    return int(row.value)


def _share(material: Material, gate: str, parent: str, *, events: int | Missing, of: int | Missing) -> Share:
    share = partial(Share, gate=gate, parent=parent, events=events, of=of)
    if isinstance(events, Missing):
        return share(percentage=events, lower=events, upper=events)
    if isinstance(of, Missing):
        return share(percentage=of, lower=of, upper=of)
    if events > of:
        why = Missing(f"{events} events in {gate} of {of} in {parent} are impossible")
        return share(percentage=why, lower=why, upper=why)
    if isinstance(nothing := percent_of(events, of), Missing):
        return share(percentage=nothing, lower=nothing, upper=nothing)
    confidence = float(material.settings.confidence_percent) / 100
    lower, upper = clopper_pearson(events, of, confidence=confidence)
    return share(percentage=Decimal(100) * events / of, lower=100 * lower, upper=100 * upper)


def _own(population: Population, share: Share) -> Value:
    if isinstance(share.percentage, Missing):
        return Value(attribute=population.attribute, missing=share.percentage.reason)
    return Value(attribute=population.attribute, raw=share.percentage, notes=share.in_words)


def _net(population: Population, stimulated: Share, unstimulated: Share) -> Value:
    code, own, background = population.attribute, stimulated.percentage, unstimulated.percentage
    if isinstance(own, Missing):
        return Value(attribute=code, missing=f"stimulated: {own.reason}")
    if isinstance(background, Missing):
        return Value(attribute=code, missing=f"unstimulated: {background.reason}")
    return Value(
        attribute=code,
        raw=own - background,
        notes=f"stimulated {stimulated.in_words}; unstimulated {unstimulated.in_words}",
    )


def _read(material: Material, control: Control) -> Share:
    return _share(
        material,
        control.gate,
        control.parent,
        events=_events(material, control.name, control.gate),
        of=_events(material, control.name, control.parent),
    )


def _controlled(material: Material, control: Control) -> Criterion:
    value = _read(material, control).percentage
    low, high = control.minimum_percent, control.maximum_percent
    return between(f"{control.name}, {control.gate} of {control.parent}", value, low, high, "%")


def _row(sample: str, share: Share) -> tuple[Cell, ...]:
    return (
        sample,
        share.gate,
        share.events,
        share.parent,
        share.of,
        share.percentage if isinstance(share.percentage, Missing) else float(share.percentage),
        share.lower,
        share.upper,
    )


COLUMNS = (
    Column(name="Sample"),
    Column(name="Gate"),
    Column(name="Events"),
    Column(name="Of"),
    Column(name="Events in it"),
    Column(name="Share", unit="%"),
    Column(name="Lower limit", unit="%"),
    Column(name="Upper limit", unit="%"),
)


FLOW_PERCENT = Calculation(
    code="flow_percent",
    name="Flow cytometry: share of a gate",
    shape=Shape.TABLE,
    settings=Settings,
    check=check,
    compute=partial(compute, code="flow_percent", is_net=False),
    refusal_of=refusal_of,
    names_of=names_of,
    quantities_of=quantities_of,
    unit=EVENTS,
)
FLOW_NET = Calculation(
    code="flow_net",
    name="Flow cytometry: share of a gate, stimulated − unstimulated",
    shape=Shape.TABLE,
    settings=Settings,
    check=check,
    compute=partial(compute, code="flow_net", is_net=True),
    refusal_of=refusal_of,
    conditions=(STIMULATED, UNSTIMULATED),
    names_of=names_of,
    quantities_of=quantities_of,
    unit=EVENTS,
)
