"""Correct a reading: the wrong one stays, a right one supersedes it, and so does everything that followed from it."""

from collections.abc import Iterator
from decimal import Decimal

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish

from ..models import Reading, StepExecution
from ..progress import Progress, known_numbers, progress_of, standing_readings
from ..rules import Step, Value
from ..states import STEP, StepState
from .differences import CORRECTION_REFUSED, ReadDifferently
from .due import locked, require_running
from .filling import require_matching_excess
from .values import evaluated, open_deviation_for, write_reading

Standing = dict[tuple[str, str], Reading]  # by step and parameter


class UnableToCorrect(UnableTo):
    """The reading stands as it was."""


@verb("batches.reading.correct", roles=(Role.TECHNICIAN,))
def correct_reading(
    *,
    reading: Reading,
    value: Decimal | str,
    second: User | None,
    reason: str,
    reentered: Decimal | str | None = None,
    by: User,
) -> Reading:
    """`second` confirms the correction of a step that is verified already; before that, verification does.

    A critical value they confirm as they verify one: `reentered` is what they read, without having seen `value`. Where
    the two differ nothing is corrected, and that they do stays on record.
    """
    batch = locked(reading.execution.batch)
    require_running(batch)
    progress = progress_of(batch)
    standing: Standing = {(item.execution.step, item.parameter): item for item in standing_readings(batch)}
    place = (reading.execution.step, reading.parameter)
    require(
        standing[place].pk == reading.pk,
        UnableToCorrect("This reading has been corrected meanwhile; reload the page."),
    )
    require(
        not reading.computed, UnableToCorrect("A computed value follows from what was typed; correct that.")
    )
    require(reason.strip(), UnableToCorrect("State why the reading is corrected.", field="reason"))
    require(value not in (reading.value, reading.text), UnableToCorrect("Nothing changes.", field="value"))
    require_second(progress.executions[place[0]], second, by)
    for person in filter(None, (by, second)):
        require_qualified(person, batch.definition.qualification)
    if second is not None and progress.process.parameter(*place).critical:
        require(
            reentered is not None and str(reentered).strip(),
            UnableToCorrect("Enter the value again as you read it.", field="reentered"),
        )
        require(
            reentered == value,
            ReadDifferently(
                execution=reading.execution, parameters=[place[1]], event=CORRECTION_REFUSED, second=second
            ),
        )

    for step, new in changes(progress, standing, place, value):
        execution, old = progress.executions[step.code], standing[step.code, new.code]
        why = (
            reason.strip()
            if (step.code, new.code) == place
            else f"Follows from a correction: {reason.strip()}"
        )
        standing[step.code, new.code] = write_reading(
            execution, new, reason=why, by=by, supersedes=old, confirmed_by=second
        )
        if not new.within_limits:
            open_deviation_for(execution, step, new, reason=why, by=by)
    publish(
        "batches.reading.corrected",
        subject=reading.execution,
        kind=STEP.kind,
        by=by,
        details={"step": place[0], "parameter": place[1], "second": second.username if second else ""},
    )
    return standing[place]


def require_second(execution: StepExecution, second: User | None, by: User) -> None:
    require(
        second is not None or execution.state == StepState.RECORDED,
        UnableToCorrect(
            "The step is verified: a second person confirms the correction.", field="second_username"
        ),
    )
    if second is not None:
        require(
            second.pk != by.pk and second.holds(Role.TECHNICIAN),
            UnableToCorrect("Another technician confirms the correction.", field="second_username"),
        )


def changes(
    progress: Progress, standing: Standing, place: tuple[str, str], value: Decimal | str
) -> Iterator[tuple[Step, Value]]:
    """The corrected value and every computed one that it changes, in its step and in those after it."""
    first = progress.process.steps.index(progress.process.step(place[0]))
    for step in progress.process.steps[first:]:
        if execution := progress.executions.get(step.code):
            corrected = {place[1]: value} if step.code == place[0] else {}
            values = reevaluated(progress, execution, step, standing, corrected)
            changed = [new for new in values if is_other(standing[step.code, new.code], new)]
            require_same_amounts(execution, step, changed)
            require_matching_excess(step, execution.containers, {new.code: new for new in values})
            for new in changed:
                yield step, new


def reevaluated(
    progress: Progress, execution: StepExecution, step: Step, standing: Standing, corrected
) -> tuple[Value, ...]:
    typed = {
        parameter: reading.text if reading.value is None else reading.value
        for (code, parameter), reading in standing.items()
        if code == step.code and not reading.computed
    }
    return evaluated(
        step,
        typed=typed | corrected,
        containers=execution.containers,
        earlier=known_numbers(list(standing.values())),
        minutes_since=progress.minutes_since(step, execution.performed_at),
    )


def is_other(old: Reading, new: Value) -> bool:
    return (old.value, old.text) != (new.value, new.text)


def require_same_amounts(execution: StepExecution, step: Step, changed: list[Value]) -> None:
    """Once a step is verified its containers are filled; what is in them, and on their labels, never changes."""
    if execution.state == StepState.RECORDED:
        return
    amounts = {name for produced in step.produces for name in (produced.volume, produced.cells) if name}
    for value in changed:
        require(
            value.code.partition("[")[0] not in amounts,
            UnableToCorrect(
                f"{value.label} would change, and containers are recorded to hold it. "
                "Open a deviation: QA decides what becomes of them.",
                field="value",
            ),
        )
