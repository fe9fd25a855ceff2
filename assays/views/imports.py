"""From a dropped file over its preview to a run."""

from urllib.parse import urlencode

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assays import selectors, services
from assays.forms import ImportForm, MappingForm
from assays.models import InstrumentFile
from assays.pictures import plate_of_file
from assays.readers import PlateFile
from assays.rules.rows import describe, measured_at
from tilmfg.accounts.access import open_to
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import lack_of
from tilmfg.records.idempotency import once

from . import show


@open_to(Role.ANALYST)
@once
def import_file(request):
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid() and (file := form.attempt(services.store_file, **form.values, by=request.user)):
        instrument = urlencode({"instrument": form.cleaned_data["instrument"]})
        return redirect(f"{reverse('import_preview', args=[file.pk])}?{instrument}")
    return show(request, "assays/import.html", {"instruments": selectors.instruments()}, form=form)


@open_to(Role.ANALYST)
@once
def import_preview(request, pk):
    file = get_object_or_404(InstrumentFile.objects.select_related("stored_by"), pk=pk)
    if request.method == "GET" and (run := selectors.standing_run(file)):
        return redirect("run", run.pk)
    named = {"instrument": request.GET.get("instrument", "")}
    form = MappingForm(request.POST or None, file=file, initial=named)
    if form.is_valid() and (run := form.attempt(services.import_run, **form.values, by=request.user)):
        return redirect("run", run.pk)
    asked_for = [code for method in selectors.methods_for(file.format) for code in method.qualifications]
    context = preview_of(file, form) | {"lack": lack_of(request.user, *asked_for)}
    return show(request, "assays/import_preview.html", context, form=form)


@open_to(Role.ANALYST)
@require_POST
def import_check(request, pk):
    """What is still unclear after the last change; nothing is written."""
    file = get_object_or_404(InstrumentFile, pk=pk)
    form = MappingForm(request.POST, file=file, initial={})
    return render(request, "assays/parts/clarity.html", {"form": form, "examination": form.examination})


def preview_of(file, form) -> dict:
    content = form.content
    is_plate = isinstance(content, PlateFile)
    return {
        "file": file,
        "content": content,
        "is_plate": is_plate,
        "description": describe(content),
        "measured_at": measured_at(content),
        "wells": plate_of_file(content, form.reads) if is_plate else [],
        "rows": [(row, form.slots_of(row)) for row in form.rows],
        "examination": form.examination,
        "rejected_runs": selectors.earlier_runs(file),
    }
