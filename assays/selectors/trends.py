"""Results of patients one after the other, by attribute, stage and method: never mixed with controls."""

from decimal import Decimal

from django.db.models import Count, Max

from assays.models import Result
from assays.rules.trends import LOOKED_AT
from assays.states import ResultState


def results_in_trend(*, attribute: str, stage: str, method_code: str):
    """Final, measured exactly, newest first; retests stand beside what they test and are none of them."""
    return (
        Result.objects.filter(
            attribute=attribute,
            stage=stage,
            method__code=method_code,
            state=ResultState.FINAL,
            qualifier=Result.Qualifier.EQUAL,
            value__isnull=False,
            retest_of=None,
        )
        .select_related("order", "sample", "run")
        .order_by("-performed_at", "-pk")
    )


def history_of(result: Result) -> list[Decimal]:
    """The values that are final by now of other patients' orders."""
    found = results_in_trend(attribute=result.attribute, stage=result.stage, method_code=result.method.code)
    return list(found.exclude(order=result.order_id).values_list("value", flat=True)[:LOOKED_AT])


def trends():
    """Every series there is, and how long it is."""
    found = Result.objects.filter(state=ResultState.FINAL, value__isnull=False, retest_of=None)
    series = found.values("attribute", "stage", "method__code")
    counted = series.annotate(count=Count("pk"), last=Max("performed_at"))
    return counted.order_by("attribute", "stage", "method__code")
