"""Controls: their lots, the Levey-Jennings chart of each, the values they are held against."""

from urllib.parse import urlencode

from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from assays import services
from assays.control_forms import ControlLotForm, ControlReasonForm
from assays.forms import SignForm
from assays.models import ControlLot
from assays.models.controls import RUNS_NEEDED
from assays.rules.controls import BEFORE, Standing
from assays.selectors import controls as selectors
from assays.selectors.judged_controls import judged, newest_of_lots
from assays.services.controls import VALUE, shown_of_value
from tilmfg.accounts.access import open_to, proves_signer
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import why_not
from tilmfg.records.canonical import digest
from tilmfg.records.forms import VerbForm
from tilmfg.records.idempotency import once
from tilmfg.records.signature_status import status
from tilmfg.shell.numbers import readable
from tilmfg.shell.paging import UnknownPage, page_of
from tilmfg.shell.pictures import ControlPoint
from tilmfg.shell.state_words import look_of

from . import READERS, show

SHOWN = 60  # readings of a chart
ENDED_SHOWN = 20  # lots that ended, on a page


@open_to(*READERS)
def controls(request):
    lots = list(selectors.control_lots().filter(ended_at=None).order_by("method_code", "name", "pk"))
    newest = newest_of_lots(lots)
    context = {
        "rows": [(lot, *newest.get(lot.pk, (None, None))) for lot in lots],
        "ended": page_of(selectors.control_lots().exclude(ended_at=None), request.GET, size=ENDED_SHOWN),
        "unknown": [(*key, count) for key, count in sorted(selectors.names_without_lot().items())],
    }
    return show(request, "assays/controls.html", context)


@open_to(Role.ANALYST)
@once
def control_new(request):
    asked = {key: request.GET[key] for key in ("method_code", "name", "unit") if key in request.GET}
    form = ControlLotForm(request.POST or None, initial={"opened_at": timezone.now()} | asked)
    if form.is_valid() and (
        lot := form.attempt(services.register_control_lot, **form.values, by=request.user)
    ):
        return redirect(lot)
    context = {
        "heading": "Register a lot of a control",
        "consequence": "From now on every run that reads it adds to its chart.",
        "submit": "Register",
        "icon": "plus",
    }
    return show(request, "assays/control_form.html", context, form=form)


@open_to(*READERS)
def control(request, pk):
    return control_page(request, selectors.control_lot(pk), propose=VerbForm())


@open_to(Role.ANALYST)
@require_POST
@once
def control_propose(request, pk):
    lot = selectors.control_lot(pk)
    form = VerbForm(request.POST)
    if form.is_valid() and (value := form.attempt(services.propose_value, lot=lot, by=request.user)):
        return redirect(value)
    return control_page(request, lot, propose=form)


@open_to(Role.ANALYST)
@once
def control_use(request, pk):
    return reasoned(
        request,
        selectors.control_lot(pk),
        verb=services.put_in_use,
        heading="Put this lot in use",
        consequence="It takes the control's name over; the lot before it ends.",
        submit="Put in use",
    )


@open_to(Role.ANALYST)
@once
def control_end(request, pk):
    return reasoned(
        request,
        selectors.control_lot(pk),
        verb=services.end_control_lot,
        heading="No longer use this lot",
        consequence="Its readings and values stay on record.",
        submit="End this lot",
    )


@open_to(*READERS)
@proves_signer
@once
def control_value(request, pk):
    value = selectors.assigned_value(pk)
    may_sign = request.user.holds(Role.QA_APPROVER)
    initial = {"digest": digest(shown_of_value(value))}
    form = SignForm(request.POST or None, proof=request.proof, initial=initial) if may_sign else None
    if form and form.is_valid():
        signed = form.values
        seen = signed.pop("digest")
        if form.attempt(services.approve_value, value=value, seen=seen, **signed, by=request.user):
            return redirect(value.lot)
    context = {
        "value": value,
        "approval_status": status(value.approval, of=value) if value.approval else None,
        "lack": why_not(VALUE, parts={"proposer": {value.proposed_by_id}}, by=request.user)
        if may_sign
        else "",
    }
    return show(request, "assays/control_value.html", context, form=form)


def reasoned(request, lot: ControlLot, *, verb, heading, consequence, submit):
    form = ControlReasonForm(request.POST or None)
    if form.is_valid() and form.attempt(verb, lot=lot, **form.values, by=request.user):
        return redirect(lot)
    context = {
        "lot": lot,
        "heading": f"{heading}: {lot}",
        "consequence": consequence,
        "submit": submit,
        "icon": "check",
        "cancel_url": lot.get_absolute_url(),
    }
    return show(request, "assays/control_form.html", context, form=form)


def control_page(request, lot: ControlLot, *, propose):
    asked = {key: request.GET.get(key, "") for key in ("instrument", "analyst")}
    found = list(selectors.readings_of_lot(lot, before=moment_in(request.GET), **asked)[: SHOWN + BEFORE + 1])
    readings = found[::-1]
    shown = list(zip(readings, judged(readings, lot), strict=True))[-SHOWN:]
    value = selectors.values_in_force([lot.pk]).get(lot.pk)
    older = {"before": shown[0][0].measured_at.isoformat()} if len(found) > SHOWN else None
    context = {
        "lot": lot,
        "points": [point_of(*one) for one in shown if one[0].value is not None],
        "chart_title": f"{lot}, {lot.method_code}",
        "readings": shown[::-1],
        "older": urlencode(older | {key: word for key, word in asked.items() if word}) if older else "",
        "value": value,
        "mean": float(value.mean) if value else None,
        "sd": float(value.sd) if value else None,
        "values": selectors.values_of_lot(lot),
        "reviewed": selectors.reviewed_readings(lot).count(),
        "needed": RUNS_NEEDED,
        "propose": propose,
    }
    context |= asked | selectors.who_and_where(lot)
    return show(request, "assays/control.html", context, form=propose if propose.is_bound else None)


def point_of(reading, standing: Standing) -> ControlPoint:
    words = f"{reading.run}, {readable(reading.value)} {reading.unit}"
    if standing.judged and standing.judged.broken:
        words += f", {standing.judged.in_words}"
    return ControlPoint(
        value=float(reading.value),
        tone=look_of("control_reading", standing.state).tone,
        words=words,
        url=reading.run.get_absolute_url(),
        is_valid=reading.run.state != "invalid",
    )


def moment_in(query):
    """By the address of older readings."""
    text = query.get("before")
    if not text:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UnknownPage(f"“before={text}” names no moment.")
    return moment
