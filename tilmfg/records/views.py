"""The audit trail as people read it. Reading only; there is nothing here to change."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from .chains import name_chains
from .exports import answer_lines
from .trail.export import asked_in, trail_lines
from .trail.forms import AuditSearchForm
from .trail.readers import for_readers
from .trail.search import Search, page_of_trail
from .trail.tables import model_of
from .trail.words import record_in_words, tell


@for_readers
def records(request):
    """Everything, or what a search finds."""
    form = AuditSearchForm(request.GET)
    if not form.is_valid():
        return render(request, "records/audit.html", {"form": form}, status=422)
    return render(request, "records/audit.html", trail_of(form.search, request) | {"form": form})


@for_readers
def record_history(request, relation, key):
    """All that ever happened to one row, and where it stands now."""
    model = model_of(relation)
    context = trail_of(Search(relation=relation, key=str(key)), request)
    if not context["rows"]:
        raise Http404("The audit trail knows no such record.")
    record = model and model._default_manager.filter(pk=key).first()
    context |= {"title": record_in_words(relation, str(key)), "url": page_of(record) if record else ""}
    return render(request, "records/history.html", context | {"belongs_to": context["rows"][0][1]})


@for_readers
def export(request):
    form = AuditSearchForm(request.GET)
    if not form.is_valid():
        return render(request, "records/audit.html", {"form": form}, status=422)
    return answer_lines(
        request,
        trail_lines(form.search),
        name=f"audit-trail-{timezone.now():%Y%m%dT%H%M%SZ}.csv",
        kind="audit trail",
        asked=asked_in(form.search),
    )


def page_of(record):
    """Where the record itself is read; many rows are read only as part of another."""
    return record.get_absolute_url() if hasattr(record, "get_absolute_url") else ""


def trail_of(search, request):
    """One page of events in words, and the addresses of the next page and of the file."""
    events, older = page_of_trail(search, cursor=request.GET.get("before", ""))
    query = request.GET.copy()
    query.pop("before", None)
    chains = name_chains(event.chain for event in events)
    rows = [(event, chains[event.event.chain]) for event in tell(events)]
    return {"rows": rows, "older": older, "query": query.urlencode()}
