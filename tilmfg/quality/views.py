"""Pages of deviations: everybody of the facility reads them, QA closes them."""

from django.shortcuts import get_object_or_404, redirect, render

from tilmfg.accounts.access import open_to, proves_signer
from tilmfg.accounts.roles import FACILITY_ROLES
from tilmfg.accounts.signing import why_not
from tilmfg.records.chains import name_chains
from tilmfg.records.idempotency import once
from tilmfg.records.signature_status import status
from tilmfg.shell.paging import page_of
from tilmfg.shell.pictures import Event

from . import selectors, services
from .forms import CloseDeviationForm, DeviationSearchForm
from .models import Deviation
from .states import DEVIATION, DeviationState


@open_to(*FACILITY_ROLES)
def deviations(request):
    search = DeviationSearchForm(request.GET)
    wanted = search.wanted
    page = page_of(selectors.find_deviations(**wanted), request.GET)
    chains = name_chains(deviation.chain for deviation in page)
    rows = [(deviation, chains[deviation.chain]) for deviation in page]
    context = {"search": search, "page": page, "rows": rows, "chosen": wanted["state"]}
    return render(request, "quality/deviations.html", context)


@open_to(*FACILITY_ROLES)
def deviation(request, number):
    rows = Deviation.objects.select_related("opened_by", "closure", "investigation")
    found = get_object_or_404(rows, number=number)
    is_investigated = hasattr(found, "investigation") and found.investigation.is_open
    is_closable = found.state == DeviationState.OPEN and not is_investigated
    is_closer = is_closable and request.user.holds(*services.CLOSERS)
    parts = services.parts_in_closing(found) if is_closer else {}
    lack = why_not(DEVIATION.kind, parts=parts, by=request.user) if is_closer else ""
    if lack:
        lack = f"{lack} Who may close it: another {' or '.join(role.label for role in services.CLOSERS)}."
    context = about(found) | {"history": list(map(timeline_entry, selectors.history_of(found)))}
    if found.closure:
        context["closure_status"] = status(found.closure, of=found)
    context |= {"may_close": is_closer and not lack, "lack": lack}
    return render(request, "quality/deviation.html", context)


@open_to(*services.CLOSERS)
@proves_signer
@once
def deviation_close(request, number):
    found = get_object_or_404(Deviation.objects.select_related("opened_by"), number=number)
    if found.state != DeviationState.OPEN:
        return redirect("deviation", number)
    initial = {"classification": found.classification}
    form = CloseDeviationForm(request.POST or None, proof=request.proof, initial=initial)
    if form.is_valid() and form.attempt(
        services.close_deviation, deviation=found, by=request.user, **form.values
    ):
        return redirect("deviation", number)
    lack = why_not(DEVIATION.kind, parts=services.parts_in_closing(found), by=request.user)
    return render(
        request, "quality/close.html", about(found) | {"form": form, "lack": lack}, status=form.status
    )


def about(found):
    return {"deviation": found, "chain": name_chains([found.chain])[found.chain]}


def timeline_entry(event):
    opened = event.name.endswith("opened")
    return Event(
        at=event.recorded_at,
        what="Opened" if opened else "Closed",
        by=event.actor.printed_name,
        detail=event.details.get("reason", ""),
        tone="waiting" if opened else "done",
        icon="alert" if opened else "check",
    )
