"""Record a step as it was performed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.quality import services as quality
from tilmfg.quality.models import Deviation
from tilmfg.records.days import facility_day, facility_zone
from tilmfg.records.errors import require
from tilmfg.records.events import publish

from ..containers import Bench, bench_of
from ..models import Batch, EquipmentUse, MaterialUse, StepExecution
from ..progress import Progress, known_numbers, standing_readings
from ..rules import Step
from ..states import STEP
from .due import UnableToRecord, locked, require_due
from .filling import draw_samples, require_matching_excess
from .supplies import usable_equipment, usable_materials
from .values import evaluated, open_deviation_for, require_reasons, write_reading


@verb("batches.step.record", roles=(Role.TECHNICIAN,))
def record_step(
    *,
    batch: Batch,
    step: str,
    performed_at: datetime,
    readings: Mapping[str, Decimal | str],
    materials: Mapping[str, str],
    equipment: Mapping[str, str],
    reasons: Mapping[str, str],
    window_reason: str,
    late_entry_reason: str,
    by: User,
) -> StepExecution:
    """The next step with its values, supplies and containers, once.

    `readings` are keyed by parameter (`bag_volume_ml[BG1]` where it is asked for each bag), `materials` and
    `equipment` by slot and hold scanned codes, `reasons` say why a value outside its limits is accepted.
    Containers are those that were scanned for the step.
    """
    batch = locked(batch)
    require_qualified(by, batch.definition.qualification)
    progress, due = require_due(batch, step)
    require_possible_time(progress, due, performed_at)
    in_window = require_window(progress, due, performed_at, window_reason)
    require_late_entry(progress, performed_at, late_entry_reason)
    bench = bench_of(batch, due)
    require_complete(bench)
    day = facility_day(performed_at)
    codes = bench.codes()
    lots = usable_materials(due, materials, on=day)
    machines = usable_equipment(due, equipment, on=day)
    values = evaluated(
        due,
        typed=readings,
        containers=codes,
        earlier=known_numbers(standing_readings(batch)),
        minutes_since=progress.minutes_since(due, performed_at),
    )
    require_reasons(values, reasons)
    require_matching_excess(due, codes, {value.code: value for value in values})

    execution = StepExecution.objects.create(
        order=batch.order,
        batch=batch,
        step=due.code,
        performed_by=by,
        performed_at=performed_at,
        containers=codes,
        in_window=in_window,
        window_reason="" if in_window else window_reason.strip(),
        late_entry_reason=late_entry_reason.strip(),
    )
    for slot, lot in lots.items():
        MaterialUse.objects.create(order=batch.order, execution=execution, slot=slot, lot=lot)
    for slot, machine in machines.items():
        EquipmentUse.objects.create(order=batch.order, execution=execution, slot=slot, equipment=machine)
    for value in values:
        why = "" if value.within_limits else reasons[value.code].strip()
        write_reading(execution, value, reason=why, by=by)
        if not value.within_limits:
            open_deviation_for(execution, due, value, reason=why, by=by)
    if not in_window:
        open_window_deviation(execution, due, by=by)
    draw_samples(execution, bench, by=by)
    publish(
        "batches.step.recorded",
        subject=execution,
        kind=STEP.kind,
        by=by,
        to_state=execution.state,
        details={
            "step": due.code,
            "name": due.name,
            "performed_at": execution.performed_at.isoformat(),
        },
    )
    return execution


def require_possible_time(progress: Progress, step: Step, performed_at: datetime) -> None:
    require(
        performed_at <= timezone.now(),
        UnableToRecord(f"{clock(performed_at)} is in the future.", field="performed_at"),
    )
    previous = progress.previous(step)
    since = previous.performed_at if previous else progress.batch.started_at
    what = "the step before it was performed" if previous else "the batch was begun"
    require(
        performed_at >= since,
        UnableToRecord(f"{clock(performed_at)} is before {what}, {clock(since)}.", field="performed_at"),
    )


def require_window(progress: Progress, step: Step, performed_at: datetime, window_reason: str) -> bool:
    span = progress.span_of(step)
    if span is None or span.holds(performed_at):
        return True
    require(
        window_reason.strip(),
        UnableToRecord(
            f"{clock(performed_at)} is outside the window, {clock(span.opens_at)} to {clock(span.closes_at)}. "
            "State the reason.",
            field="window_reason",
        ),
    )
    return False


def require_late_entry(progress: Progress, performed_at: datetime, reason: str) -> None:
    minutes = progress.process.late_after_minutes
    late = timezone.now() - performed_at
    require(
        late <= timedelta(minutes=minutes) or reason.strip(),
        UnableToRecord(
            f"This was performed {late // timedelta(minutes=1)} minutes ago. An entry more than {minutes} minutes "
            "late needs a reason.",
            field="late_entry_reason",
        ),
    )


def require_complete(bench: Bench) -> None:
    for produced in bench.unlabelled:
        raise UnableToRecord(f"{produced.label}: label what is filled in this step first.")
    require(not bench.vials_unlabelled, UnableToRecord("Label the sample vials of this step first."))
    missing = ", ".join(container.code for container in bench.pending)
    require(not missing, UnableToRecord(f"Not scanned yet: {missing}."))


def open_window_deviation(execution: StepExecution, step: Step, *, by: User) -> None:
    quality.open_deviation(
        chain=execution.chain,
        subject_kind=STEP.kind,
        subject_id=execution.pk,
        kind=Deviation.Kind.OUT_OF_WINDOW,
        title=f"{execution.batch.order.lot_number}, {step.name}: performed outside its window",
        description=f"Performed {clock(execution.performed_at)}. Reason given: {execution.window_reason}",
        by=by,
    )


def clock(moment: datetime) -> str:
    here = moment.astimezone(facility_zone())
    return f"{here.day} {here:%b %Y %H:%M}"
