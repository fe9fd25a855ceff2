"""Begin a batch."""

from datetime import datetime

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.identity import rules as identity_rules
from tilmfg.identity.models import CustodyEvent, TherapyOrder
from tilmfg.identity.states import OrderState
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish

from ..models import Batch, ProcessDefinition
from ..states import BATCH


class UnableToStart(UnableTo):
    """No batch is begun."""


@verb("batches.batch.start", roles=(Role.TECHNICIAN,))
def start_batch(
    *,
    order: TherapyOrder,
    definition: ProcessDefinition,
    started_at: datetime,
    late_entry_reason: str = "",
    by: User,
) -> Batch:
    """Day 0: from here the windows of all steps count."""
    order = TherapyOrder.objects.select_for_update(no_key=True).get(pk=order.pk)
    require(
        order.state == OrderState.RECEIVED,
        UnableToStart(
            f"The order is “{order.get_state_display()}”; a batch begins once its tumor is received."
        ),
    )
    require(
        not Batch.objects.filter(order=order).exists(),
        UnableToStart("The batch of this order has begun already."),
    )
    require(
        definition.approval_id is not None,
        UnableToStart(f"{definition} is not approved.", field="definition"),
    )
    require_qualified(by, definition.qualification)
    require(
        started_at <= timezone.now(),
        UnableToStart("The batch cannot begin in the future.", field="started_at"),
    )
    arrival = order.custody_events.filter(kind=CustodyEvent.Kind.RECEIVED).order_by("performed_at").first()
    require(
        arrival is None or started_at >= arrival.performed_at.replace(second=0, microsecond=0),
        UnableToStart("The batch cannot begin before the tumor was received.", field="started_at"),
    )
    is_late = identity_rules.is_late(started_at, now=timezone.now())
    require(
        not is_late or late_entry_reason.strip(),
        UnableToStart(
            "It began more than 15 minutes ago; say why it is entered now.", field="late_entry_reason"
        ),
    )
    batch = Batch.objects.create(
        order=order,
        definition=definition,
        started_at=started_at,
        started_by=by,
        late_entry_reason=late_entry_reason.strip() if is_late else "",
    )
    publish(
        "batches.batch.started",
        subject=batch,
        kind=BATCH.kind,
        by=by,
        to_state=batch.state,
        details={"performed_at": started_at.isoformat()},
    )
    return batch
