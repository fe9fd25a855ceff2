"""The batch record as it is read: every step, planned and performed, with its readings, supplies and pictures."""

from dataclasses import dataclass, field
from datetime import datetime

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.identity.models import Container, Lineage
from tilmfg.identity.states import OrderState
from tilmfg.quality.models import Deviation
from tilmfg.records.models import Event
from tilmfg.shell.numbers import readable
from tilmfg.shell.pictures import Node
from tilmfg.shell.pictures import Reading as Point
from tilmfg.shell.state_words import look_of

from .models import Batch, EquipmentUse, MaterialUse, Reading, Sample, StepExecution
from .progress import Progress, progress_of
from .rules import Computed, Parameter, Span, Step
from .services.differences import REFUSED
from .states import STEP, BatchState


@dataclass(frozen=True, kw_only=True)
class Line:
    """A reading as it stands, and what it superseded, newest first."""

    label: str
    reading: Reading
    earlier: list[Reading]


@dataclass(kw_only=True)
class StepRecord:
    step: Step
    span: Span | None
    execution: StepExecution | None
    lines: list[Line] = field(default_factory=list)
    materials: list[tuple[str, MaterialUse]] = field(default_factory=list)
    equipment: list[tuple[str, EquipmentUse]] = field(default_factory=list)
    refusals: list[Event] = field(default_factory=list)

    @property
    def performed_at(self) -> datetime | None:
        return self.execution.performed_at if self.execution else None

    def state(self, *, now: datetime) -> str:
        """In the words of state_words' machine `step`."""
        if self.execution:
            return self.execution.state
        if self.span is None or now < self.span.opens_at:
            return "upcoming"
        return "due" if now <= self.span.closes_at else "overdue"


@dataclass(frozen=True, kw_only=True)
class BatchRecord:
    progress: Progress
    steps: list[StepRecord]
    samples: list[tuple[str, Sample]]
    containers: list[Container]
    nodes: list[Node]
    edges: list[tuple[int, int]]
    growth: list[Point]
    deviations: list[Deviation]


def record_of(batch: Batch) -> BatchRecord:
    progress = progress_of(batch)
    steps = [
        StepRecord(step=step, span=progress.span_of(step), execution=progress.executions.get(step.code))
        for step in progress.process.steps
    ]
    by_execution = {record.execution.pk: record for record in steps if record.execution}
    add_readings(by_execution, batch)
    add_supplies(by_execution, batch)
    refusals = Event.objects.filter(name__in=REFUSED, subject_kind=STEP.kind, subject_id__in=by_execution)
    for event in refusals.select_related("actor").order_by("pk"):
        by_execution[event.subject_id].refusals.append(event)
    containers = list(batch.order.containers.order_by("pk"))
    links = Lineage.objects.filter(order=batch.order_id).order_by("pk").values_list("parent_id", "child_id")
    return BatchRecord(
        progress=progress,
        steps=steps,
        samples=named_samples(batch, by_execution),
        containers=containers,
        nodes=[node(container) for container in containers],
        edges=list(links),
        growth=growth(progress, steps),
        deviations=list(Deviation.objects.filter(chain=batch.chain).order_by("pk")),
    )


def add_readings(records: dict[int, StepRecord], batch: Batch) -> None:
    readings = (
        Reading.objects.filter(execution__batch=batch)
        .select_related("recorded_by", "confirmed_by")
        .order_by("pk")
    )
    chains: dict[tuple[int, str], list[Reading]] = {}
    for reading in readings:
        chains.setdefault((reading.execution_id, reading.parameter), []).append(reading)
    for (execution, parameter), chain in chains.items():
        *earlier, standing = chain
        records[execution].lines.append(
            Line(label=label_of(records[execution].step, parameter), reading=standing, earlier=earlier[::-1])
        )


def add_supplies(records: dict[int, StepRecord], batch: Batch) -> None:
    materials = MaterialUse.objects.filter(execution__batch=batch).select_related("lot")
    for material in materials.order_by("pk"):
        record = records[material.execution_id]
        labels = {slot.code: slot.label for slot in record.step.materials}
        record.materials.append((labels[material.slot], material))
    equipment = EquipmentUse.objects.filter(execution__batch=batch).select_related("equipment")
    for item in equipment.order_by("pk"):
        record = records[item.execution_id]
        labels = {slot.code: slot.label for slot in record.step.equipment}
        record.equipment.append((labels[item.slot], item))


def named_samples(batch: Batch, records: dict[int, StepRecord]) -> list[tuple[str, Sample]]:
    """Each sample with what it was drawn for, in words."""
    samples = batch.samples.select_related("container").order_by("pk")
    return [
        (
            next(
                drawn.label
                for drawn in records[sample.execution_id].step.samples
                if drawn.purpose == sample.purpose
            ),
            sample,
        )
        for sample in samples
    ]


def item_of(step: Step, parameter: str) -> Parameter | Computed:
    code = parameter.partition("[")[0]
    return next(item for item in step.values() if item.code == code)


def label_of(step: Step, parameter: str) -> str:
    """“BG2 volume” for bag_volume_ml[BG2]."""
    container = parameter.partition("[")[2].rstrip("]")
    return f"{container} {item_of(step, parameter).label}".strip()


def growth(progress: Progress, steps: list[StepRecord]) -> list[Point]:
    return [
        Point(day=progress.day_of(record.performed_at), cells=line.reading.value)
        for record in steps
        if record.performed_at
        for line in record.lines
        if getattr(item_of(record.step, line.reading.parameter), "growth", False)
        and line.reading.value is not None
    ]


def node(container: Container) -> Node:
    amount = f"{readable(container.viable_cells)} cells" if container.viable_cells is not None else ""
    volume = f"{readable(container.volume_ml)} mL" if container.volume_ml is not None else ""
    return Node(
        id=container.pk,
        kind=container.get_kind_display(),
        label=container.code,
        detail=", ".join(filter(None, [amount, volume])),
        tone=look_of("container", container.state).tone,
    )


def may_correct(batch: Batch, person: User) -> bool:
    """Whether the page offers it; the verb decides."""
    running = batch.state == BatchState.IN_PROCESS and batch.order.state == OrderState.RECEIVED
    return running and person.holds(Role.TECHNICIAN)
