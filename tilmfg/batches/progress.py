"""Where a batch stands: what was performed, what comes next and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tilmfg.records.days import facility_zone

from . import rules
from .models import Batch, ProcessDefinition, Reading, StepExecution
from .rules import Process, Span, Step
from .states import StepState

_processes: dict[str, Process] = {}  # by digest: content that has one never changes


def process_of(definition: ProcessDefinition) -> Process:
    if definition.digest not in _processes:
        _processes[definition.digest] = Process.parse(definition.content)
    return _processes[definition.digest]


@dataclass(frozen=True, kw_only=True)
class Progress:
    batch: Batch
    process: Process
    executions: Mapping[str, StepExecution]

    @property
    def unverified(self) -> StepExecution | None:
        """The step that waits for its second person; at most one, because no other may follow it."""
        waiting = (item for item in self.executions.values() if item.state == StepState.RECORDED)
        return next(waiting, None)

    @property
    def next_step(self) -> Step | None:
        return next((step for step in self.process.steps if step.code not in self.executions), None)

    def span_of(self, step: Step) -> Span | None:
        return rules.span_of(
            step, started_at=self.batch.started_at, performed=self.performed_at, zone=facility_zone()
        )

    def day_of(self, moment: datetime) -> int:
        return rules.day_of(moment, started_at=self.batch.started_at, zone=facility_zone())

    @property
    def performed_at(self) -> dict[str, datetime]:
        return {code: execution.performed_at for code, execution in self.executions.items()}

    def previous(self, step: Step) -> StepExecution | None:
        before = self.process.before(step)
        return self.executions.get(before.code) if before else None

    def minutes_since(self, step: Step, performed_at: datetime) -> dict[str, Decimal]:
        """Whole minutes from each earlier step to this one."""
        earlier = self.process.steps[: self.process.steps.index(step)]
        return {
            item.code: Decimal((performed_at - self.executions[item.code].performed_at).total_seconds() // 60)
            for item in earlier
            if item.code in self.executions
        }


def progress_of(batch: Batch) -> Progress:
    """Reads `batch.definition` and `batch.executions`; prefetch them where there are many batches."""
    return Progress(
        batch=batch,
        process=process_of(batch.definition),
        executions={execution.step: execution for execution in batch.executions.all()},
    )


def standing_readings(batch: Batch) -> list[Reading]:
    """Every reading of the batch that no correction has superseded, in the order of recording."""
    readings = Reading.objects.filter(execution__batch=batch, superseded_by=None)
    return list(readings.select_related("execution").order_by("pk"))


def known_numbers(readings: list[Reading]) -> dict[str, Decimal]:
    """`step.parameter` → value, as rules.evaluate wants what earlier steps found."""
    return {
        f"{reading.execution.step}.{reading.parameter}": reading.value
        for reading in readings
        if reading.value is not None
    }
