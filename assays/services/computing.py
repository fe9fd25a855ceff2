"""A run is computed by the program, under its own account; what it finds is the run's for ever."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from assays.models import MappedSample, Method, Result, Run
from assays.readers import CellCountRow, ValueRow
from assays.rules.calculations import Counted, Material, Outcome, UnableToCompute, nothing_computed
from assays.rules.plates import Reads, WellFacts, reads_criterion
from assays.rules.values import Named, Value
from assays.selectors import (
    FileRow,
    earlier_assays,
    masked_in,
    next_number,
    rows_of_file,
    why_computed,
    work_on,
)
from assays.selectors.bag_volumes import Volumes, volumes_now
from assays.states import BEING_COMPUTED, RUN, ResultState, RunState
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.batches.models import Sample
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.outbox import hurry

from .computations import keep_computation
from .imports import lock_orders, present
from .recording import record_value, supersede


class UnableToTryAgain(UnableTo):
    """Nobody waits for a computation of this run."""


@verb("assays.run.compute", service=True)
def compute_run(*, run: Run, by: User) -> Run:
    """Fit, judge, measure. An invalid run says which criterion failed and gives no result.

    Computed again because a well was masked, its earlier results are superseded for the reason of the masking.
    """
    number = next_number(run)
    volumes = volumes_now(run)
    outcome = outcome_of(run, number=number, bag_volumes=volumes)
    lock_orders({sample.order_id for _, sample in _mapped(run)})
    earlier = list(run.results.filter(state=ResultState.RECORDED).select_related("sample"))
    because = why_computed(run, number=number)
    keep_computation(run, outcome, bag_volumes=volumes, by=by)
    for retest in earlier:
        if retest.retest_of_id:  # it has a place in a plan, which is free only after it
            supersede(retest, because=because, by=by)
    if run.state == RunState.COMPUTED:
        _record(run, outcome.values, instead_of=earlier, because=because, by=by)
    for result in run.results.filter(pk__in=[result.pk for result in earlier], state=ResultState.RECORDED):
        supersede(result, because=because, by=by)
    return run


@verb("assays.run.try_again", roles=(Role.ANALYST,))
def try_again(*, run: Run, by: User) -> Run:
    """A computation that failed, or whose worker went away, is tried now and not when its turn comes."""
    run.refresh_from_db()
    effect = work_on(run)
    require(
        run.state in BEING_COMPUTED and effect is not None,
        UnableToTryAgain(f"{run} is {run.get_state_display().lower()}; there is nothing to compute."),
    )
    publish("assays.run.tried_again", subject=run, kind=RUN.kind, by=by)
    hurry(effect)
    return run


def outcome_of(run: Run, *, number: int, bag_volumes: Volumes | None) -> Outcome:
    """What the method's calculation finds in the run as it was for this computation; the same at any time."""
    rules = run.method.rules
    if rules.calculation is None:
        return nothing_computed(f"{run.method} computes nothing.")
    try:
        return rules.calculation.compute(material_of(run, number=number, bag_volumes=bag_volumes))
    except UnableToCompute as refusal:
        return nothing_computed(str(refusal))


def material_of(run: Run, *, number: int, bag_volumes: Volumes | None) -> Material:
    """The wells as they were stored with the run, or the rows of its file, those masked by then as such; which sample
    each name is; and what the product bags of a count hold."""
    rules = run.method.rules
    rows = rows_of_file(run)
    taken = Reads(signal=run.signal_read, reference=run.reference_read)
    is_plate = run.method.kind == Method.Kind.PLATE
    return Material(
        settings=rules.settings,
        results=rules.results,
        names={
            name.instrument_name: Named(sample=sample.name, stage=sample.stage, condition=name.condition)
            for name, sample in _mapped(run)
        },
        wells=tuple(_facts(run, number=number)),
        values=tuple(_values(run, rows, number=number)),
        counts=tuple(_counts(run, rows, bag_volumes, number=number)),
        before=(reads_criterion(asked=rules.asks, taken=taken),) if is_plate else (),
        earlier=earlier_assays(run),
    )


def _record(
    run: Run,
    values: Mapping[str, tuple[Value, ...]],
    *,
    instead_of: Collection[Result],
    because: str,
    by: User,
) -> None:
    """What stands of this run itself gives way because of the masking, anything else because of measuring again."""
    own = {(result.sample_id, result.attribute) for result in instead_of}
    measured: dict[str, tuple[Sample, str]] = {}
    for name, sample in _mapped(run):
        measured.setdefault(sample.name, (sample, name.again))
    counted_at = _counted_at(run)
    for sample_name, found in values.items():
        sample, again = measured[sample_name]
        for value in found:
            record_value(
                value,
                sample=sample,
                method=run.method,
                run=run,
                performed_at=counted_at.get(sample_name, run.measured_at),
                again=because if (sample.pk, value.attribute) in own else again,
                recorded_by=run.analyst,
                by=by,
            )


def _counted_at(run: Run) -> dict[str, datetime]:
    """By sample; of counts each has its own time."""
    samples = {name.pk: sample.name for name, sample in _mapped(run)}
    return {
        samples[row.name.pk]: present(row.read.counted_at)
        for row in rows_of_file(run)
        if isinstance(row.read, CellCountRow) and row.name
    }


def _mapped(run: Run) -> list[tuple[MappedSample, Sample]]:
    names = run.mapped_samples.select_related("sample__order").order_by("pk")
    return [(name, name.sample) for name in names if name.sample is not None]


def _values(run: Run, rows: Sequence[FileRow], *, number: int) -> Iterator[ValueRow]:
    masked = masked_in(run, number=number)
    for row in rows:
        if isinstance(row.read, ValueRow):
            yield replace(row.read, masked=masked[row.number].reason) if row.number in masked else row.read


def _counts(
    run: Run, rows: Sequence[FileRow], bag_volumes: Volumes | None, *, number: int
) -> Iterator[Counted]:
    """Of the counted rows that are samples."""
    masked = masked_in(run, number=number)
    samples = {name.pk: sample for name, sample in _mapped(run)}
    for row in rows:
        if isinstance(row.read, CellCountRow) and row.name:
            sample = samples[row.name.pk]
            yield Counted(
                row=row.read,
                name=Named(sample=sample.name, stage=sample.stage, condition=row.name.condition),
                volume_ml=None if bag_volumes is None else bag_volumes.get(sample.name),
                masked=masked[row.number].reason if row.number in masked else "",
            )


def _facts(run: Run, *, number: int) -> list[WellFacts]:
    """Computing again later means computing from these."""
    masked = masked_in(run, number=number)
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
            analyte=well.analyte,
            bead_count=well.bead_count,
            masked=masked[well.pk].reason if well.pk in masked else "",
        )
        for well in run.wells.order_by("pk")
    ]
