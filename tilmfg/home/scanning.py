"""From whatever was scanned or typed to the page where this person goes on with it."""

from django.urls import reverse

from tilmfg.accounts.roles import FACILITY_ROLES, Role
from tilmfg.batches.models import Sample
from tilmfg.batches.progress import progress_of
from tilmfg.identity import isbt128
from tilmfg.identity.models import TherapyOrder
from tilmfg.identity.selectors import orders_visible_to
from tilmfg.identity.states import OrderState
from tilmfg.quality.models import Deviation
from tilmfg.records.errors import UnableTo


class UnableToOpen(UnableTo):
    """Nothing that this person may see is called so."""


def address_of(text, *, user):
    """The page for a label, an id, a lot number, a sample or a deviation."""
    text = text.replace("\x00", "").strip()
    order, sample = _order_and_sample(text, user)
    if sample and user.holds(Role.ANALYST):
        return reverse("sample", args=[sample.name])
    if order:
        return address_of_order(order, user=user)
    number = text.upper()
    if user.holds(*FACILITY_ROLES) and Deviation.objects.filter(number=number).exists():
        return reverse("deviation", args=[number])
    raise UnableToOpen(f"“{text[:60]}” is no label, lot number, sample or deviation that you can open.")


def address_of_order(order, *, user):
    """Where this person's next move with this order is."""
    if user.holds(Role.SITE):
        return reverse("treatment_lot", args=[order.lot_number])
    if user.holds(Role.TECHNICIAN):
        return _next_on_the_floor(order)
    if user.holds(Role.IDENTITY_ADMINISTRATOR):
        return reverse("order", args=[order.coi_id])
    return reverse("lot", args=[order.lot_number])


def _next_on_the_floor(order):
    if order.state == OrderState.ORDERED:
        return reverse("receive_tumor", args=[order.coi_id])
    if order.state == OrderState.RECEIVED:
        batch = getattr(order, "batch", None)
        if batch is None:
            return reverse("batch_start", args=[order.coi_id])
        if step := progress_of(batch).next_step:
            return reverse("step", args=[order.lot_number, step.code])
    return reverse("lot", args=[order.lot_number])


def _order_and_sample(text, user):
    visible = orders_visible_to(user).select_related("batch")
    try:
        read = isbt128.parse(text)
    except isbt128.UnableToReadIdentifier:
        sample = Sample.objects.filter(name=text.upper(), order__in=visible).first()
        lot_number = sample.order.lot_number if sample else text.upper()
        return visible.filter(lot_number=lot_number).first(), sample
    order = visible.filter(coi_id=str(read.coi_id)).first()
    return order, Sample.objects.filter(order=order, container__code=read.container_code).first()


def orders_like(text, *, user, most=8):
    """Orders whose lot number or id contains what was typed, for the page that found nothing."""
    if len(text.strip()) < 3:
        return TherapyOrder.objects.none()
    return orders_visible_to(user).filter(lot_number__icontains=text.strip())[:most]
