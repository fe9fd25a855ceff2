"""The second person: verifies a step, confirms a correction."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from tilmfg.accounts.access import open_to, proves_second_person
from tilmfg.accounts.proof import Proof
from tilmfg.accounts.roles import Role
from tilmfg.accounts.services import second_person
from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.idempotency import once

from .. import selectors, services
from ..forms import CorrectForm, VerifyForm
from ..models import Reading
from ..progress import process_of
from ..record import label_of, record_of
from ..services.verification import critical_readings, newest, readings_of
from ..states import StepState


@open_to(Role.TECHNICIAN)
@proves_second_person
@once
def step_verify(request, lot_number, step):
    desk = selectors.desk_of(lot_number, step)
    if desk.execution is None:
        return redirect("step", lot_number, step)
    if desk.execution.state == StepState.VERIFIED:
        return redirect("batch", lot_number)
    seen = newest(readings_of(desk.execution).values())
    form = VerifyForm(request.POST or None, proof=request.proof, critical=critical_of(desk), seen=seen)
    if form.is_valid():
        execution = form.attempt(verify_together, execution=desk.execution, by=request.user, **form.values)
        if execution and execution.state == StepState.VERIFIED:
            messages.success(request, f"“{desk.step.name}” is verified by {execution.verified_by}.")
            return redirect("batch", lot_number)
        if execution:
            return redirect("step_verify", lot_number, step)
        if isinstance(form.refusal, ChangedMeanwhile):
            form.show_anew()
    return verify_page(request, desk, form)


def verify_together(*, execution, second: Proof, seen, reentered, by):
    """In whose session the second person stands does not matter."""
    person = second_person(proof=second, roles=(Role.TECHNICIAN,), first=execution.performed_by)
    return services.verify_step(execution=execution, second=person, seen=seen, reentered=reentered, by=by)


def critical_of(desk):
    """Label, parameter and reading of what is entered again."""
    process = desk.progress.process
    return [
        (
            label_of(desk.step, reading.parameter),
            process.parameter(desk.step.code, reading.parameter),
            reading,
        )
        for reading in critical_readings(process, desk.execution)
    ]


def verify_page(request, desk, form):
    """Shows what was done, but neither a critical value nor anything computed from one."""
    record = next(item for item in record_of(desk.batch).steps if item.step is desk.step)
    critical = {reading.pk for *_, reading in form.critical}
    lines = [line for line in record.lines if not line.reading.computed and line.reading.pk not in critical]
    context = {
        "desk": desk,
        "batch": desk.batch,
        "order": desk.batch.order,
        "record": record,
        "lines": lines,
        "refusals": [
            (event, [label_of(desk.step, parameter) for parameter in event.details["parameters"]])
            for event in record.refusals
        ],
        "form": form,
    }
    return render(request, "batches/verify.html", context, status=form.status)


@open_to(Role.TECHNICIAN)
@proves_second_person
@once
def reading_correct(request, lot_number, pk):
    batch = selectors.batch_of(lot_number)
    typed = Reading.objects.filter(execution__batch=batch, computed=False, superseded_by=None)
    reading = get_object_or_404(typed.select_related("execution__performed_by", "recorded_by"), pk=pk)
    process = process_of(batch.definition)
    step = process.step(reading.execution.step)
    parameter = process.parameter(step.code, reading.parameter)
    verified = reading.execution.state == StepState.VERIFIED
    form = CorrectForm(request.POST or None, proof=request.proof, parameter=parameter, verified=verified)
    if form.is_valid() and form.attempt(
        correct_together, reading=reading, verified=verified, by=request.user, **form.values
    ):
        return redirect("batch", lot_number)
    context = {
        "batch": batch,
        "order": batch.order,
        "step": step,
        "reading": reading,
        "parameter": parameter,
        "label": label_of(step, reading.parameter),
        "form": form,
    }
    return render(request, "batches/correct.html", context, status=422 if form.is_bound else 200)


def correct_together(*, reading, verified, value, reason, second: Proof, by):
    person = second_person(proof=second, roles=(Role.TECHNICIAN,), first=by) if verified else None
    return services.correct_reading(reading=reading, value=value, second=person, reason=reason, by=by)
