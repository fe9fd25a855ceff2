"""Runs: what was measured, how it was computed, who reviewed it."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assays import selectors, services
from assays.analytes import analytes_shown
from assays.answers import answers_side_by_side, computations_shown
from assays.any_calculation import charts_shown, tables_shown
from assays.forms import MaskForm, ReviewRunForm
from assays.models import Run
from assays.next_step import next_of_invalid
from assays.outlier_hints import outlier_hints
from assays.pictures import outcome_of, plates_of_run, revived
from assays.selectors.judged_controls import controls_of_run
from assays.selectors.reagents import reagents_of
from assays.services.reviews import analysts_of
from assays.shown import shown_of_run
from assays.shown_rows import rows_of_run
from assays.states import BEING_COMPUTED, RUN, ResultState, RunState
from assays.wells import well_of_run
from tilmfg.accounts.access import asked_by_itself, open_to, proves_signer
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import why_not
from tilmfg.accounts.training import lack_of
from tilmfg.records.canonical import digest
from tilmfg.records.exports import PDF, answer_file
from tilmfg.records.forms import VerbForm
from tilmfg.records.idempotency import once
from tilmfg.records.signature_status import status
from tilmfg.shell.paging import page_of

from . import READERS, show

USUAL = timedelta(minutes=1)  # longer than any computation takes
RUN_TABS = [("", "All"), *((key, key.replace("_", " ").capitalize()) for key in selectors.RUNS_BY_STATE)]
MASKING = {"mask": services.mask_wells, "unmask": services.unmask_wells}
DECISIONS = {"review": services.review_run, "reject": services.reject_run}


@open_to(*READERS)
def runs(request):
    search, state = request.GET.get("search", ""), request.GET.get("state", "")
    state = state if state in selectors.RUNS_BY_STATE else ""
    page = page_of(selectors.runs_in(state, search), request.GET)
    context = {"page": page, "search": search, "state": state, "states": RUN_TABS}
    return show(request, "assays/runs.html", context)


@open_to(*READERS)
def run(request, pk):
    found = selectors.run_with_everything(pk)
    context = page_of_run(found, request.user)
    context |= chosen(
        found, context["rows"], request.GET.get("well") or request.GET.get("row", ""), request.GET
    )
    form = None
    if (place := context["well"] or context["row"]) and may_mask(found, request.user):
        change = "unmask" if place.masking else "mask"
        form = MaskForm(initial=place.initial | {"change": change}, analytes=analytes_of(found))
    return show(request, "assays/run.html", context, form=form)


@open_to(Role.ANALYST)
@require_POST
@once
def run_mask(request, pk):
    """Wells or rows are taken out or put back; the run is then computed again."""
    found = selectors.run_with_everything(pk)
    form = MaskForm(request.POST, analytes=analytes_of(found))
    if form.is_valid():
        asked = form.values
        if form.attempt(MASKING[asked.pop("change")], run=found, **asked, by=request.user):
            return redirect("run", found.pk)
    context = page_of_run(found, request.user)
    context |= chosen(found, context["rows"], request.POST.get("positions", "").split(" ")[0], request.POST)
    return show(request, "assays/run.html", context, form=form)


@asked_by_itself
@open_to(*READERS)
def run_progress(request, pk):
    """Asked every second while the run is computed; then the whole page comes again."""
    found = get_object_or_404(Run, pk=pk)
    if found.state not in BEING_COMPUTED:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return show(request, "assays/parts/progress.html", progress_of(found))


@open_to(Role.ANALYST)
@require_POST
@once
def run_try_again(request, pk):
    """Whoever was too late for it sees the run as it is."""
    found = get_object_or_404(Run, pk=pk)
    if found.state in BEING_COMPUTED:
        services.try_again(run=found, by=request.user)
    return redirect("run", pk)


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
        parts={"analyst": analysts_of(found)},
        qualifications=(found.method.qualification,),
        by=request.user,
    )
    return show(
        request, "assays/run_review.html", page_of_run(found, request.user) | {"lack": lack}, form=form
    )


@open_to(*READERS)
@require_POST
@once
def run_recalculate(request, pk):
    services.recalculate_run(run=get_object_or_404(Run, pk=pk), by=request.user)
    return redirect(f"{reverse('run', args=[pk])}#recalculation")


@open_to(*READERS)
@require_safe
def run_report(request, pk):
    report = services.issue_run_report(run=selectors.run_with_everything(pk), by=request.user)
    return answer_file(request, report.content, name=report.name, kind="run report", media_type=PDF)


def progress_of(found: Run) -> dict:
    """The computation that is waited for; after a minute somebody is told what may be the matter."""
    effect = selectors.work_on(found)
    slow = effect is not None and timezone.now() - effect.promised_at > USUAL
    return {"run": found, "effect": effect, "slow": slow, "try_form": VerbForm()}


def chosen(found: Run, rows: list, position: str, asked) -> dict:
    """The well or the row that a person looks at, or none."""
    row = (
        next((row for row in rows if position in (str(row.number), row.read.well)), None)
        if position
        else None
    )
    return {"row": row, "well": well_of_run(found, position, asked.get("analyte", ""))}


def analytes_of(found: Run) -> list[str]:
    """Of a multiplex run, in the order of its method."""
    return [name for name in dict.fromkeys(well.analyte for well in found.wells.all()) if name]


def may_mask(found: Run, user) -> bool:
    return found.state in (RunState.COMPUTED, RunState.INVALID) and user.holds(Role.ANALYST)


def page_of_run(found: Run, user) -> dict:
    outcome, results, rows = outcome_of(found), selectors.results_of_run(found), rows_of_run(found)
    return {
        "run": found,
        "outcome": outcome,
        "charts": charts_shown(outcome),
        "tables": tables_shown(outcome),
        "signal_unit": "AU" if found.signal_read.isdecimal() else "",
        "plates": plates_of_run(found),
        "reagents": reagents_of(found),
        "rows": rows,
        "second": revived(found.current.second_solver) if found.current else None,
        "hints": outlier_hints(found, rows),
        "computations": computations_shown(found),
        "recalculation": selectors.last_recalculation(found),
        "recalculation_form": VerbForm(),
        "answers": answers_side_by_side(found),
        "may_mask": may_mask(found, user),
        "lack": lack_of(user, *found.method.qualifications) if may_mask(found, user) else "",
        "controls": controls_of_run(found),
        "names": found.mapped_samples.all(),
        "results": results,
        "standing": [result for result in results if result.state == ResultState.RECORDED],
        "analytes": analytes_shown(found, outcome, results),
        "earlier": selectors.earlier_runs(found.file, but=found),
        "next": next_of_invalid(found, user=user) if found.state == RunState.INVALID else "",
        "review_status": status(found.review, of=found) if found.review else None,
        "may_review": found.state in (RunState.COMPUTED, RunState.INVALID)
        and user.holds(Role.ANALYST)
        and user.pk not in analysts_of(found),
    } | (progress_of(found) if found.state in BEING_COMPUTED else {})
