"""What must hold before anything is done to a step."""

from tilmfg.identity.models import TherapyOrder
from tilmfg.identity.states import OrderState
from tilmfg.quality.models import Deviation
from tilmfg.quality.selectors import open_deviations
from tilmfg.records.errors import UnableTo, require

from ..models import Batch, StepExecution
from ..progress import Progress, progress_of
from ..rules import Step
from ..states import BatchState, StepState


class UnableToRecord(UnableTo):
    """The step is not recorded."""


def locked(batch: Batch) -> Batch:
    """The batch as it stands, held until the end of the transaction together with its order: one at a time."""
    order = TherapyOrder.objects.select_for_update(no_key=True).get(pk=batch.order_id)
    batch = (
        Batch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("definition")
        .get(pk=batch.pk)
    )
    batch.order = order
    return batch


def require_running(batch: Batch) -> None:
    require(
        batch.order.state == OrderState.RECEIVED,
        UnableToRecord(f"The order is “{batch.order.get_state_display()}”; nothing is performed on it."),
    )
    require(
        batch.state == BatchState.IN_PROCESS,
        UnableToRecord(f"The batch is “{batch.get_state_display()}”; no step is performed any more."),
    )


def require_due(batch: Batch, code: str) -> tuple[Progress, Step]:
    """The step `code` of the locked batch is the one whose turn it is."""
    require_running(batch)
    progress = progress_of(batch)
    try:
        step = progress.process.step(code)
    except LookupError as unknown:
        raise UnableToRecord(str(unknown)) from None
    if done := progress.executions.get(code):
        raise UnableToRecord(already_performed(step, done))
    before, execution = progress.process.before(step), progress.previous(step)
    if before and (execution is None or execution.state != StepState.VERIFIED):
        raise UnableToRecord(f"“{before.name}” comes first: it must be recorded and verified.")
    if critical := critical_deviations(batch).first():
        raise UnableToRecord(f"{critical.number} is critical and open; QA must close it before this step.")
    return progress, step


def critical_deviations(batch: Batch):
    """What stops the batch until QA has closed it."""
    return open_deviations(batch.chain).filter(classification=Deviation.Classification.CRITICAL)


def already_performed(step: Step, execution: StepExecution) -> str:
    return (
        f"“{step.name}” is recorded already, by {execution.performed_by.printed_name}. A step is performed once; "
        "a wrong value is corrected in the batch record."
    )
