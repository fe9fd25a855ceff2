"""A process definition as frozen values: what is done on which day, measured, used, opened and filled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Self

from tilmfg.identity.rules import LATE_AFTER

from .calculations import CALCULATIONS
from .reading import DefinitionIsInvalid, Reader

CONTAINER_PREFIXES = ("TB", "FL", "BG", "CB", "QC")
STAGES = ("in_process", "pre_freeze", "post_thaw")

__all__ = ["DefinitionIsInvalid", "Process", "Step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Both limits belong to the range."""

    low: Decimal | None = None
    high: Decimal | None = None

    @classmethod
    def read(cls, reader: Reader) -> Self:
        limits = cls(low=reader.decimal("low"), high=reader.decimal("high"))
        if limits.low is not None and limits.high is not None and limits.low > limits.high:
            raise reader.refuse("low", f"{limits.low} lies above the upper limit {limits.high}.")
        return limits

    def hold(self, value: Decimal) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When a step is due.

    Hours count from the start of its nominal day at the facility or, if `after_step` is given, from the moment at
    which that step was performed.
    """

    day: int
    earliest_hours: int
    latest_hours: int
    planned_hour: int = 8
    after_step: str = ""

    @classmethod
    def read(cls, reader: Reader) -> Self:
        window = cls(
            day=reader.whole("day"),
            earliest_hours=reader.whole("earliest_hours"),
            latest_hours=reader.whole("latest_hours"),
            planned_hour=reader.whole("planned_hour", otherwise=8),
            after_step=reader.text("after_step", otherwise=""),
        )
        if window.earliest_hours >= window.latest_hours:
            raise reader.refuse("latest_hours", "a window closes after it opens.")
        return window


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a person reads off and types. `per` names containers (FL, BG) for each of which it is asked."""

    code: str
    label: str
    unit: str
    decimals: int | None  # None: a text
    limits: Limits
    critical: bool  # the verifier enters it again without seeing it
    per: str
    help: str

    @classmethod
    def read(cls, reader: Reader) -> Self:
        is_text = reader.flag("text")
        return cls(
            code=reader.text("code"),
            label=reader.text("label"),
            unit=reader.text("unit", otherwise=""),
            decimals=None if is_text else reader.whole("decimals", otherwise=0),
            limits=Limits.read(reader),
            critical=reader.flag("critical"),
            per=reader.text("per", otherwise=""),
            help=reader.text("help", otherwise=""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What the program calculates of what was typed.

    One that `stops` opens, outside its limits, a critical deviation: no further step before QA has closed it.
    """

    code: str
    label: str
    unit: str
    decimals: int
    limits: Limits
    calculation: str
    of: tuple[str, ...]
    constants: Mapping[str, Decimal]
    per: str
    stops: bool
    growth: bool  # a point of the growth curve

    @classmethod
    def read(cls, reader: Reader) -> Self:
        computed = cls(
            code=reader.text("code"),
            label=reader.text("label"),
            unit=reader.text("unit", otherwise=""),
            decimals=reader.whole("decimals", otherwise=0),
            limits=Limits.read(reader),
            calculation=reader.text("calculation"),
            of=reader.texts("of"),
            constants=reader.numbers("constants"),
            per=reader.text("per", otherwise=""),
            stops=reader.flag("stops"),
            growth=reader.flag("growth"),
        )
        if computed.calculation not in CALCULATIONS:
            raise reader.refuse(
                "calculation", f"“{computed.calculation}” is not one of {', '.join(CALCULATIONS)}."
            )
        return computed


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialSlot:
    code: str
    label: str
    material: str

    @classmethod
    def read(cls, reader: Reader) -> Self:
        return cls(code=reader.text("code"), label=reader.text("label"), material=reader.text("material"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentSlot:
    code: str
    label: str
    kind: str

    @classmethod
    def read(cls, reader: Reader) -> Self:
        return cls(code=reader.text("code"), label=reader.text("label"), kind=reader.text("kind"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """Containers in use that the step empties or, if `place` names a text of the step, puts into storage."""

    prefix: str
    place: str

    @classmethod
    def read(cls, reader: Reader) -> Self:
        return cls(prefix=_prefix(reader), place=reader.text("place", otherwise=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """Containers that the step fills.

    `volume` and `cells` name the values that say with how much, `only_if` a value that is zero when there is nothing
    to fill, `place` the text that says where the container was stored at once.
    """

    prefix: str
    label: str
    least: int
    most: int
    volume: str
    cells: str
    only_if: str
    place: str
    expires_after_days: int | None

    @classmethod
    def read(cls, reader: Reader) -> Self:
        produced = cls(
            prefix=_prefix(reader),
            label=reader.text("label"),
            least=reader.whole("least", otherwise=1),
            most=reader.whole("most", otherwise=1),
            volume=reader.text("volume", otherwise=""),
            cells=reader.text("cells", otherwise=""),
            only_if=reader.text("only_if", otherwise=""),
            place=reader.text("place", otherwise=""),
            expires_after_days=reader.whole("expires_after_days", otherwise=0) or None,
        )
        if not 1 <= produced.least <= produced.most:
            raise reader.refuse("most", "at least one, and not more than the most, is filled.")
        return produced


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDrawn:
    purpose: str
    label: str
    stage: str

    @classmethod
    def read(cls, reader: Reader) -> Self:
        drawn = cls(purpose=reader.text("purpose"), label=reader.text("label"), stage=reader.text("stage"))
        if drawn.stage not in STAGES:
            raise reader.refuse("stage", f"“{drawn.stage}” is not one of {', '.join(STAGES)}.")
        return drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    code: str
    name: str
    window: Window
    instruction: str
    performed_at_label: str  # what the time of the step is the time of
    parameters: tuple[Parameter, ...]
    computed: tuple[Computed, ...]
    materials: tuple[MaterialSlot, ...]
    equipment: tuple[EquipmentSlot, ...]
    handles: tuple[Handled, ...]
    produces: tuple[Produced, ...]
    samples: tuple[SampleDrawn, ...]

    @classmethod
    def read(cls, reader: Reader) -> Self:
        step = cls(
            code=reader.text("code"),
            name=reader.text("name"),
            window=reader.one("window", Window.read),
            instruction=reader.text("instruction"),
            performed_at_label=reader.text("performed_at_label", otherwise="Performed"),
            parameters=reader.each("parameters", Parameter.read),
            computed=reader.each("computed", Computed.read),
            materials=reader.each("materials", MaterialSlot.read),
            equipment=reader.each("equipment", EquipmentSlot.read),
            handles=reader.each("handles", Handled.read),
            produces=reader.each("produces", Produced.read),
            samples=reader.each("samples", SampleDrawn.read),
        )
        codes = [item.code for item in step.values()]
        if twice := {code for code in codes if codes.count(code) > 1}:
            raise reader.refuse("parameters", f"{', '.join(sorted(twice))} stands there twice.")
        return step

    def values(self) -> tuple[Parameter | Computed, ...]:
        """In the order in which they are shown: first what is typed, then what follows from it."""
        return (*self.parameters, *self.computed)

    def container_prefixes(self) -> set[str]:
        return {item.prefix for item in self.handles} | {item.prefix for item in self.produces}


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The steps in the order in which they are performed."""

    late_entry_after_minutes: int
    steps: tuple[Step, ...]

    @property
    def late_after_minutes(self) -> int:
        """A process may be stricter than what holds everywhere, not laxer."""
        return min(self.late_entry_after_minutes, LATE_AFTER // timedelta(minutes=1))

    @classmethod
    def parse(cls, content: object) -> Self:
        reader = Reader(content, "process")
        process = cls(
            late_entry_after_minutes=reader.whole("late_entry_after_minutes"),
            steps=reader.each("steps", Step.read),
        )
        reader.end()
        if not process.steps:
            raise reader.refuse("steps", "a process has at least one step.")
        for place, step in enumerate(process.steps):
            path = f"process.steps[{place}]"
            _require_order(step, process.steps[:place], path=path)
            _require_computable(step, process.steps[:place], path=path)
            _require_containers(step, path=path)
        return process

    def parameter(self, step: str, code: str) -> Parameter:
        """What is typed under this code; a reading of a container belongs to its parameter without the container."""
        return next(item for item in self.step(step).parameters if item.code == code.partition("[")[0])

    def step(self, code: str) -> Step:
        """LookupError for a step that the process does not have."""
        for step in self.steps:
            if step.code == code:
                return step
        raise LookupError(f"“{code}” is no step of this process.")

    def before(self, step: Step) -> Step | None:
        place = self.steps.index(step)
        return self.steps[place - 1] if place else None

    def after(self, code: str) -> Step | None:
        place = self.steps.index(self.step(code))
        return self.steps[place + 1] if place + 1 < len(self.steps) else None

    @property
    def last_day(self) -> int:
        return max(step.window.day for step in self.steps)


def _prefix(reader: Reader) -> str:
    prefix = reader.text("prefix")
    if prefix not in CONTAINER_PREFIXES:
        raise reader.refuse("prefix", f"“{prefix}” is not one of {', '.join(CONTAINER_PREFIXES)}.")
    return prefix


def _require_order(step: Step, earlier: tuple[Step, ...], *, path: str) -> None:
    codes = {other.code for other in earlier}
    if step.code in codes:
        raise DefinitionIsInvalid(f"{path}.code: “{step.code}” stands there twice.")
    if earlier and step.window.day < earlier[-1].window.day:
        raise DefinitionIsInvalid(f"{path}.window.day: {step.window.day} lies before the step before it.")
    if step.window.after_step and step.window.after_step not in codes:
        raise DefinitionIsInvalid(f"{path}.window.after_step: “{step.window.after_step}” is no earlier step.")


def _require_computable(step: Step, earlier: tuple[Step, ...], *, path: str) -> None:
    """Inputs are typed in this step, computed above in it, or known from an earlier one."""
    known = {f"{other.code}.{item.code}" for other in earlier for item in other.values()}
    known |= {f"minutes_since[{other.code}]" for other in earlier}
    known |= {f"count[{prefix}]" for prefix in step.container_prefixes()}
    known |= {parameter.code for parameter in step.parameters if parameter.decimals is not None}
    for computed in step.computed:
        if unknown := [name for name in computed.of if name not in known]:
            raise DefinitionIsInvalid(
                f"{path}.{computed.code}.of: {', '.join(unknown)} is not known by then."
            )
        known.add(computed.code)


def _require_containers(step: Step, *, path: str) -> None:
    for item in step.values():
        if item.per and item.per not in step.container_prefixes():
            raise DefinitionIsInvalid(f"{path}.{item.code}.per: no {item.per} is handled in this step.")
    named = {"", *(item.code for item in step.values())}
    for produced in step.produces:
        for name in (produced.volume, produced.cells, produced.only_if, produced.place):
            if name not in named:
                raise DefinitionIsInvalid(f"{path}.produces: “{name}” is no value of this step.")
    for handled in step.handles:
        if handled.place not in named:
            raise DefinitionIsInvalid(f"{path}.handles: “{handled.place}” is no value of this step.")
