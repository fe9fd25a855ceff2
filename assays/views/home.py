"""The laboratory's front page, its samples and their arrival."""

from django.shortcuts import redirect

from assays import selectors
from assays.attributes import ATTRIBUTES, of_purpose, purpose_in_words
from assays.forms import ReceiveSampleForm
from assays.next_step import next_of_invalid
from tilmfg.accounts.access import open_to
from tilmfg.accounts.roles import Role
from tilmfg.batches import services as batches
from tilmfg.records.idempotency import once
from tilmfg.shell.paging import page_of

from . import READERS, show

SHOWN = 8  # of each queue


@open_to(*READERS)
def laboratory(request):
    return laboratory_page(request, form=ReceiveSampleForm())


@open_to(Role.ANALYST)
@once
def sample_receive(request):
    form = ReceiveSampleForm(request.POST or None)
    if form.is_valid() and (sample := form.attempt(batches.receive_sample, **form.values, by=request.user)):
        return redirect("sample", sample.name)
    return laboratory_page(request, form=form)


def laboratory_page(request, *, form):
    context = {
        "form": form,
        "to_receive": selectors.samples_to_receive().order_by("pk")[:SHOWN],
        "runs_to_review": selectors.runs_to_review(request.user).order_by("pk")[:SHOWN],
        "invalid": [
            (run, next_of_invalid(run, user=request.user))
            for run in selectors.invalid_runs().order_by("pk")[:SHOWN]
        ],
        "results_to_review": selectors.results_to_review(request.user).order_by("pk")[:SHOWN],
        "files": selectors.files_to_import().order_by("-pk")[:SHOWN],
        "runs": selectors.runs().order_by("-pk")[:SHOWN],
    }
    return show(request, "assays/laboratory.html", context, form=form)


@open_to(*READERS)
def samples(request):
    search = request.GET.get("search", "")
    page = page_of(selectors.samples(search), request.GET)
    rows = [(found, purpose_in_words(found.purpose)) for found in page]
    return show(request, "assays/samples.html", {"page": page, "rows": rows, "search": search})


@open_to(*READERS)
def sample(request, name):
    found = selectors.sample_called(name)
    methods = {
        attribute: method
        for attribute, method in selectors.form_methods().items()
        if found.stage in method.rules.result(attribute).stages
    }
    fitting = [ATTRIBUTES[code] for code in methods if code in of_purpose(found.purpose)]
    context = {
        "sample": found,
        "purpose": purpose_in_words(found.purpose),
        "results": selectors.results_of_sample(found),
        "runs": selectors.runs_of_sample(found),
        "fitting": fitting,
        "others": [ATTRIBUTES[code] for code in methods if ATTRIBUTES[code] not in fitting],
    }
    return show(request, "assays/sample.html", context)
