"""Methods: every version in words, drafts, their approval and withdrawal."""

from django.http import JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from assays import selectors, services
from assays.forms import SignForm
from assays.method_forms import DiscardForm, LayoutForm, MethodForm, NewMethodForm
from assays.models import Method
from assays.pictures import laid_out
from assays.rules.layout_editing import answer_to
from assays.rules.layout_tables import as_grid, as_list
from assays.rules.layouts import CONDITIONS, ROLES, Layout
from assays.rules.method_words import changes, facts_of, parts_of
from assays.rules.methods import in_words_of_today
from assays.services.methods import KIND, WITHDRAWAL, authors_of, seen_of
from tilmfg.accounts.access import open_to, proves_signer
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import why_not
from tilmfg.records.exports import CSV, answer_file
from tilmfg.records.forms import VerbForm
from tilmfg.records.idempotency import once
from tilmfg.records.signature_status import status

from . import READERS, show

AUTHORS = (Role.ANALYST, Role.QA_APPROVER)


@open_to(*READERS)
def methods(request):
    search = request.GET.get("search", "")
    context = {
        "methods": selectors.methods_by_code(search),
        "search": search,
        "is_author": is_author(request),
    }
    return show(request, "assays/methods.html", context)


@open_to(*AUTHORS)
@once
def method_new(request):
    form = NewMethodForm(request.POST or None)
    if form.is_valid() and (draft := form.attempt(services.draft_method, **form.values, by=request.user)):
        return redirect("method_edit", draft.code, draft.version)
    return show(request, "assays/method_new.html", {}, form=form)


@open_to(*READERS)
def method_version(request, code, version):
    method = selectors.method_version(code, version)
    context = page_of_method(method) | {
        "versions": list(selectors.method_versions().filter(code=code).defer("content")),
        "qualified": selectors.qualified_for(method),
        "approval_status": method.approval and status(method.approval, of=method),
        "withdrawal_status": method.withdrawal and status(method.withdrawal, of=method),
        "is_author": is_author(request),
        "is_approver": request.user.holds(Role.QA_APPROVER),
        "redraft": VerbForm(),
    }
    return show(request, "assays/method_version.html", context)


@open_to(*READERS)
def method_changes(request, code, before, after):
    old, new = selectors.method_version(code, before), selectors.method_version(code, after)
    context = {
        "old": old,
        "method": new,
        "changes": changed_between(old, new),
        "versions": list(selectors.method_versions().filter(code=code).defer("content")),
    }
    return show(request, "assays/method_changes.html", context)


@open_to(*AUTHORS)
@require_POST
@once
def method_redraft(request, code, version):
    method = selectors.method_version(code, version)
    content = dict(in_words_of_today(method.kind, method.content))
    draft = services.draft_method(
        code=code, name=method.name, kind=method.kind, content=content, by=request.user
    )
    return redirect("method_edit", draft.code, draft.version)


@open_to(*AUTHORS)
@once
def method_edit(request, code, version):
    method = selectors.method_version(code, version)
    form = MethodForm(request.POST or None, method=method, seen=seen_of(method))
    if form.is_valid() and form.attempt(services.edit_method, method=method, **form.values, by=request.user):
        return redirect("method_version", code, version)
    return show(request, "assays/method_edit.html", {"method": method}, form=form)


@open_to(*AUTHORS)
@once
def method_layout(request, code, version):
    method = selectors.method_version(code, version)
    form = LayoutForm(request.POST or None, request.FILES or None, method=method, seen=seen_of(method))
    if form.is_valid() and form.attempt(services.edit_method, method=method, **form.values, by=request.user):
        return redirect("method_version", code, version)
    editor = answer_to({"wells": str(form["wells"].value()), "table": form["table"].value() or ""})
    context = {"method": method, "editor": editor, "roles": ROLES, "conditions": CONDITIONS}
    return show(request, "assays/method_layout.html", context, form=form)


@open_to(*AUTHORS)
@require_POST
def method_layout_check(request, code, version):
    """The editor's layout read, and a dilution series filled in if one is sent; nothing is written."""
    return JsonResponse(answer_to(request.POST.dict()))


@open_to(*READERS)
def method_layout_file(request, code, version, form):
    layout = selectors.method_version(code, version).rules.layout or Layout(96)
    text = as_grid(layout) if form == "grid" else as_list(layout)
    name = f"{code}-{version}-layout-{form}.csv"
    return answer_file(request, text, name=name, kind="layout of a method", media_type=CSV)


@open_to(*AUTHORS)
@once
def method_discard(request, code, version):
    method = selectors.method_version(code, version)
    form = DiscardForm(request.POST or None)
    if form.is_valid() and form.attempt(
        services.discard_method, method=method, **form.values, by=request.user
    ):
        return redirect("method_version", code, version)
    return show(request, "assays/method_discard.html", {"method": method}, form=form)


@open_to(Role.QA_APPROVER)
@proves_signer
@once
def method_approve(request, code, version):
    return signed_page(
        request,
        selectors.method_version(code, version),
        template="assays/method_approve.html",
        verb=services.approve_method,
        kind=KIND,
        parts=lambda method: {"author": authors_of(method)},
    )


@open_to(Role.QA_APPROVER)
@proves_signer
@once
def method_withdraw(request, code, version):
    return signed_page(
        request,
        selectors.method_version(code, version),
        template="assays/method_withdraw.html",
        verb=services.withdraw_method,
        kind=WITHDRAWAL,
        parts=lambda method: {},
    )


def signed_page(request, method: Method, *, template, verb, kind, parts):
    """What is shown and the form that signs its digest."""
    form = SignForm(request.POST or None, proof=request.proof, initial={"digest": seen_of(method)})
    if form.is_valid():
        signed = form.values
        seen = signed.pop("digest")
        if form.attempt(verb, method=method, seen=seen, **signed, by=request.user):
            return redirect("method_version", method.code, method.version)
    lack = why_not(kind, parts=parts(method), by=request.user)
    return show(request, template, page_of_method(method) | {"lack": lack}, form=form)


def page_of_method(method: Method) -> dict:
    """The version in words; beside it what it would change, or changed, of the approved version before it."""
    earlier = selectors.method_versions().filter(
        code=method.code, version__lt=method.version, approval__isnull=False
    )
    before = earlier.first()
    return {
        "method": method,
        "parts": parts_of(method.rules),
        "layout": laid_out(method.rules.layout),
        "seen": seen_of(method),
        "before": before,
        "changes": changed_between(before, method) if before else (),
    }


def changed_between(old: Method, new: Method):
    return changes(facts_of(old.name, old.kind, old.content), facts_of(new.name, new.kind, new.content))


def is_author(request) -> bool:
    return request.user.holds(*AUTHORS)
