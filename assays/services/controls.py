"""Lots of control materials: registered on trial, given a value by signature, put in use, ended."""

from datetime import date, datetime

from django.utils import timezone

from assays.kernel.missing import Missing
from assays.kernel.status import UnableToAnswer
from assays.models import AssignedValue, Computation, ControlLot, ControlReading
from assays.models.controls import RUNS_BRIDGED, RUNS_NEEDED
from assays.rules.calculations import Outcome
from assays.rules.controls import bridged_target, target_of
from assays.selectors.controls import lot_in_use_beside, lots_at, reviewed_readings, values_in_force
from assays.selectors.methods import latest_approved
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.records.canonical import digest
from tilmfg.records.days import facility_today
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.models import Signature
from tilmfg.records.signature_status import signed_row
from tilmfg.records.signatures import Credential

LOT, VALUE = "assays.control_lot", "assays.assigned_value"


class UnableToKeepControl(UnableTo):
    """The lot or its value stays as it was."""


@verb("assays.control.register", roles=(Role.ANALYST,))
def register_control_lot(
    *,
    method_code: str,
    name: str,
    trial_name: str,
    lot_number: str,
    unit: str,
    expiry_date: date,
    opened_at: datetime,
    by: User,
) -> ControlLot:
    """From now on its readings are kept as its own. Beside a lot in use it goes by another name until it takes over."""
    name, lot_number = name.strip(), lot_number.strip()
    trial_name = trial_name.strip() or name
    require_qualified_for(method_code, by=by)
    require(
        expiry_date >= facility_today(),
        UnableToKeepControl(f"This lot expired on {expiry_date:%d %b %Y}.", field="expiry_date"),
    )
    require(
        opened_at <= timezone.now(),
        UnableToKeepControl("A lot is opened by now or earlier.", field="opened_at"),
    )
    others = ControlLot.objects.select_for_update().filter(method_code=method_code, ended_at=None)
    living = list(others)
    require(
        not any(other.name == name and other.lot_number == lot_number for other in living),
        UnableToKeepControl(f"Lot {lot_number} of {name} is registered already.", field="lot_number"),
    )
    clash = next(
        (other for other in living if trial_name == (other.name if other.in_use_from else other.trial_name)),
        None,
    )
    if clash:
        raise UnableToKeepControl(
            f"“{trial_name}” is {clash} already. Give this lot a name of its own on the plate until it is in use.",
            field="trial_name",
        )
    lot = ControlLot.objects.create(
        method_code=method_code,
        name=name,
        trial_name=trial_name,
        lot_number=lot_number,
        unit=unit.strip(),
        expiry_date=expiry_date,
        opened_at=opened_at,
        registered_by=by,
    )
    publish("assays.control.registered", subject=lot, kind=LOT, by=by)
    return lot


def require_qualified_for(method_code: str, *, by: User) -> None:
    """By its newest version: lots outlive the version by which they were read first."""
    method = latest_approved(method_code)
    if method is None:
        raise UnableToKeepControl(f"No approved method has the code “{method_code}”.", field="method_code")
    require_qualified(by, *method.qualifications)


def keep_readings(computation: Computation, outcome: Outcome) -> None:
    """What a computation found of the controls. Called inside a verb."""
    run = computation.run
    names = [found.name for found in outcome.controls]
    lots = lots_at(run.method.code, names, run.measured_at)
    for found in outcome.controls:
        lot = lots.get(found.name)
        ControlReading.objects.create(
            run=run,
            computation=computation,
            lot=lot if lot and lot.unit == found.unit else None,
            name=found.name,
            value=None if isinstance(found.value, Missing) else found.value,
            missing=found.value.reason if isinstance(found.value, Missing) else "",
            unit=found.unit,
            lower=found.lower,
            upper=found.upper,
            measured_at=run.measured_at,
        )


@verb("assays.control.propose_value", roles=(Role.ANALYST,))
def propose_value(*, lot: ControlLot, by: User) -> AssignedValue:
    """From twenty or more reviewed runs of its own; with fewer, provisionally from runs beside the lot in use."""
    lot = ControlLot.objects.select_for_update().get(pk=lot.pk)
    require_qualified_for(lot.method_code, by=by)
    require(lot.ended_at is None, UnableToKeepControl(f"{lot} is no longer used."))
    own = {reading.run_id: reading.value for reading in reviewed_readings(lot)}
    earlier = None
    if len(own) < RUNS_NEEDED:
        earlier = _value_in_use(lot)
        if earlier:
            beside = {reading.run_id for reading in reviewed_readings(earlier.lot)}
            own = {run: value for run, value in own.items() if run in beside}
        require(
            earlier and len(own) >= RUNS_BRIDGED,
            UnableToKeepControl(
                f"{lot} was read in {len(own)} reviewed runs{' beside the lot in use' if earlier else ''}; "
                f"{RUNS_NEEDED} of its own are needed, or {RUNS_BRIDGED} beside a lot in use that has a value."
            ),
        )
    try:
        target = (
            bridged_target(list(own.values()), earlier.target) if earlier else target_of(list(own.values()))
        )
    except UnableToAnswer as refusal:
        raise UnableToKeepControl(f"The readings of {lot} give no spread: {refusal}") from refusal
    value = AssignedValue.objects.create(
        lot=lot,
        basis=AssignedValue.Basis.BRIDGED if earlier else AssignedValue.Basis.OWN_RUNS,
        mean=target.mean,
        sd=target.sd,
        runs=sorted(own),
        bridged_from=earlier,
        proposed_by=by,
    )
    publish("assays.control.value_proposed", subject=value, kind=VALUE, by=by)
    return value


@verb("assays.control.approve_value", roles=(Role.QA_APPROVER,))
def approve_value(
    *, value: AssignedValue, seen: str, credential: Credential, reason: str, by: User
) -> AssignedValue:
    """From now on the lot is held against it. `seen` is the digest of what was shown."""
    value = AssignedValue.objects.select_for_update(of=("self",)).select_related("lot").get(pk=value.pk)
    require(value.approval_id is None, UnableToKeepControl(f"{value} is approved already."))
    require(
        digest(shown_of_value(value)) == seen,
        ChangedMeanwhile("This value changed while you looked at it; look again before you sign."),
    )
    value.approval = sign(
        subject=value,
        kind=VALUE,
        content=shown_of_value(value),
        meaning=Signature.Meaning.APPROVED,
        reason=reason,
        credential=credential,
        parts={"proposer": {value.proposed_by_id}},
        by=by,
    )
    value.save(update_fields=["approval"])
    publish("assays.control.value_approved", subject=value, kind=VALUE, by=by)
    return value


@signed_row(VALUE, model=AssignedValue, moves=("approval_id",))
def shown_of_value(value: AssignedValue) -> dict:
    """What the approving signature covers."""
    return {
        "lot": [value.lot.method_code, value.lot.name, value.lot.lot_number],
        "basis": value.basis,
        "mean": value.mean,
        "sd": value.sd,
        "unit": value.lot.unit,
        "runs": value.runs,
        "bridged_from": value.bridged_from_id,
        "proposed_by": value.proposed_by_id,
    }


@verb("assays.control.put_in_use", roles=(Role.ANALYST,))
def put_in_use(*, lot: ControlLot, reason: str, by: User) -> ControlLot:
    """From now on the control's name means this lot; the lot before it ends."""
    require_qualified_for(lot.method_code, by=by)
    require(reason.strip(), UnableToKeepControl("Say why this lot takes over.", field="reason"))
    lots = ControlLot.objects.select_for_update().filter(method_code=lot.method_code, name=lot.name)
    standing = {each.pk: each for each in lots.order_by("pk")}
    lot = standing[lot.pk]
    require(lot.state == "on_trial", UnableToKeepControl(f"{lot} is not on trial."))
    require(lot.expiry_date >= facility_today(), UnableToKeepControl(f"{lot} has expired."))
    require(
        lot.pk in values_in_force([lot.pk]),
        UnableToKeepControl(f"{lot} has no approved value yet."),
    )
    now = timezone.now()
    for other in standing.values():
        if other.state == "in_use":
            _end(other, at=now, reason=f"{lot} took over: {reason.strip()}", by=by)
    lot.in_use_from = now
    lot.save(update_fields=["in_use_from"])
    publish("assays.control.put_in_use", subject=lot, kind=LOT, by=by, details={"because": reason.strip()})
    return lot


@verb("assays.control.end", roles=(Role.ANALYST,))
def end_control_lot(*, lot: ControlLot, reason: str, by: User) -> ControlLot:
    """Used up, expired or found wanting: nothing that is measured from now on is of this lot."""
    require_qualified_for(lot.method_code, by=by)
    require(reason.strip(), UnableToKeepControl("Say why it is no longer used.", field="reason"))
    lot = ControlLot.objects.select_for_update().get(pk=lot.pk)
    require(lot.ended_at is None, UnableToKeepControl(f"{lot} is no longer used already."))
    _end(lot, at=timezone.now(), reason=reason.strip(), by=by)
    return lot


def _end(lot: ControlLot, *, at: datetime, reason: str, by: User) -> None:
    lot.ended_at, lot.end_reason = at, reason
    lot.save(update_fields=["ended_at", "end_reason"])
    publish("assays.control.ended", subject=lot, kind=LOT, by=by, details={"because": reason})


def _value_in_use(lot: ControlLot) -> AssignedValue | None:
    """Of the lot that this one would take over from."""
    other = lot_in_use_beside(lot)
    return values_in_force([other.pk]).get(other.pk) if other else None
