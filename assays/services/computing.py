"""A run is computed by the program, under its own account; what it finds is the run's for ever."""

from collections.abc import Mapping

from assays.kernel import VERSION
from assays.models import MappedSample, Run
from assays.rules.calculations import Material, Outcome, UnableToCompute, nothing_computed
from assays.rules.plates import Reads, WellFacts, reads_criterion
from assays.rules.values import Named, Value
from assays.states import RUN, RunState
from tilmfg.accounts.models import User
from tilmfg.accounts.verbs import verb
from tilmfg.batches.models import Sample
from tilmfg.records.states import advance

from .imports import lock_orders
from .recording import record_value


@verb("assays.run.compute", service=True)
def compute_run(*, run: Run, by: User) -> Run:
    """Fit, judge, measure. An invalid run says which criterion failed and gives no result."""
    outcome = outcome_of(run)
    _keep(run, outcome, by=by)
    if run.state == RunState.COMPUTED:
        _record(run, outcome.values, by=by)
    return run


def outcome_of(run: Run) -> Outcome:
    """What the method's calculation finds in the run as it is stored; the same at any time."""
    rules = run.method.rules
    if rules.calculation is None:
        return nothing_computed(f"{run.method} computes nothing.")
    try:
        return rules.calculation.compute(material_of(run))
    except UnableToCompute as refusal:
        return nothing_computed(str(refusal))


def material_of(run: Run) -> Material:
    """The wells as they were stored with the run, and which sample each name of the instrument is."""
    rules = run.method.rules
    taken = Reads(signal=run.signal_read, reference=run.reference_read)
    return Material(
        settings=rules.settings,
        results=rules.results,
        names={
            name.instrument_name: Named(sample=sample.name, stage=sample.stage, condition=name.condition)
            for name, sample in _mapped(run)
        },
        wells=tuple(_facts(run)),
        before=(reads_criterion(asked=rules.asks, taken=taken),),
    )


def _keep(run: Run, outcome: Outcome, *, by: User) -> None:
    """The outcome and the state that follows from it, for ever."""
    failed = [criterion.name for criterion in outcome.criteria if not criterion.passed]
    Run.objects.filter(pk=run.pk).update(outcome=outcome.kept, kernel_version=VERSION)
    run.outcome, run.kernel_version = outcome.kept, VERSION
    event = "assays.run.found_invalid" if failed else "assays.run.computed"
    advance(run, machine=RUN, event=event, by=by, details={"failed": failed})


def _record(run: Run, values: Mapping[str, tuple[Value, ...]], *, by: User) -> None:
    measured: dict[str, tuple[Sample, str]] = {}
    for name, sample in _mapped(run):
        measured.setdefault(sample.name, (sample, name.again))
    lock_orders({sample.order_id for sample, _ in measured.values()})
    for sample_name, own in values.items():
        sample, again = measured[sample_name]
        for value in own:
            record_value(
                value,
                sample=sample,
                method=run.method,
                run=run,
                performed_at=run.measured_at,
                again=again,
                recorded_by=run.analyst,
                by=by,
            )


def _mapped(run: Run) -> list[tuple[MappedSample, Sample]]:
    names = run.mapped_samples.select_related("sample__order").order_by("pk")
    return [(name, name.sample) for name in names if name.sample is not None]


def _facts(run: Run) -> list[WellFacts]:
    """Computing again later means computing from these."""
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
