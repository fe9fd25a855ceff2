"""Anybody of the house asks whether a run still comes out as it is stored; the answer is an event, no change."""

from assays.models import Run
from assays.recalculation import Recalculation, recalculate
from assays.states import RUN
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.records.events import publish

NAMED = 20  # differences of a computation in the event; the command names all


@verb(
    "assays.run.recalculate",
    roles=(Role.ANALYST, Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR),
)
def recalculate_run(*, run: Run, by: User) -> list[Recalculation]:
    """Every computation of the run, with the kernel of today."""
    found = [recalculate(computation) for computation in run.computations.select_related("run__method")]
    details = {
        "identical": all(one.is_identical for one in found),
        "kernel": found[0].kernel_now if found else "",
        "computations": [
            {
                "number": one.computation,
                "identical": one.is_identical,
                "kernel_then": one.kernel_then,
                "inputs_agree": one.inputs_agree,
                "differences": [str(difference) for difference in one.differences[:NAMED]],
                "more": max(0, len(one.differences) - NAMED),
                "changed_since": list(one.changed_since),
            }
            for one in found
        ],
    }
    publish("assays.run.recalculated", subject=run, kind=RUN.kind, by=by, details=details)
    return found
