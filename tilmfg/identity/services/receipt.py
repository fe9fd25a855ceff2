"""Two people receive the tumor: scan, temperature, condition, and who brought it."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.quality.models import Deviation
from tilmfg.quality.services import open_deviation
from tilmfg.records.days import facility_day
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.states import advance

from .. import rules
from ..models import ArrivalLimit, Container, CustodyEvent, Scan, TherapyOrder
from ..states import CONTAINER, ORDER, OrderState
from .locking import lock
from .scans import record_scan

PURPOSE = "tumor receipt"
PLACE = "Tumor receipt"


class UnableToReceive(UnableTo):
    """The tumor was not received."""


@verb("identity.tumor.receive", roles=(Role.TECHNICIAN,))
def receive_tumor(
    *,
    order: TherapyOrder,
    read: str,
    second: User,
    received_at: datetime,
    temperature_c: Decimal,
    condition: str,
    courier: str,
    late_entry_reason: str,
    by: User,
    temperature_reason: str = "",
) -> Scan:
    """The scan; if it does not match, the order has been stopped and nothing was received."""
    lock(order)
    require(
        order.state == OrderState.ORDERED,
        UnableToReceive(
            f"Order {order.lot_number} is {order.get_state_display().lower()}; nothing is received for it."
        ),
    )
    bottle = order.containers.get(kind=Container.Kind.TUMOR_BOTTLE)
    scan = record_scan(order=order, purpose=PURPOSE, expected=bottle.payload, read=read, by=by)
    if not scan.matches:
        return scan
    require_two_people(second, by)
    require_plausible_time(received_at, late_entry_reason)
    require(condition.strip(), UnableToReceive("Describe the condition of the bottle.", field="condition"))
    require(courier.strip(), UnableToReceive("Name the courier who handed it over.", field="courier"))
    limit = ArrivalLimit.on(facility_day(received_at))
    within = limit.contains(temperature_c)
    require(
        within or temperature_reason.strip(),
        UnableToReceive(
            f"{temperature_c:f} °C is outside {limit}. Say why the tumor is accepted, or do not receive it.",
            field="temperature_reason",
        ),
    )
    custody = CustodyEvent.objects.create(
        order=order,
        container=bottle,
        kind=CustodyEvent.Kind.RECEIVED,
        gave=courier.strip(),
        took=by,
        second=second,
        place=PLACE,
        performed_at=received_at,
        temperature_c=temperature_c,
        temperature_reason="" if within else temperature_reason.strip(),
        condition=condition.strip(),
        late_entry_reason=late_entry_reason.strip() if rules.is_late(received_at, now=timezone.now()) else "",
        scan=scan,
    )
    claimed = {"performed_at": received_at.isoformat(), "second": second.printed_name}
    advance(
        bottle,
        machine=CONTAINER,
        event="identity.container.filled",
        by=by,
        details={"code": bottle.code, **claimed},
    )
    advance(
        order,
        machine=ORDER,
        event="identity.tumor.received",
        by=by,
        details={**claimed, "temperature_c": str(temperature_c)},
    )
    if not within:
        open_temperature_deviation(custody, limit, by=by)
    return scan


def require_two_people(second: User, by: User) -> None:
    require(
        second.pk != by.pk,
        UnableToReceive("The second person must be somebody else than you.", field="second_username"),
    )
    require(
        second.holds(Role.TECHNICIAN),
        UnableToReceive(f"{second.printed_name} is not a manufacturing technician.", field="second_username"),
    )


def require_plausible_time(received_at: datetime, late_entry_reason: str) -> None:
    now = timezone.now()
    require(
        received_at <= now, UnableToReceive("The time of receipt lies in the future.", field="received_at")
    )
    require(
        late_entry_reason.strip() or not rules.is_late(received_at, now=now),
        UnableToReceive(
            "This is recorded more than 15 minutes after it was done. Say why it is entered late.",
            field="late_entry_reason",
        ),
    )


def open_temperature_deviation(custody: CustodyEvent, limit: ArrivalLimit, *, by: User) -> None:
    open_deviation(
        chain=custody.order.chain,
        subject_kind="identity.custody",
        subject_id=custody.pk,
        kind=Deviation.Kind.OUT_OF_LIMIT,
        title=f"Tumor arrived at {custody.temperature_c:f} °C",
        description=f"Allowed is {limit}. Accepted because: {custody.temperature_reason}",
        by=by,
    )
