"""A plate is computed by the program, under its own account; what it finds is the run's for ever."""

from assays.kernel import VERSION, ifng
from assays.kernel.plain import to_plain
from assays.models import Run
from assays.rules.plates import WellFacts, assay_wells, judged, not_computed, reads_criterion, value_of
from assays.states import RUN
from tilmfg.accounts.models import User
from tilmfg.accounts.verbs import verb
from tilmfg.records.states import advance

from .imports import lock_orders
from .recording import record_value


@verb("assays.run.compute", service=True)
def compute_run(*, run: Run, by: User) -> Run:
    """Fit, judge, measure. An invalid run says which criterion failed and gives no result."""
    mapped = {name.sample.name: name for name in _mapped(run) if name.condition == "stimulated"}
    outcome = _computed(run)
    kept = outcome if isinstance(outcome, dict) else to_plain(outcome)
    failed = [criterion["name"] for criterion in kept["criteria"] if not criterion["passed"]]
    Run.objects.filter(pk=run.pk).update(outcome=kept, kernel_version=VERSION)
    run.outcome, run.kernel_version = kept, VERSION
    event = "assays.run.found_invalid" if failed else "assays.run.computed"
    advance(run, machine=RUN, event=event, by=by, details={"failed": failed})
    if failed:
        return run
    lock_orders({name.sample.order_id for name in mapped.values()})
    for sample in outcome.samples:
        name = mapped[sample.name]
        record_value(
            value_of(sample),
            sample=name.sample,
            method=run.method,
            run=run,
            performed_at=run.measured_at,
            again=name.again,
            recorded_by=run.analyst,
            by=by,
        )
    return run


def _mapped(run: Run):
    return run.mapped_samples.filter(sample__isnull=False).select_related("sample__order").order_by("pk")


def _computed(run: Run) -> ifng.RunOutcome | dict:
    conditions = {name.instrument_name: (name.sample.name, name.condition) for name in _mapped(run)}
    rules = run.method.rules
    try:
        outcome = ifng.compute_run(wells=assay_wells(_facts(run), conditions), method=rules.plate)
    except ifng.UnableToCompute as refusal:
        return not_computed(str(refusal))
    criterion = reads_criterion(rules, signal=run.signal_read, reference=run.reference_read)
    return judged(outcome, criterion)


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
