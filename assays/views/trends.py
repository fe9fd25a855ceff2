"""Patients' results over time, apart from controls: is the next one where it is expected?"""

from django.http import Http404
from django.utils import timezone
from django.views.decorators.http import require_safe

from assays.attributes import ATTRIBUTES
from assays.result_trend import ACROSS, Trend, trend_lines, trend_of, trend_record
from assays.rules.trends import LOOKED_AT, NEEDED
from assays.selectors import trends as selectors
from tilmfg.accounts.access import open_to
from tilmfg.batches.models import Sample
from tilmfg.documents import record
from tilmfg.records.exports import CSV, PDF, answer_file

from . import READERS, show

STAGES = dict(Sample.Stage.choices)


@open_to(*READERS)
def trends(request):
    rows = [
        row | {"name": ATTRIBUTES[row["attribute"]].name, "stage_name": STAGES[row["stage"]]}
        for row in selectors.trends()
    ]
    return show(request, "assays/trends.html", {"rows": rows, "needed": NEEDED})


@open_to(*READERS)
def trend(request, attribute, stage, code):
    found = trend_or_404(attribute, stage, code)
    context = {"trend": found, "newest_first": found.results[::-1], "across": ACROSS}
    return show(request, "assays/trend.html", context | {"address": (attribute, stage, code)})


@open_to(*READERS)
@require_safe
def trend_csv(request, attribute, stage, code):
    """Every result of the series."""
    content = "".join(trend_lines(trend_or_404(attribute, stage, code, most=None)))
    return answer_file(request, content, name=f"trend-{attribute}.csv", kind="trend", media_type=CSV)


@open_to(*READERS)
@require_safe
def trend_pdf(request, attribute, stage, code):
    """The trend as its page shows it."""
    content = record(trend_record(trend_or_404(attribute, stage, code), generated_at=timezone.now()))
    return answer_file(request, content, name=f"trend-{attribute}.pdf", kind="trend", media_type=PDF)


def trend_or_404(attribute: str, stage: str, code: str, *, most: int | None = LOOKED_AT) -> Trend:
    if attribute not in ATTRIBUTES or stage not in STAGES:
        raise Http404
    return trend_of(attribute, stage, code, most=most)
