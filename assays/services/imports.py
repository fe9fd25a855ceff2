"""From a stored file and what the analyst says about its rows to a run."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from assays import selectors
from assays.kernel.missing import Missing
from assays.models import InstrumentFile, MappedSample, Method, Run, Well
from assays.readers import CellCountFile, PlateFile
from assays.reading import read_stored
from assays.retests import why_not_measured_again
from assays.rules.mapping import Choice, Examination, Import, examine
from assays.rules.plates import Reads, WellFacts, as_scanned, code_in
from assays.rules.rows import CountRow, Row, measured_at, told_when
from assays.states import RUN
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.batches.models import Sample
from tilmfg.identity.models import TherapyOrder
from tilmfg.records.chains import take_turns
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.outbox import promise

from .computations import keep_computation
from .files import instrument_for, plates_of, refuse_repeat, why_uncalibrated
from .reagents import keep_lots, usable_lots
from .recording import record_value

NOT_A_PLATE = Reads()
NO_LOTS: Mapping[str, str] = MappingProxyType({})


class UnableToImport(UnableTo):
    """Something is still unclear; nothing is imported."""


@verb("assays.run.import", roles=(Role.ANALYST,))
def import_run(
    *,
    file: InstrumentFile,
    method: Method,
    instrument_code: str,
    choices: Mapping[str, Choice],
    reads: Reads = NOT_A_PLATE,
    plate_in_file: str = "",
    plate_scanned: str = "",
    acceptance: str = "",
    lots: Mapping[str, str] = NO_LOTS,
    measured: datetime | None = None,
    by: User,
) -> Run:
    """One run of the file. Counts give their results at once; the rest is computed after the commit.

    Of a file that holds several plates `plate_in_file` is the name of the one that is meant. `plate_scanned` is the
    label on the plate: where the file names its plate it must be the same, elsewhere it is what the analyst states.
    `lots` are the codes of the material lots that were used, by the reagents that the method names.
    `measured` is when, for a file that does not say.
    """
    file = InstrumentFile.objects.select_for_update().get(pk=file.pk)
    require(
        plate_in_file in plates_of(file),
        UnableToImport(
            f"The file holds no plate called “{plate_in_file}”: {', '.join(file.plates) or 'only one'}."
        ),
    )
    refuse_repeat(file, plate=plate_in_file)
    require(
        method in selectors.methods_for(file.format),
        UnableToImport(f"{method} is not in force for this file."),
    )
    require_qualified(by, *method.qualifications)
    instrument = instrument_for(code=instrument_code, kinds={method.rules.instrument})
    samples = selectors.samples_named({choice.sample_name for choice in choices.values()})
    lock_orders({sample.order_id for sample in samples.values()})
    read = read_stored(file, time_zone=instrument.time_zone, plate=plate_in_file)
    content = method.rules.laid_out(told_when(read, measured))
    plan = selectors.plan_import(
        content, method=method, choices=choices, reads=reads, plate=plate_scanned, stored=file
    )
    examination = examine(plan)
    refuse_unclear(examination, acceptance=acceptance)
    refuse_retests(plan, samples, method, analyst=by)
    measured = present(measured_at(content))
    uncalibrated = why_uncalibrated(instrument, measured_at=measured)
    require(not uncalibrated, UnableToImport(uncalibrated, field="instrument"))
    used = usable_lots(method.rules.reagents, lots, measured_at=measured)
    run = Run.objects.create(
        method=method,
        file=file,
        instrument=instrument,
        analyst=by,
        measured_at=measured,
        signal_read=reads.signal,
        reference_read=reads.reference,
        plate_in_file=plate_in_file,
        plate_read=code_in(content),
        plate_scanned=as_scanned(plate_scanned),
        findings=list(examination.findings),
        acceptance=acceptance.strip(),
    )
    keep_lots(run, used)
    mapped = [map_row(run, row, plan, samples) for row in plan.rows]
    told = {"sha256": file.sha256} | ({"plate": run.plate_scanned} if run.plate_scanned else {})
    publish("assays.run.imported", subject=run, kind=RUN.kind, by=by, details=told)
    if isinstance(content, PlateFile):
        keep_wells(run, content, mapped)
    if isinstance(content, CellCountFile):
        record_counts(run, plan, samples, by=by)
    else:
        promise("assays.compute_run", key=str(run.pk), run_id=run.pk)
    return run


def refuse_unclear(examination: Examination, *, acceptance: str) -> None:
    for unclear in examination.unclear[:1]:
        raise UnableToImport(unclear.sentence, field=unclear.field)
    require(
        not examination.findings or acceptance.strip(),
        UnableToImport(
            "Say why the file is imported although: " + " ".join(examination.findings), field="acceptance"
        ),
    )


def refuse_retests(plan: Import, samples: Mapping[str, Sample], method: Method, *, analyst: User) -> None:
    """While a result is investigated only its planned retests are measured, by somebody else."""
    reasons = why_not_measured_again(samples.values(), method, analyst=analyst)
    for row, known in plan.mapped:
        if why := reasons.get(known.name):
            raise UnableToImport(f"{row.title}: {known.name}: {why}", field=f"sample_{row.key}")


def lock_orders(order_ids: set[int]) -> None:
    """Measurements of one order take turns, so that each sees which result stands.

    Called before a verb writes: chains of orders are taken together, and the laboratory's after them.
    """
    take_turns(f"order:{pk}" for pk in order_ids)
    list(TherapyOrder.objects.select_for_update().filter(pk__in=order_ids).order_by("pk").values_list("pk"))


def map_row(run: Run, row: Row, plan: Import, samples: Mapping[str, Sample]) -> MappedSample:
    choice = plan.choice(row)
    return MappedSample.objects.create(
        run=run,
        row=row.number,
        instrument_name=row.name,
        sample=samples.get(choice.sample_name),
        condition=choice.condition or MappedSample.Condition.AS_IS,
        left_out=choice.left_out.strip(),
        again=choice.again.strip() if plan.stands(row) else "",
    )


def keep_wells(run: Run, file: PlateFile, mapped: list[MappedSample]) -> None:
    by_name = {name.instrument_name: name for name in mapped}
    reads = Reads(signal=run.signal_read, reference=run.reference_read)
    Well.objects.bulk_create(
        keep_well(run, facts, by_name) for facts in run.method.rules.wells_of(file, reads)
    )


def keep_well(run: Run, facts: WellFacts, by_name: Mapping[str, MappedSample]) -> Well:
    return Well(
        run=run,
        position=facts.position,
        role=facts.role,
        instrument_name=facts.instrument_name,
        mapped_sample=by_name[facts.instrument_name] if facts.role == "sample" else None,
        nominal=facts.nominal,
        dilution=facts.dilution,
        signal=facts.signal,
        reference=facts.reference,
        missing=facts.missing,
        analyte=facts.analyte,
        bead_count=facts.bead_count,
        place=facts.place,
    )


def record_counts(run: Run, plan: Import, samples: Mapping[str, Sample], *, by: User) -> None:
    """A count needs no computation but one multiplication: its results are there with the import."""
    outcome = plan.calculation.compute(plan.material)
    counted = [(row, known) for row, known in plan.mapped if isinstance(row, CountRow)]
    volumes = {known.name: known.bag_volume_ml for _, known in counted}
    keep_computation(run, outcome, bag_volumes=volumes, by=by)
    for row, known in counted:
        choice = plan.choice(row)
        for value in outcome.values[known.name]:
            record_value(
                value,
                sample=samples[choice.sample_name],
                method=run.method,
                run=run,
                performed_at=present(row.count.counted_at),
                again=choice.again,
                recorded_by=by,
                by=by,
            )


def present(moment: datetime | Missing) -> datetime:
    """`examine` lets nothing pass that has no time."""
    if isinstance(moment, Missing):
        raise UnableToImport(f"The file does not say when it was measured: {moment.reason}.")
    return moment
