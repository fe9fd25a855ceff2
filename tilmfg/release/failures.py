"""A final result outside its limit is investigated, from the very transaction that made it final; one that gives way
to another before that is a deviation, so that nobody masks, repeats or rejects until a lot passes."""

from assays.models import Result
from tilmfg.accounts.services import service_account
from tilmfg.quality.models import Deviation, Investigation
from tilmfg.quality.services import open_deviation, open_investigation

from . import rules
from .models import Lot
from .selectors.dossier import specification_for
from .words import limit_in_words


def open_investigation_of_failure(*, lot: Lot, result: Result) -> None:
    """Nothing happens if the result passes, says nothing, is a retest, or has no criterion."""
    failed = [] if result.retest_of_id else _failed_criteria(lot, result)
    if not failed:
        return
    open_investigation(
        chain=result.chain,
        result_id=result.pk,
        analyst=result.recorded_by,
        reviewer=result.reviewed_by,
        retests_planned=plan.retests if (plan := result.method.rules.retest) else 0,
        title=f"{failed[0].label}: {result.in_words} is out of specification",
        description=(
            f"{result.in_words} was found in sample {result.sample.name}, {result.get_stage_display().lower()}, "
            f"by {result.method}. The specification asks for: {_limits(failed)}."
        ),
        by=service_account(),
    )


def report_withdrawn_failure(*, lot: Lot, result: Result, because: str) -> None:
    """QA looks at what took a failing result away: a masked well, another measurement, a rejected run."""
    if Investigation.objects.filter(result_id=result.pk).exists():
        return
    failed = _failed_criteria(lot, result)
    if not failed:
        return
    open_deviation(
        chain=result.chain,
        subject_kind="assays.result",
        subject_id=result.pk,
        kind=Deviation.Kind.OUT_OF_SPECIFICATION,
        title=f"{failed[0].label}: {result.in_words} gave way before it was reviewed",
        description=(
            f"{result.in_words} was found in sample {result.sample.name}, {result.get_stage_display().lower()}, by "
            f"{result.method}. The specification asks for: {_limits(failed)}. It was superseded because: {because}"
        ),
        by=service_account(),
    )


def _limits(failed: list[rules.Criterion]) -> str:
    return "; ".join(f"{criterion.label}: {limit_in_words(criterion)}" for criterion in failed)


def _failed_criteria(lot: Lot, result: Result) -> list[rules.Criterion]:
    specification = specification_for(lot)
    if specification is None:
        return []
    content = rules.parse(specification.content)
    asked = tuple(
        criterion
        for criterion in content.criteria
        if (criterion.attribute, criterion.stage) == (result.attribute, result.stage)
    )
    reported = rules.ReportedResult(
        id=result.pk,
        attribute=result.attribute,
        stage=result.stage,
        method=result.method.code,
        qualifier=result.qualifier,
        value=result.value if result.raw_value is None else result.raw_value,
        text=result.text,
        unit=result.unit,
        missing=result.missing,
    )
    found = rules.evaluate(
        rules.Specification(product=content.product, rule=content.rule, criteria=asked), [reported]
    )
    return [
        criterion
        for criterion, outcome in zip(asked, found.outcomes, strict=True)
        if outcome.outcome is rules.Outcome.FAIL
    ]
