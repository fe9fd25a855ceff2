"""The values of a step: evaluated, held against their limits, and written as readings."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models.functions import Now

from tilmfg.accounts.models import User
from tilmfg.quality import services as quality
from tilmfg.quality.models import Deviation
from tilmfg.records.errors import require
from tilmfg.shell.numbers import readable

from ..models import Reading, StepExecution
from ..rules import Limits, Step, UnacceptableValue, Value, evaluate
from ..states import STEP
from .due import UnableToRecord


def evaluated(step: Step, **known) -> tuple[Value, ...]:
    """rules.evaluate; a value that cannot be recorded is refused beside its field."""
    try:
        return evaluate(step, **known)
    except UnacceptableValue as refusal:
        raise UnableToRecord(str(refusal), field=refusal.code) from None


def require_reasons(values: Iterable[Value], reasons: Mapping[str, str]) -> None:
    """A value outside its limits is accepted with a reason."""
    for value in values:
        require(
            value.within_limits or reasons.get(value.code, "").strip(),
            UnableToRecord(
                f"{value.label}: {in_words(value.value, value.unit, value.text)} is outside the limits, "
                f"{limits_in_words(value.limits, value.unit)}. State the reason.",
                field=f"reason_{value.code}",
            ),
        )


def write_reading(
    execution: StepExecution,
    value: Value,
    *,
    reason: str,
    by: User,
    supersedes: Reading | None = None,
    confirmed_by: User | None = None,
) -> Reading:
    reading = Reading.objects.create(
        order_id=execution.order_id,
        execution=execution,
        parameter=value.code,
        value=value.value,
        text=value.text,
        unit=value.unit,
        low=value.limits.low,
        high=value.limits.high,
        within_limits=value.within_limits,
        computed=value.computed,
        reason=reason,
        recorded_by=by,
        supersedes=supersedes,
        confirmed_by=confirmed_by,
        confirmed_at=Now() if confirmed_by else None,
    )
    if confirmed_by:
        reading.refresh_from_db(fields=["confirmed_at"])
    return reading


def open_deviation_for(
    execution: StepExecution, step: Step, value: Value, *, reason: str, by: User
) -> Deviation:
    """A value outside its limits, told to QA; critical where the definition says that it stops the batch."""
    told = in_words(value.value, value.unit, value.text)
    return quality.open_deviation(
        chain=execution.chain,
        subject_kind=STEP.kind,
        subject_id=execution.pk,
        kind=Deviation.Kind.OUT_OF_LIMIT,
        title=f"{execution.batch.order.lot_number}, {step.name}: {value.label} {told}"[:200],
        description=f"{value.label} was {told}; the limits are {limits_in_words(value.limits, value.unit)}. "
        f"Reason given: {reason}",
        classification=Deviation.Classification.CRITICAL if value.stops else "",
        by=by,
    )


def in_words(value: Decimal | None, unit: str, text: str = "") -> str:
    return text if value is None else f"{readable(value)} {unit}".strip()


def limits_in_words(limits: Limits, unit: str) -> str:
    if limits.low is not None and limits.high is not None:
        return f"{readable(limits.low)} to {readable(limits.high)} {unit}".strip()
    if limits.low is not None:
        return f"at least {in_words(limits.low, unit)}"
    return f"at most {in_words(limits.high, unit)}"
