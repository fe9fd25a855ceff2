"""Verify a step: a second person, who enters the critical values again without having seen them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models.functions import Now

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.records.context import acting
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.states import advance

from ..containers import bench_of
from ..models import Reading, StepExecution
from ..progress import progress_of, standing_readings
from ..rules import Process
from ..states import BATCH, STEP, StepState
from .differences import VERIFICATION_REFUSED, ReadDifferently
from .due import locked, require_running
from .filling import move_containers


class UnableToVerify(UnableTo):
    """The step stays unverified."""


@verb("batches.step.verify", roles=(Role.TECHNICIAN,))
def verify_step(
    *, execution: StepExecution, second: User, seen: int, reentered: Mapping[str, Decimal | str], by: User
) -> StepExecution:
    """`second`, known by a secret of their own, confirms the step on the tablet of `by`; containers are filled.

    `seen` is the `newest` of the readings that they were shown.
    Where a value entered again differs nothing is verified, and that it does stays on record.
    """
    batch = locked(execution.batch)
    require_running(batch)
    progress = progress_of(batch)
    execution = progress.executions[execution.step]
    step = progress.process.step(execution.step)
    require(
        execution.state == StepState.RECORDED, UnableToVerify(f"“{step.name}” has been verified already.")
    )
    require(
        second.pk != execution.performed_by_id,
        UnableToVerify("Who performed a step does not verify it.", field="second_username"),
    )
    require(
        second.holds(Role.TECHNICIAN),
        UnableToVerify(f"{second.printed_name} is not a technician.", field="second_username"),
    )
    require_qualified(second, batch.definition.qualification)
    require(
        newest(readings_of(execution).values()) == seen,
        ChangedMeanwhile("A value was corrected after this page was opened. Look at what is recorded now."),
    )
    critical = critical_readings(progress.process, execution)
    differing = [reading.parameter for reading in critical if not is_confirmed(reading, reentered)]
    require(
        not differing,
        ReadDifferently(execution=execution, parameters=differing, event=VERIFICATION_REFUSED, second=second),
    )
    with acting(actor=second.username, verb="batches.step.verify"):
        advance(
            execution,
            machine=STEP,
            event="batches.step.verified",
            by=second,
            details={"step": step.code, "name": step.name},
            moved={"verified_by": second, "verified_at": Now()},
        )
    execution.refresh_from_db(fields=["verified_at"])
    move_containers(bench_of(batch, step), readings_of(execution), by=by)
    with acting(actor=second.username, verb="batches.step.verify"):
        if progress.next_step is None:
            advance(batch, machine=BATCH, event="batches.batch.harvested", by=second)
    return execution


def critical_readings(process: Process, execution: StepExecution) -> list[Reading]:
    """What the second person enters again."""
    critical = {item.code for item in process.step(execution.step).parameters if item.critical}
    return [
        reading
        for reading in readings_of(execution).values()
        if reading.parameter.partition("[")[0] in critical
    ]


def readings_of(execution: StepExecution) -> dict[str, Reading]:
    """The standing readings of one step, by parameter."""
    return {
        reading.parameter: reading
        for reading in standing_readings(execution.batch)
        if reading.execution_id == execution.pk
    }


def newest(readings: Iterable[Reading]) -> int:
    """By which it is known that none was corrected since."""
    return max((reading.pk for reading in readings), default=0)


def is_confirmed(reading: Reading, reentered: Mapping[str, Decimal | str]) -> bool:
    again = reentered.get(reading.parameter)
    require(
        again is not None and str(again).strip(),
        UnableToVerify("Enter the value again as you read it.", field=reading.parameter),
    )
    if reading.value is not None:
        return again == reading.value
    return str(again).strip() == reading.text
