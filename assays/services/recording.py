"""A value becomes a result: rounded once, superseding the one that stood, said on the order's chain."""

from datetime import datetime

from assays.attributes import name_of
from assays.kernel.rounding import decimals_of
from assays.models import Method, Result, Run
from assays.retests import investigation_of, why_no_retest
from assays.rules.values import Value
from assays.states import RESULT
from tilmfg.accounts.models import User
from tilmfg.batches.models import Sample
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.states import advance


class UnableToRecord(UnableTo):
    """The result is not recorded."""


def record_value(
    value: Value,
    *,
    sample: Sample,
    method: Method,
    performed_at: datetime,
    recorded_by: User,
    by: User,
    run: Run | None = None,
    again: str = "",
    late_entry_reason: str = "",
) -> Result:
    """Called inside a verb. `again` is the reason of a person where a result of this attribute stands."""
    reported = method.rules.result(value.attribute)
    rounded = None if value.raw is None else reported.rounded(value.raw)
    standing = standing_result(sample, value.attribute)
    investigation = investigation_of(standing)
    require(
        not (why := why_no_retest(investigation, analyst=recorded_by)), UnableToRecord(why, field="reason")
    )
    is_retest = investigation is not None and investigation.is_open
    if standing:
        _require_reason(standing, again)
        if not is_retest:
            supersede(standing, because=again, by=by)
    result = Result.objects.create(
        order=sample.order,
        sample=sample,
        method=method,
        run=run,
        attribute=value.attribute,
        stage=sample.stage,
        qualifier=value.qualifier,
        raw_value=value.raw,
        value=rounded,
        decimals=reported.decimals if rounded is None else decimals_of(rounded),
        text=value.text,
        unit=reported.unit,
        missing=value.missing,
        notes=value.notes,
        performed_at=performed_at,
        late_entry_reason=late_entry_reason,
        recorded_by=recorded_by,
        supersedes=None if is_retest else standing,
        retest_of=standing if is_retest else None,
        reason=again if standing else "",
    )
    publish(
        "assays.result.recorded",
        subject=result,
        kind=RESULT.kind,
        by=by,
        to_state=result.state,
        details={"attribute": result.attribute, "sample": sample.name},
    )
    return result


def standing_result(sample: Sample, attribute: str) -> Result | None:
    """The result of this attribute that counts until now."""
    return (
        Result.objects.select_for_update(of=("self",))
        .filter(order_id=sample.order_id, attribute=attribute, stage=sample.stage, retest_of=None)
        .exclude(state="superseded")
        .first()
    )


def _require_reason(standing: Result, again: str) -> None:
    require(
        again.strip(),
        UnableToRecord(
            f"{name_of(standing.attribute)} of {standing.order} already has a result at this stage; "
            "say why it was measured again.",
            field="reason",
        ),
    )


def supersede(result: Result, *, because: str, by: User) -> None:
    advance(
        result,
        machine=RESULT,
        event="assays.result.superseded",
        by=by,
        details={"attribute": result.attribute, "because": because},
    )
