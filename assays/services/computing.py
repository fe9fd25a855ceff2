"""A plate is computed by the program, under its own account; what it finds is the run's for ever."""

from collections.abc import Iterable

from assays.kernel import VERSION, ifng
from assays.kernel.plain import to_plain
from assays.models import Run
from assays.rules.plates import WellFacts, assay_wells, judged, not_computed, reads_criterion, value_of
from assays.rules.rows import STIMULATED
from assays.states import RUN, RunState
from tilmfg.accounts.models import User
from tilmfg.accounts.verbs import verb
from tilmfg.records.states import advance

from .imports import lock_orders
from .recording import record_value


@verb("assays.run.compute", service=True)
def compute_run(*, run: Run, by: User) -> Run:
    """Fit, judge, measure. An invalid run says which criterion failed and gives no result."""
    try:
        outcome = _computed(run)
    except ifng.UnableToCompute as refusal:
        return _keep(run, not_computed(str(refusal)), by=by)
    _keep(run, to_plain(outcome), by=by)
    if run.state == RunState.COMPUTED:
        _record(run, outcome.samples, by=by)
    return run


def _computed(run: Run) -> ifng.RunOutcome:
    conditions = {name.instrument_name: (name.sample.name, name.condition) for name in _mapped(run)}
    rules = run.method.rules
    if rules.plate is None:
        raise ifng.UnableToCompute(f"{run.method} is no method for a plate.")
    outcome = ifng.compute_run(wells=assay_wells(_facts(run), conditions), method=rules.plate)
    criterion = reads_criterion(rules, signal=run.signal_read, reference=run.reference_read)
    return judged(outcome, criterion)


def _keep(run: Run, outcome: dict, *, by: User) -> Run:
    """The outcome and the state that follows from it, for ever."""
    failed = [criterion["name"] for criterion in outcome["criteria"] if not criterion["passed"]]
    Run.objects.filter(pk=run.pk).update(outcome=outcome, kernel_version=VERSION)
    run.outcome, run.kernel_version = outcome, VERSION
    event = "assays.run.found_invalid" if failed else "assays.run.computed"
    advance(run, machine=RUN, event=event, by=by, details={"failed": failed})
    return run


def _record(run: Run, samples: Iterable[ifng.SampleOutcome], *, by: User) -> None:
    stimulated = {name.sample.name: name for name in _mapped(run) if name.condition == STIMULATED}
    lock_orders({name.sample.order_id for name in stimulated.values()})
    for outcome in samples:
        name = stimulated[outcome.name]
        record_value(
            value_of(outcome),
            sample=name.sample,
            method=run.method,
            run=run,
            performed_at=run.measured_at,
            again=name.again,
            recorded_by=run.analyst,
            by=by,
        )


def _mapped(run: Run):
    return run.mapped_samples.filter(sample__isnull=False).select_related("sample__order").order_by("pk")


def _facts(run: Run) -> list[WellFacts]:
    """The wells as they were stored with the run: computing again later means computing from these."""
    return [
        WellFacts(
            position=well.position,
            role=well.role,
            instrument_name=well.instrument_name,
            nominal=well.nominal,
            dilution=well.dilution,
            signal=well.signal,
            reference=well.reference,
            missing=well.missing,
        )
        for well in run.wells.order_by("pk")
    ]
