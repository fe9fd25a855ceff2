"""The audit trail as people read it. Reading only; there is nothing here to change."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import render

from .forms import AuditSearchForm
from .selectors import PAGE, audit_events, changes_of, cursor_of

# Role values, not the enum: the ground does not know the room above it.
READERS = ("qa_reviewer", "qa_approver", "identity_administrator", "auditor", "system_administrator")


@login_required
def records(request):
    if not request.user.holds(*READERS):
        raise PermissionDenied(
            "The audit trail is read by QA, identity administrators, auditors and system administrators."
        )
    form = AuditSearchForm(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    events = audit_events(**wanted, cursor=request.GET.get("before", ""))
    shown = [(event, changes_of(event)) for event in events[:PAGE]]
    older = cursor_of(events[PAGE - 1]) if len(events) > PAGE else ""
    query = request.GET.copy()
    query.pop("before", None)
    return render(
        request,
        "records/audit.html",
        {"form": form, "events": shown, "older": older, "query": query.urlencode()},
    )
