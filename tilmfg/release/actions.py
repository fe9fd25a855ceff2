"""What a person can do next with a lot: the one primary button of its page."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from tilmfg.accounts.roles import Role

from .states import DispositionState, LotState


@dataclass(frozen=True, kw_only=True)
class Action:
    words: str
    url: str
    icon: str


ORDER_READERS = (Role.IDENTITY_ADMINISTRATOR, Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR)


def links(record, user) -> list[Action]:
    """Where else this lot is told of, as far as this person may go there."""
    found = []
    if record.dossier.batch:
        batch = reverse("batch", args=[record.order.lot_number])
        found.append(Action(words="Batch record", url=batch, icon="flask"))
    if user.holds(*ORDER_READERS):
        order = reverse("order", args=[record.order.coi_id])
        found.append(Action(words="Chain of identity", url=order, icon="fingerprint"))
        trail = f"{reverse('records')}?{urlencode({'chain': record.order.lot_number})}"
        found.append(Action(words="Audit trail", url=trail, icon="book"))
    return found


def next_action(record, user) -> Action | None:
    if record.lot.state != LotState.QA_REVIEW:
        return None
    number, disposition = record.order.lot_number, record.disposition
    decision_url = reverse("lot_disposition", args=[number])
    if disposition and disposition.state == DispositionState.SIGNED:
        return Action(words="Watch the execution", url=decision_url, icon="clock")
    stands = disposition is not None and record.review_covers_the_record
    if user.holds(Role.QA_REVIEWER) and record.trail_waits and not record.fails:
        return Action(words="Review the audit trail", url=reverse("lot_trail", args=[number]), icon="book")
    if user.holds(Role.QA_REVIEWER) and not stands:
        return Action(words="Review by exception", url=reverse("lot_review", args=[number]), icon="eye")
    if user.holds(Role.QA_APPROVER) and stands:
        return Action(words="Decide and sign", url=decision_url, icon="pen")
    return None
