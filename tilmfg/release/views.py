"""Pages about lots: the list, the lot, the review, the decision, the documents."""

from django.shortcuts import redirect, render

from tilmfg.accounts.access import asked_by_itself, open_to, proves_signer
from tilmfg.accounts.proof import Proof
from tilmfg.accounts.roles import FACILITY_ROLES, Role
from tilmfg.accounts.signing import why_not
from tilmfg.quality.workers import workers_of
from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.exports import answer_file
from tilmfg.records.idempotency import once

from . import actions, selectors, services, trail
from .forms import DispositionForm, ReturnForm, ReviewForm, TrailForm
from .progress import progress_of
from .states import LOT, DispositionState

QUALITY = (Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR)


@open_to(*FACILITY_ROLES, Role.SITE)
def lots(request):
    page = selectors.lots_page(request.user, request.GET)
    context = {
        "page": page,
        "choices": selectors.choices(request.user, request.GET.get("state", "")),
        "search": request.GET.get("search", ""),
        "state": request.GET.get("state", ""),
    }
    return render(request, "release/lots.html", context)


@open_to(*FACILITY_ROLES, Role.SITE)
def lot(request, lot_number):
    if not request.user.holds(*FACILITY_ROLES):
        return render(request, "release/lot_at_site.html", selectors.lot_at_site(lot_number, request.user))
    record = selectors.lot_record(lot_number, request.user)
    context = {
        "record": record,
        "lot": record.lot,
        "order": record.order,
        "links": actions.links(record, request.user),
        "action": actions.next_action(record, request.user),
    }
    return render(request, "release/lot.html", context)


@open_to(*QUALITY)
@proves_signer
@once
def lot_trail(request, lot_number):
    record = selectors.lot_record(lot_number, request.user)
    form = TrailForm(request.POST or None, trail=record.trail, proof=request.proof)
    if form.is_valid() and form.attempt(
        services.review_trail, lot=record.lot, **form.values, by=request.user
    ):
        return redirect("lot_review", lot_number)
    return signing_page(request, "release/trail.html", record, form, signer=Role.QA_REVIEWER, kind=trail.KIND)


@open_to(*QUALITY)
@proves_signer
@once
def lot_review(request, lot_number):
    record = selectors.lot_record(lot_number, request.user)
    form = ReviewForm(request.POST or None, dossier=record.dossier, proof=request.proof)
    if form.is_valid() and form.attempt(services.sign_review, lot=record.lot, **form.values, by=request.user):
        return redirect("lot_disposition", lot_number)
    return signing_page(request, "release/review.html", record, form, signer=Role.QA_REVIEWER)


@open_to(*QUALITY)
@proves_signer
@once
def lot_disposition(request, lot_number):
    record = selectors.lot_record(lot_number, request.user)
    if record.disposition is None or record.disposition.state != DispositionState.REVIEWED:
        return render(request, "release/decision.html", decision_context(record))
    form = DispositionForm(request.POST or None, dossier=record.dossier, proof=request.proof)
    if form.is_valid() and form.attempt(
        services.sign_disposition, disposition=record.disposition, **form.values, by=request.user
    ):
        return redirect("lot_disposition", lot_number)
    return disposition_page(request, record, form, return_form=ReturnForm(), status=form.status)


@open_to(Role.QA_REVIEWER, Role.QA_APPROVER)
@once
def lot_return(request, lot_number):
    record = selectors.lot_record(lot_number, request.user)
    form = ReturnForm(request.POST or None)
    if record.disposition is None or not form.is_bound:
        return redirect("lot_disposition", lot_number)
    if form.is_valid() and form.attempt(
        services.return_review,
        disposition=record.disposition,
        reason=form.cleaned_data["return_reason"],
        by=request.user,
    ):
        return redirect("lot", lot_number)
    signing = DispositionForm(dossier=record.dossier, proof=Proof())
    return disposition_page(request, record, signing, return_form=form, status=form.status)


@asked_by_itself
@open_to(*QUALITY)
def lot_progress(request, lot_number):
    """The execution of a signed decision, asked for again and again until it is done."""
    record = selectors.lot_record(lot_number, request.user)
    return render(request, "release/progress.html", decision_context(record))


@open_to(*FACILITY_ROLES, Role.SITE)
def document(request, pk):
    document = selectors.document_of(request.user, pk)
    content = services.read_document(document=document, by=request.user)
    return answer_file(
        request,
        content,
        name=document.filename,
        kind=document.get_kind_display(),
        media_type=document.media_type,
        inline=True,
    )


def decision_context(record):
    return {"record": record, "lot": record.lot, "order": record.order, "progress": progress_of(record)}


def disposition_page(request, record, form, **context):
    return signing_page(request, "release/disposition.html", record, form, signer=Role.QA_APPROVER, **context)


def signing_page(request, template, record, form, *, signer, kind=LOT.kind, status=None, **context):
    """The document as it is signed beside the form; after a change, what changed and by whom."""
    context |= {"record": record, "lot": record.lot, "order": record.order, "form": form}
    if isinstance(form.refusal, ChangedMeanwhile):
        context["changes"] = selectors.changes_since(record.lot, form.version_seen)
        form.show_anew()
    context |= {
        "can_sign": request.user.holds(signer),
        "who_signs": f"A {signer.label}",
        "can_return": request.user.holds(Role.QA_REVIEWER, Role.QA_APPROVER),
        "barred": why_not(kind, parts={"worker": workers_of(record.order.pk)}, by=request.user),
    }
    return render(request, template, context, status=status or form.status)
