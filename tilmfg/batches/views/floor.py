"""What is due, the beginning of a batch, and the batch record."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone

from tilmfg.accounts.access import open_to
from tilmfg.accounts.roles import FACILITY_ROLES, Role
from tilmfg.accounts.training import lack_of
from tilmfg.identity.selectors import order_of
from tilmfg.identity.states import OrderState
from tilmfg.records.idempotency import once
from tilmfg.shell.moments import in_words

from .. import selectors, services
from ..forms import StartForm
from ..models import Batch
from ..record import may_correct, record_of


@open_to(*FACILITY_ROLES)
def floor(request):
    now = timezone.now()
    board = selectors.board(now=now)
    context = {
        "board": board,
        "now": now,
        "next_words": board.next_card and next_in_words(board.next_card, now),
        "may_work": request.user.holds(Role.TECHNICIAN),
    }
    return render(request, "batches/floor.html", context)


def next_in_words(card, now):
    at = in_words(card.span.planned_at, now=now, zone=timezone.get_current_timezone())
    return f"Next: {card.step.name.lower()} of lot {card.order.lot_number}, {at.day} {at.clock}."


@open_to(Role.TECHNICIAN)
@once
def batch_start(request, coi_id):
    order = order_of(request.user, coi_id)
    if Batch.objects.filter(order=order).exists():
        return redirect("batch", order.lot_number)
    if order.state != OrderState.RECEIVED and request.method == "GET":
        raise Http404("No tumor of this order is here to start with.")
    form = StartForm(request.POST or None)
    if form.is_valid() and form.attempt(services.start_batch, order=order, by=request.user, **form.values):
        return redirect("batch", order.lot_number)
    asked_for = [definition.qualification for definition in form.definitions.values()]
    context = {"order": order, "form": form, "lack": lack_of(request.user, *asked_for)}
    return render(request, "batches/start.html", context, status=form.status)


@open_to(*FACILITY_ROLES)
def batch(request, lot_number):
    batch = selectors.batch_of(lot_number)
    record, now = record_of(batch), timezone.now()
    context = {
        "batch": batch,
        "order": batch.order,
        "record": record,
        "steps": [(item, item.state(now=now)) for item in record.steps],
        "day": record.progress.day_of(now),
        "may_correct": may_correct(batch, request.user),
    }
    return render(request, "batches/batch.html", context)
