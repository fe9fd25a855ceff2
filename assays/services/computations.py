"""What a computation found is kept for ever, with the kernel and the digest of everything it was made from."""

from assays.kernel import VERSION
from assays.models import Computation, Run
from assays.rules.calculations import Outcome
from assays.selectors import inputs_digest, next_number
from assays.selectors.bag_volumes import Volumes, stored
from assays.states import RUN
from tilmfg.accounts.models import User
from tilmfg.records.states import advance

from .controls import keep_readings


def keep_computation(
    run: Run, outcome: Outcome, *, bag_volumes: Volumes | None = None, by: User
) -> Computation:
    """The outcome, and the state of the run that follows from it. Called inside a verb."""
    number = next_number(run)
    computation = Computation.objects.create(
        run=run,
        number=number,
        outcome=outcome.kept,
        second_solver=outcome.second_solver,
        kernel_version=VERSION,
        inputs_digest=inputs_digest(run, number=number, bag_volumes=stored(bag_volumes)),
        bag_volumes=stored(bag_volumes),
    )
    keep_readings(computation, outcome)
    failed = [criterion.name for criterion in outcome.criteria if not criterion.passed]
    event = "assays.run.found_invalid" if failed else "assays.run.computed"
    advance(run, machine=RUN, event=event, by=by, details={"failed": failed, "computation": number})
    return computation
