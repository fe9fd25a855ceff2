"""After a stop: QA has found out what happened, and the order goes on for its patient."""

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.verbs import verb
from tilmfg.quality.selectors import open_deviations
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.models import Event, Signature
from tilmfg.records.signature_status import signed_row
from tilmfg.records.signatures import Credential
from tilmfg.records.states import advance

from ..models import Resumption, TherapyOrder
from ..selectors import last_stop
from ..states import ORDER, OrderState
from .locking import lock

KIND = "identity.resumption"
DECIDERS = (Role.QA_APPROVER,)


class UnableToResume(UnableTo):
    """The order stays stopped."""


@verb("identity.order.resume", roles=DECIDERS)
def resume_order(
    *, order: TherapyOrder, seen: int, grounds: str, reason: str, credential: Credential, by: User
) -> TherapyOrder:
    """What was found out lifts this one stop: all deviations are closed, and another person signs.

    `seen` is the key of the stop that they were shown.
    """
    lock(order)
    stop = require_resumable(order, by)
    require(
        stop.pk == seen,
        ChangedMeanwhile(
            "The order was stopped again after you opened this page. Look at that stop before you sign."
        ),
    )
    require(
        grounds.strip(),
        UnableToResume("State what was found out and why the identity is certain.", field="grounds"),
    )
    resumption = Resumption.objects.create(order=order, stop=stop, grounds=grounds.strip(), decided_by=by)
    resumption.signature = sign(
        subject=resumption,
        kind=KIND,
        content=resumption_content(resumption),
        meaning=Signature.Meaning.APPROVED,
        reason=reason,
        credential=credential,
        parts={"stopper": {stop.actor_id}},
        by=by,
    )
    resumption.save(update_fields=["signature"])
    advance(
        order,
        machine=ORDER,
        event="identity.order.resumed",
        by=by,
        details={"lot_number": order.lot_number, "grounds": resumption.grounds},
    )
    return order


def require_resumable(order: TherapyOrder, by: User) -> Event:
    """The stop that may be lifted; asked when the page is opened and again when it is signed."""
    stop = last_stop(order)
    if order.state != OrderState.STOPPED or stop is None:
        raise UnableToResume(f"Order {order.lot_number} is not stopped.")
    require(
        stop.from_state == OrderState.RECEIVED,
        UnableToResume("It was stopped before its tumor was received; collect again under a new order."),
    )
    require(stop.actor_id != by.pk, UnableToResume("You stopped this order; somebody else lifts the stop."))
    deviation = open_deviations(order.chain).first()
    if deviation:
        raise UnableToResume(f"Deviation {deviation.number} is open; it is investigated and closed first.")
    return stop


@signed_row(KIND, model=Resumption, moves=("signature_id",))
def resumption_content(resumption: Resumption) -> dict:
    """What the signature covers."""
    return {
        "order": resumption.order.lot_number,
        "chain_of_identity": resumption.order.coi_id,
        "stop": resumption.stop_id,
        "stopped_because": resumption.stop.details.get("because", ""),
        "grounds": resumption.grounds,
    }
