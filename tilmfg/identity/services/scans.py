"""Compare what was read with what was expected; a wrong label stops the line and stays on record."""

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.quality.models import Deviation
from tilmfg.quality.services import open_deviation
from tilmfg.records.errors import UnableTo
from tilmfg.records.events import publish
from tilmfg.records.states import advance

from .. import isbt128, rules
from ..isbt128 import UnableToReadIdentifier
from ..models import Scan, TherapyOrder
from ..states import ORDER
from .locking import lock

STOPPED = "identity.order.stopped"
SCANNERS = (Role.TECHNICIAN, Role.ANALYST, Role.SITE, Role.IDENTITY_ADMINISTRATOR)


class UnableToReadScan(UnableTo):
    """What was read is no identifier of this house at all; nothing is recorded and the order goes on."""


@verb("identity.scan.record", roles=SCANNERS)
def record_scan(*, order: TherapyOrder, purpose: str, expected: str, read: str, by: User) -> Scan:
    """The scan as recorded; if it does not match, the order has been stopped. What to do then is up to the caller."""
    try:
        matches = rules.compare(expected, read)
    except UnableToReadIdentifier as unreadable:
        raise UnableToReadScan(str(unreadable), field="read") from unreadable
    lock(order)
    scan = Scan.objects.create(
        order=order, purpose=purpose, expected=expected, read=read.strip(), matches=matches, scanned_by=by
    )
    publish(
        "identity.scan.matched" if matches else "identity.scan.mismatched",
        subject=scan,
        kind="identity.scan",
        by=by,
        details=what_it_says(scan),
    )
    if not matches:
        stop(order, subject_kind="identity.scan", subject_id=scan.pk, by=by, **what_was_read(scan))
    return scan


@verb("identity.order.stop", roles=SCANNERS)
def stop_order(*, order: TherapyOrder, title: str, description: str, by: User) -> TherapyOrder:
    """Stop the line for a wrong identity that no label shows: the wristband, for one."""
    stop(
        lock(order), subject_kind=ORDER.kind, subject_id=order.pk, title=title, description=description, by=by
    )
    return order


def what_it_says(scan: Scan) -> dict[str, str]:
    if not scan.matches:
        return {"purpose": scan.purpose, "expected": scan.expected, "read": scan.read}
    expected = isbt128.parse(scan.expected)
    return {"purpose": scan.purpose, "code": expected.container_code or str(expected.coi_id)}


def what_was_read(scan: Scan) -> dict[str, str]:
    return {
        "title": f"Another label was read at {scan.occasion}",
        "description": f"Expected {scan.expected}, read {scan.read}.",
    }


def stop(
    order: TherapyOrder, *, subject_kind: str, subject_id: int, title: str, description: str, by: User
) -> None:
    """An order that has ended already stays as it is; the deviation is opened all the same."""
    if STOPPED in ORDER.events_from(order.state):
        advance(order, machine=ORDER, event=STOPPED, by=by, details={"because": title})
    open_deviation(
        chain=order.chain,
        subject_kind=subject_kind,
        subject_id=subject_id,
        kind=Deviation.Kind.IDENTITY_MISMATCH,
        title=title,
        description=description,
        classification=Deviation.Classification.CRITICAL,
        by=by,
    )
