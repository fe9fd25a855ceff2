"""The verbs at the treatment site: receive the product, check at the bedside, infuse."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.identity import services as identity
from tilmfg.identity.models import Container, CustodyEvent, Patient, Scan, TherapyOrder
from tilmfg.identity.states import CONTAINER, ContainerState, OrderState
from tilmfg.quality import services as quality
from tilmfg.quality.models import Deviation
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.states import advance
from tilmfg.release import services as release
from tilmfg.release.models import Lot
from tilmfg.release.states import PROVIDABLE

from .models import BedsideCheck, Infusion

WARMEST_C = Decimal("-150")  # of a shipment in liquid-nitrogen vapour


CHECK_HOLDS = timedelta(hours=3)  # a thawed bag is given within this time


class UnableToReceive(UnableTo):
    """The product is not taken over."""


class UnableToCheck(UnableTo):
    """The bedside check cannot begin."""


class UnableToInfuse(UnableTo):
    """The bag must not be given."""


def require_own_site(order: TherapyOrder, by: User, refusal: type[UnableTo]) -> None:
    here = by.site_memberships.filter(site=order.site_id, until=None).exists()
    require(here, refusal("This lot is for another treatment site."))


def require_providable(lot: Lot, refusal: type[UnableTo]) -> None:
    require(
        lot.order.state == OrderState.RECEIVED,
        refusal(f"The order is not in good standing: {lot.order.get_state_display().lower()}."),
    )
    require(
        lot.state in PROVIDABLE,
        refusal(f"The lot is not released: {lot.get_state_display().lower()}. Nothing of it may be given."),
    )


def require_unexpired(bag: Container, refusal: type[UnableTo]) -> None:
    if bag.expiry_date is None:
        raise refusal(f"Bag {bag.code} has no expiry date.")
    expired = bag.expiry_date < timezone.now().date()
    require(not expired, refusal(f"Bag {bag.code} expired on {bag.expiry_date:%d %b %Y}."))


@verb("treatment.product.receive", roles=(Role.SITE,))
def receive_product(
    *,
    lot: Lot,
    container: Container,
    read: str,
    courier: str,
    temperature_c: Decimal,
    condition: str,
    received_at: datetime,
    reason: str = "",
    by: User,
) -> Scan:
    """Take over one bag from the courier. A mismatch is recorded, stops the order, and is returned."""
    require_own_site(lot.order, by, UnableToReceive)
    require_providable(lot, UnableToReceive)
    require(container.kind == Container.Kind.BAG, UnableToReceive(f"{container.code} is no product bag."))
    require(
        container.state == ContainerState.STORED,
        UnableToReceive(f"Bag {container.code} is {container.get_state_display().lower()}."),
    )
    warm = temperature_c > WARMEST_C
    require(
        not warm or reason.strip(),
        UnableToReceive(
            f"{temperature_c} °C is warmer than {WARMEST_C} °C: say what happened.", field="reason"
        ),
    )
    scan = identity.record_scan(
        order=lot.order, purpose="Receipt at the site", expected=container.payload, read=read, by=by
    )
    if not scan.matches:
        return scan
    CustodyEvent.objects.create(
        order=lot.order,
        container=container,
        kind=CustodyEvent.Kind.RECEIVED_AT_SITE,
        gave=courier,
        took=by,
        place=lot.order.site.name,
        performed_at=received_at,
        temperature_c=temperature_c,
        condition=condition,
        scan=scan,
    )
    advance(container, machine=CONTAINER, event="identity.container.received_at_site", by=by)
    if warm:
        quality.open_deviation(
            chain=lot.chain,
            subject_kind="identity.container",
            subject_id=container.pk,
            kind=Deviation.Kind.OUT_OF_LIMIT,
            title=f"Bag {container.code} arrived at {temperature_c} °C",
            description=reason.strip(),
            by=by,
        )
    return scan


@verb("treatment.bedside.check", roles=(Role.SITE,))
def check_at_bedside(
    *,
    lot: Lot,
    container: Container,
    wristband: str,
    cassette_read: str,
    bag_read: str,
    second: User,
    by: User,
) -> BedsideCheck:
    """Three scans by two people. Whatever differs is recorded, stops the order, and the check says so."""
    require_own_site(lot.order, by, UnableToCheck)
    require_providable(lot, UnableToCheck)
    require(
        second.pk != by.pk, UnableToCheck("The second person must be somebody else.", field="second_username")
    )
    require_own_site(lot.order, second, UnableToCheck)
    require(
        container.state == ContainerState.AT_SITE,
        UnableToCheck(f"Bag {container.code} is {container.get_state_display().lower()}, not at the site."),
    )
    require_unexpired(container, UnableToCheck)
    patient = identity.read_wristband(text=wristband, order=lot.order, by=by)
    right_patient = patient is not None and patient.pk == lot.order.patient_id
    cassette = scan_at_bedside(container, "cassette", cassette_read, by=by)
    bag = scan_at_bedside(container, "bag", bag_read, by=by)
    check = BedsideCheck.objects.create(
        order=lot.order,
        container=container,
        patient=patient,
        cassette_scan=cassette,
        bag_scan=bag,
        matches=right_patient and cassette.matches and bag.matches,
        first=by,
        second=second,
    )
    publish(
        "treatment.bedside.checked",
        subject=container,
        kind="identity.container",
        by=by,
        details={"matches": check.matches, "second": second.username, "check": check.pk},
    )
    if not right_patient:
        identity.stop_order(
            order=lot.order,
            title=f"{lot.order.lot_number}: another patient's wristband was read at the bedside",
            description=f"Bag {container.code}; nothing was given.",
            by=by,
        )
    return check


def scan_at_bedside(container: Container, what: str, read: str, *, by: User) -> Scan:
    try:
        return identity.record_scan(
            order=container.order, purpose=f"bedside, {what}", expected=container.payload, read=read, by=by
        )
    except identity.UnableToReadScan as unreadable:
        raise UnableToCheck(str(unreadable), field=f"{what}_read") from unreadable


@verb("treatment.infusion.record", roles=(Role.SITE,))
def record_infusion(
    *, check: BedsideCheck, started_at: datetime, ended_at: datetime, notes: str = "", by: User
) -> Infusion:
    """Record that the checked bag was given to the checked patient."""
    lot = Lot.objects.select_related("order__site").select_for_update(of=("self",)).get(order=check.order_id)
    bag: Container = check.container
    require_own_site(lot.order, by, UnableToInfuse)
    require_providable(lot, UnableToInfuse)
    require(check.matches, UnableToInfuse("The bedside check of this bag did not pass."))
    require(
        bag.state == ContainerState.AT_SITE,
        UnableToInfuse(f"Bag {bag.code} is {bag.get_state_display().lower()}."),
    )
    require(
        started_at >= check.recorded_at.replace(second=0, microsecond=0),
        UnableToInfuse("The infusion cannot start before the bedside check.", field="started_at"),
    )
    require(ended_at > started_at, UnableToInfuse("The infusion ends after it starts.", field="ended_at"))
    require_unexpired(bag, UnableToInfuse)
    require(
        started_at <= check.recorded_at + CHECK_HOLDS,
        UnableToInfuse("The bedside check is older than three hours; check again.", field="started_at"),
    )
    infusion = Infusion.objects.create(
        order=lot.order,
        lot=lot,
        patient=patient_of(check),
        container=bag,
        check_passed=check,
        started_at=started_at,
        ended_at=ended_at,
        performed_by=by,
        notes=notes,
    )
    advance(bag, machine=CONTAINER, event="identity.container.infused", by=by)
    publish(
        "treatment.infusion.recorded",
        subject=infusion,
        kind="treatment.infusion",
        chain=lot.chain,
        by=by,
        details={
            "container": bag.code,
            "started_at": started_at.isoformat(),
            "ended_at": ended_at.isoformat(),
        },
    )
    waiting = (ContainerState.STORED, ContainerState.AT_SITE)
    if not lot.order.containers.filter(kind=Container.Kind.BAG, state__in=waiting).exists():
        release.record_infused(lot=lot, by=by)
    return infusion


def patient_of(check: BedsideCheck) -> Patient:
    if check.patient is None:
        raise UnableToInfuse("The bedside check names no patient.")
    return check.patient
