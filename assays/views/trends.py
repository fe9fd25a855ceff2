"""Patients' results over time, apart from controls: is the next one where it is expected?"""

from django.http import Http404

from assays.attributes import ATTRIBUTES
from assays.rules.trends import LOOKED_AT, NEEDED, expected_of
from assays.selectors import trends as selectors
from tilmfg.accounts.access import open_to
from tilmfg.batches.models import Sample
from tilmfg.shell.pictures import ChartPoint, ChartSeries

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
    if attribute not in ATTRIBUTES or stage not in STAGES:
        raise Http404
    found = selectors.results_in_trend(attribute=attribute, stage=stage, method_code=code)
    results = list(found[:LOOKED_AT])[::-1]
    unit = results[-1].unit if results else ""
    expected = expected_of([result.value for result in results], unit=unit)
    context = {
        "attribute": ATTRIBUTES[attribute],
        "stage": STAGES[stage],
        "code": code,
        "results": results[::-1],
        "expected": expected,
        "needed": NEEDED,
        "series": series_of(results, expected),
        "title_y": ", ".join(word for word in (ATTRIBUTES[attribute].name, unit) if word),
    }
    return show(request, "assays/trend.html", context)


def series_of(results, expected) -> list[ChartSeries]:
    points = tuple(
        ChartPoint(x=place, y=float(result.value), label=result.sample.name, role="sample")
        for place, result in enumerate(results, start=1)
    )
    lines = [] if expected is None else [expected.lower, expected.middle, expected.upper]
    end = len(results) + 1
    return [
        ChartSeries(name="results", points=points),
        *(ChartSeries(name="expected", line=((1, line), (end, line))) for line in lines),
    ]
