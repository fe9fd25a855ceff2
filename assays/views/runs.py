"""Runs: what was measured, how it was computed, who reviewed it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from assays import selectors, services
from assays.forms import ReviewRunForm
from assays.models import Run
from assays.pictures import outcome_of, plate_of_run
from assays.shown import shown_of_run
from assays.states import RUN, RunState
from tilmfg.accounts.access import open_to, proves_signer
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import why_not
from tilmfg.records.canonical import digest
from tilmfg.records.idempotency import once
from tilmfg.records.signature_status import status
from tilmfg.shell.paging import page_of

from . import READERS, show

DECISIONS = {"review": services.review_run, "reject": services.reject_run}


@open_to(*READERS)
def runs(request):
    search = request.GET.get("search", "")
    page = page_of(selectors.runs(search), request.GET)
    return show(request, "assays/runs.html", {"page": page, "search": search})


@open_to(*READERS)
def run(request, pk):
    return show(request, "assays/run.html", page_of_run(selectors.run_with_everything(pk), request.user))


@open_to(*READERS)
def run_progress(request, pk):
    """Asked every second while the run is computed; then the whole page comes again."""
    found = get_object_or_404(Run.objects.defer("outcome"), pk=pk)
    if found.state != RunState.IMPORTED:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "assays/parts/progress.html", {"run": found, "effect": selectors.work_on(found)})


@open_to(Role.ANALYST)
@proves_signer
@once
def run_review(request, pk):
    found = selectors.run_with_everything(pk)
    initial = {"digest": digest(shown_of_run(found))}
    may_stand = found.state == RunState.COMPUTED
    form = ReviewRunForm(request.POST or None, proof=request.proof, initial=initial, may_stand=may_stand)
    if form.is_valid():
        signed = form.values
        decide = DECISIONS[signed.pop("decision")]
        if form.attempt(decide, run=found, **signed, by=request.user):
            return redirect("run", found.pk)
    lack = why_not(
        RUN.kind,
        parts={"analyst": {found.analyst_id}},
        qualifications=(found.method.qualification,),
        by=request.user,
    )
    return show(
        request, "assays/run_review.html", page_of_run(found, request.user) | {"lack": lack}, form=form
    )


def page_of_run(found: Run, user) -> dict:
    return {
        "run": found,
        "outcome": outcome_of(found),
        "wells": plate_of_run(found),
        "names": found.mapped_samples.all(),
        "results": selectors.results_of_run(found),
        "earlier": selectors.earlier_runs(found.file, but=found),
        "review_status": status(found.review, of=found) if found.review else None,
        "effect": selectors.work_on(found) if found.state == RunState.IMPORTED else None,
        "may_review": found.state in (RunState.COMPUTED, RunState.INVALID)
        and user.holds(Role.ANALYST)
        and user.pk != found.analyst_id,
    }
