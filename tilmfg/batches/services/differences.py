"""A second person read something else: nothing is verified or corrected, and that they did stays on record."""

from collections.abc import Collection

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import UnableTo
from tilmfg.records.events import publish

from ..models import StepExecution
from ..states import STEP

VERIFICATION_REFUSED = "batches.step.verification_refused"
CORRECTION_REFUSED = "batches.reading.correction_refused"
REFUSED = (VERIFICATION_REFUSED, CORRECTION_REFUSED)


class ReadDifferently(UnableTo):
    """Two people read the same value differently; both look again."""

    def __init__(self, *, execution: StepExecution, parameters: Collection[str], event: str, second: User):
        super().__init__(
            f"{second.printed_name} read something else. Nothing was recorded but that; read again together.",
            on_record=lambda: note_difference(
                execution=execution, parameters=list(parameters), event=event, by=second
            ),
        )


@verb("batches.step.note_difference", roles=(Role.TECHNICIAN,))
def note_difference(*, execution: StepExecution, parameters: list[str], event: str, by: User) -> None:
    """`by` is the second person, whose reading it was; neither what they read nor what was typed is told."""
    details = {"step": execution.step, "parameters": parameters}
    publish(event, subject=execution, kind=STEP.kind, by=by, details=details)
