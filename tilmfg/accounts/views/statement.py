"""The accountability statement, and what a person declares of it."""

from django.shortcuts import redirect, render

from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.idempotency import once

from .. import services, training
from ..access import open_to
from ..roles import Role
from ..training_forms import AcknowledgeForm, StatementForm


@open_to(*Role)
@once
def statement(request):
    found = training.current_statement()
    form = AcknowledgeForm(request.POST or None, initial={"version": found.version})
    if form.is_valid() and form.attempt(services.acknowledge_statement, by=request.user, **form.values):
        return redirect("statement")
    if isinstance(form.refusal, ChangedMeanwhile):
        form.show_anew()
    context = {
        "statement": found,
        "acknowledgement": training.acknowledgement_of(request.user),
        "form": form,
        "may_publish": request.user.holds(Role.QA_APPROVER),
    }
    return render(request, "accounts/statement.html", context, status=form.status)


@open_to(Role.QA_APPROVER)
@once
def statement_publish(request):
    form = StatementForm(request.POST or None, initial={"text": training.current_statement().text})
    if form.is_valid() and form.attempt(services.publish_statement, by=request.user, **form.values):
        return redirect("statement")
    return render(request, "accounts/statement_publish.html", {"form": form}, status=form.status)
