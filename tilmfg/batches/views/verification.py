"""The second person: verifies a step, confirms a correction."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from tilmfg.accounts.access import open_to, proves_second_person
from tilmfg.accounts.proof import Proof
from tilmfg.accounts.roles import Role
from tilmfg.accounts.services import second_person
from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.idempotency import once

from .. import selectors, services
from ..forms import ConfirmForm, CorrectForm, VerifyForm
from ..models import Batch, Reading
from ..progress import process_of
from ..record import label_of, record_of
from ..rules import Parameter, Step
from ..services.differences import ReadDifferently
from ..services.verification import critical_readings, newest, readings_of
from ..states import StepState

WAITING = "correction"  # in the session: what the second person has not confirmed yet


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
        if execution:
            messages.success(request, f"“{desk.step.name}” is verified by {execution.verified_by}.")
            return redirect("batch", lot_number)
        if isinstance(form.refusal, ReadDifferently):
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
    """A critical value of a verified step waits in the session for the second person, who must not see it."""
    found = correction_of(lot_number, pk)
    waits = found.is_verified and found.parameter.critical
    form = CorrectForm(
        request.POST or None,
        proof=request.proof,
        parameter=found.parameter,
        confirmed_here=found.is_verified and not waits,
    )
    if form.is_valid() and waits:
        value, reason = form.cleaned_data["value"], form.cleaned_data["reason"]
        request.session[WAITING] = {"reading": pk, "value": str(value), "reason": reason}
        return redirect("reading_confirm", lot_number, pk)
    if form.is_valid() and form.attempt(
        correct_together, reading=found.reading, by=request.user, **form.values
    ):
        return redirect("batch", lot_number)
    return correction_page(request, "batches/correct.html", found, form, waits=waits)


@open_to(Role.TECHNICIAN)
@proves_second_person
@once
def reading_confirm(request, lot_number, pk):
    """Shows neither the right value nor why it is corrected, which may tell it."""
    found = correction_of(lot_number, pk)
    waiting = request.session.get(WAITING) or {}
    if waiting.get("reading") != pk:
        return redirect("reading_correct", lot_number, pk)
    form = ConfirmForm(
        request.POST or None,
        proof=request.proof,
        parameter=found.parameter,
        label=f"{found.label}, as you read it",
    )
    right = waiting["value"] if found.parameter.decimals is None else Decimal(waiting["value"])
    if form.is_valid():
        corrected = form.attempt(
            correct_together,
            reading=found.reading,
            value=right,
            reason=waiting["reason"],
            by=request.user,
            **form.values,
        )
        if isinstance(form.refusal, ReadDifferently):
            messages.error(request, str(form.refusal))
        if corrected or isinstance(form.refusal, ReadDifferently):
            del request.session[WAITING]
            return redirect("batch", lot_number)
    return correction_page(request, "batches/confirm.html", found, form)


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A typed reading as it stands, to be corrected."""

    reading: Reading
    batch: Batch
    step: Step
    parameter: Parameter
    label: str

    @property
    def is_verified(self) -> bool:
        return is_verified(self.reading)


def correction_of(lot_number: str, pk: int) -> Correction:
    batch = selectors.batch_of(lot_number)
    typed = Reading.objects.filter(execution__batch=batch, computed=False, superseded_by=None)
    reading = get_object_or_404(typed.select_related("execution__performed_by", "recorded_by"), pk=pk)
    process = process_of(batch.definition)
    step = process.step(reading.execution.step)
    return Correction(
        reading=reading,
        batch=batch,
        step=step,
        parameter=process.parameter(step.code, reading.parameter),
        label=label_of(step, reading.parameter),
    )


def correction_page(request, template, found: Correction, form, **more):
    context = {"found": found, "order": found.batch.order, "form": form} | more
    return render(request, template, context, status=form.status)


def correct_together(*, reading, second: Proof, by, **given):
    """A form that asks for nobody else hands on a proof of nobody."""
    person = second_person(proof=second, roles=(Role.TECHNICIAN,), first=by) if is_verified(reading) else None
    return services.correct_reading(reading=reading, second=person, by=by, **given)


def is_verified(reading):
    return reading.execution.state == StepState.VERIFIED
