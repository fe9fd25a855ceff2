"""One step on the floor: label what it fills, scan what it takes in hand, record it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from tilmfg.accounts.access import open_to
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import lack_of
from tilmfg.records.idempotency import once

from .. import selectors, services
from ..forms import DiscardForm, LabelForm, ScanForm, StepForm
from ..services.due import already_performed
from ..states import StepState


@open_to(Role.TECHNICIAN)
@once
def step(request, lot_number, step):
    desk = selectors.desk_of(lot_number, step)
    if desk.execution:
        return performed_meanwhile(request, desk)
    form = StepForm(request.POST or None, step=desk.step, bench=desk.bench)
    if form.is_valid() and form.attempt(
        services.record_step, batch=desk.batch, step=step, by=request.user, **form.values
    ):
        return redirect("step_verify", lot_number, step)
    return page(request, desk, sent=form, form=form)


def performed_meanwhile(request, desk):
    """A page that changed under somebody says what changed and by whom."""
    if request.method == "POST":
        messages.warning(
            request, f"{already_performed(desk.step, desk.execution)} What you sent was not recorded."
        )
    lot_number = desk.batch.order.lot_number
    if desk.execution.state == StepState.RECORDED:
        return redirect("step_verify", lot_number, desk.step.code)
    return redirect("batch", lot_number)


def page(request, desk, *, sent, **parts):
    """All three parts of the step; the form that was refused comes back as it was sent."""
    lack = "" if sent.is_bound else lack_of(request.user, desk.batch.definition.qualification)
    context = {
        "desk": desk,
        "refusal": desk.refusal or lack,
        "batch": desk.batch,
        "order": desk.batch.order,
        "day": desk.progress.day_of(timezone.now()),
        "form": StepForm(step=desk.step, bench=desk.bench),
        "label_form": LabelForm(bench=desk.bench, auto_id="label_%s"),
        "discard_forms": discard_forms(desk.bench),
        "scan_form": ScanForm(auto_id="scan_%s"),
    }
    return render(request, "batches/step.html", context | parts, status=sent.status)


def discard_forms(bench):
    """One form for each kind of container that is labelled and empty."""
    return {item.prefix: DiscardForm(auto_id=f"{item.prefix}_%s") for item in bench.discardable}


@open_to(Role.TECHNICIAN)
@once
def step_labels(request, lot_number, step):
    desk = selectors.desk_of(lot_number, step)
    form = LabelForm(request.POST or None, bench=desk.bench, auto_id="label_%s")
    if form.is_valid() and form.attempt(
        services.label_containers, batch=desk.batch, step=step, counts=form.values, by=request.user
    ):
        return redirect("step", lot_number, step)
    return page(request, desk, sent=form, label_form=form)


@open_to(Role.TECHNICIAN)
@once
def step_discard(request, lot_number, step, prefix):
    desk = selectors.desk_of(lot_number, step)
    form = DiscardForm(request.POST or None, auto_id=f"{prefix}_%s")
    verb = services.discard_containers
    if form.is_valid() and form.attempt(
        verb, batch=desk.batch, step=step, prefix=prefix, by=request.user, **form.values
    ):
        return redirect("step", lot_number, step)
    return page(request, desk, sent=form, discard_forms=discard_forms(desk.bench) | {prefix: form})


@open_to(Role.TECHNICIAN)
@once
def step_scan(request, lot_number, step):
    desk = selectors.desk_of(lot_number, step)
    form = ScanForm(request.POST or None, auto_id="scan_%s")
    if form.is_valid():
        verb = services.scan_container
        scan = form.attempt(verb, batch=desk.batch, step=step, by=request.user, **form.values)
        if scan:
            return redirect("step", lot_number, step) if scan.matches else redirect("mismatch", scan.pk)
    return page(request, desk, sent=form, scan_form=form)
