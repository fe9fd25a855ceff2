"""Controls: their lots and the values they are held against."""

from django.shortcuts import redirect
from django.utils import timezone

from assays import services
from assays.control_forms import ControlLotForm, ControlReasonForm
from assays.forms import SignForm
from assays.models import ControlLot
from assays.selectors import controls as selectors
from assays.selectors.judged_controls import newest_of_lots
from assays.selectors.methods import latest_approved
from assays.services.controls import VALUE, shown_of_value
from tilmfg.accounts.access import open_to, proves_signer
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import why_not
from tilmfg.accounts.training import lack_of
from tilmfg.records.canonical import digest
from tilmfg.records.idempotency import once
from tilmfg.records.signature_status import status
from tilmfg.shell.paging import page_of

from . import READERS, show

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
    form = ControlLotForm(
        request.POST or None, initial={"opened_at": timezone.now()} | asked, by=request.user
    )
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
    form, method = ControlReasonForm(request.POST or None), latest_approved(lot.method_code)
    if form.is_valid() and form.attempt(verb, lot=lot, **form.values, by=request.user):
        return redirect(lot)
    context = {
        "lot": lot,
        "heading": f"{heading}: {lot}",
        "consequence": consequence,
        "submit": submit,
        "icon": "check",
        "cancel_url": lot.get_absolute_url(),
        "lack": lack_of(request.user, *method.qualifications) if method else "",
    }
    return show(request, "assays/control_form.html", context, form=form)
