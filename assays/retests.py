"""Whether something may be measured again while its result is investigated."""

from collections.abc import Iterable

from tilmfg.accounts.models import User
from tilmfg.batches.models import Sample
from tilmfg.quality.models import Investigation
from tilmfg.quality.states import InvestigationState

from .models import Method, Result
from .states import ResultState


def investigation_of(result: Result | None) -> Investigation | None:
    if result is None:
        return None
    return Investigation.objects.select_related("deviation").filter(result_id=result.pk).first()


def retests_of(investigation: Investigation):
    """Its retests that stand, in the order in which they were recorded."""
    return (
        Result.objects.filter(retest_of_id=investigation.result_id)
        .exclude(state=ResultState.SUPERSEDED)
        .select_related("sample", "recorded_by", "reviewed_by", "run")
        .order_by("pk")
    )


def final_retests(investigation: Investigation) -> int:
    return retests_of(investigation).filter(state=ResultState.FINAL).count()


def why_not_measured_again(samples: Iterable[Sample], method: Method, *, analyst: User) -> dict[str, str]:
    """By name of the sample: why this person does not measure it now, in a constant number of queries."""
    measured = list(samples)
    standing = Result.objects.filter(
        order__in={sample.order_id for sample in measured},
        attribute__in=[reported.attribute for reported in method.rules.results],
        retest_of=None,
    ).exclude(state=ResultState.SUPERSEDED)
    places = {pk: (order, stage) for pk, order, stage in standing.values_list("pk", "order", "stage")}
    investigations = Investigation.objects.select_related("deviation").filter(result_id__in=places)
    reasons: dict[tuple[int, str], str] = {}
    for found in investigations.order_by("pk"):  # of several results that one method gives each may forbid it
        if why := why_no_retest(found, analyst=analyst):
            reasons.setdefault(places[found.result_id], why)
    return {
        sample.name: reasons[place]
        for sample in measured
        if (place := (sample.order_id, sample.stage)) in reasons
    }


def why_no_retest(investigation: Investigation | None, *, analyst: User) -> str:
    """Why this person measures it not again now, in a sentence; nothing if they may."""
    if investigation is None or investigation.state == InvestigationState.INVALIDATED:
        return ""
    number = investigation.deviation.number
    if investigation.state == InvestigationState.PHASE_ONE:
        return f"This result is being investigated ({number}, phase I); nothing is measured again before QA ends it."
    if investigation.state == InvestigationState.CONFIRMED:
        return f"This result was investigated and confirmed ({number}); it is not measured again."
    if analyst.pk == investigation.analyst_id:
        return (
            f"You measured the result that is investigated ({number}); another qualified analyst retests it."
        )
    planned = investigation.retests_planned
    if retests_of(investigation).count() >= planned:
        return f"All {planned} retests that the method planned are recorded ({number}); there are no others."
    return ""
