"""From a dropped file over its preview to a run."""

from functools import partial
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assays import selectors, services
from assays.import_forms import ImportForm, MappingForm
from assays.models import InstrumentFile
from assays.pictures import plate_of_file
from assays.readers import READABLE, CellCountFile, PlateFile, ValueTable
from assays.readers.text import LARGEST_FILE
from assays.reading import read_stored
from assays.rules.instruments import WRITERS
from assays.rules.plates import Reads
from assays.rules.rows import describe, measured_at, undated
from tilmfg.accounts.access import open_to
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import lack_of
from tilmfg.records.idempotency import once
from tilmfg.records.left_on_record import leave_on_record

from . import show

NOT_CHOSEN = Reads()
MOST_SHOWN = 200  # rows of a table


def note_mismatch(form, *, by):
    """What was scanned stays on record, although the form is refused."""
    if form.plates_apart:
        expected, scanned = form.plates_apart
        leave_on_record(
            partial(services.note_mismatch, file=form.file, expected=expected, scanned=scanned, by=by)
        )


@open_to(Role.ANALYST)
@once
def import_file(request):
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid() and (file := form.attempt(services.store_file, **form.values, by=request.user)):
        instrument = urlencode({"instrument": form.cleaned_data["instrument"]})
        return redirect(f"{reverse('import_preview', args=[file.pk])}?{instrument}")
    read = [
        (writer.name, selectors.methods_for(known)) for known, writer in WRITERS.items() if known in READABLE
    ]
    context = {"instruments": selectors.instruments(), "read": read, "largest": LARGEST_FILE}
    return show(request, "assays/import.html", context, form=form)


@open_to(Role.ANALYST)
@once
def import_preview(request, pk):
    file = get_object_or_404(InstrumentFile.objects.select_related("stored_by"), pk=pk)
    plate = request.GET.get("plate", "") if file.plates else ""
    standing = selectors.standing_runs(file)
    named = {"instrument": request.GET.get("instrument", "")}
    if file.plates and plate not in file.plates:
        return choose_plate(request, file, standing, **named)
    if request.method == "GET" and plate in standing:
        return redirect("run", standing[plate].pk)
    if not selectors.methods_for(file.format):
        return kept(request, file, plate=plate, instrument_code=named["instrument"])
    form = MappingForm(request.POST or None, file=file, by=request.user, plate=plate, initial=named)
    if form.is_valid() and (run := form.attempt(services.import_run, **form.values, by=request.user)):
        return redirect("run", run.pk)
    note_mismatch(form, by=request.user)
    asked_for = [code for method in selectors.methods_for(file.format) for code in method.qualifications]
    context = preview_of(file, form) | {"lack": lack_of(request.user, *asked_for)}
    return show(request, "assays/import_preview.html", context, form=form)


@open_to(Role.ANALYST)
@require_POST
def import_check(request, pk):
    """What is still unclear after the last change; nothing is written but that another plate was scanned."""
    file = get_object_or_404(InstrumentFile, pk=pk)
    if not selectors.methods_for(file.format):
        raise Http404("No method reads this file.")
    plate = request.GET.get("plate", "") if file.plates else ""
    if file.plates and plate not in file.plates:
        raise Http404("The file holds no such plate.")
    form = MappingForm(request.POST, file=file, by=request.user, plate=plate, initial={})
    note_mismatch(form, by=request.user)
    return render(request, "assays/parts/clarity.html", {"form": form, "examination": form.examination})


def choose_plate(request, file, standing, *, instrument):
    """Of a file that holds several: which of them are runs, and which wait."""
    plates = [
        (plate, urlencode({"plate": plate, "instrument": instrument}), standing.get(plate))
        for plate in file.plates
    ]
    return render(request, "assays/import_plates.html", {"file": file, "plates": plates})


def kept(request, file, *, plate, instrument_code):
    """A file that no method reads: what is in it, and nothing to be done with it."""
    instrument = selectors.instrument_called(instrument_code)
    content = read_stored(file, time_zone=instrument.time_zone if instrument else "UTC", plate=plate)
    context = {"file": file, "is_plate": isinstance(content, PlateFile), **facts_of(content, NOT_CHOSEN)}
    counts = content.rows if isinstance(content, CellCountFile) else ()
    return render(request, "assays/import_kept.html", context | {"instrument": instrument, "counts": counts})


def preview_of(file, form) -> dict:
    return {
        "file": file,
        "is_plate": isinstance(form.content, PlateFile),
        **facts_of(form.read if form.shows_plate else form.content, form.reads),
        "rows": [(row, form.slots_of(row)) for row in form.rows],
        "examination": form.examination,
        "rejected_runs": selectors.earlier_runs(file).filter(plate_in_file=form.plate),
    }


def facts_of(content, reads) -> dict:
    """What was read, as it is drawn: a plate, or a table."""
    is_plate = isinstance(content, PlateFile)
    shown = reads if is_plate and reads.signal in content.read_labels else NOT_CHOSEN
    return {
        "content": content,
        "description": describe(content),
        "measured_at": measured_at(content),
        "undated": undated(content),
        "wells": plate_of_file(content, shown) if is_plate else [],
        "reading": (str(shown) or content.read_labels[0]) if is_plate else "",
        "unit": "AU" if is_plate and (shown.signal or content.read_labels[0]).isdecimal() else "",
        "others": [
            (analyte, plate_of_file(content, Reads(signal=analyte))) for analyte in content.analytes[1:]
        ]
        if is_plate
        else [],
        "values": content.rows[:MOST_SHOWN] if isinstance(content, ValueTable) else (),
        "more": max(len(content.rows) - MOST_SHOWN, 0) if isinstance(content, ValueTable) else 0,
    }
