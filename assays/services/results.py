"""Results that a person reads off and enters by form."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from assays import selectors
from assays.attributes import name_of
from assays.models import Result
from assays.rules.reported import Reported
from assays.rules.values import Value
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.batches.models import Sample
from tilmfg.batches.states import SampleState
from tilmfg.identity.states import OrderState
from tilmfg.records.errors import require

from .imports import lock_orders
from .recording import UnableToRecord, record_value

CONTEMPORANEOUS = timedelta(minutes=15)


@verb("assays.result.record", roles=(Role.ANALYST,))
def record_result(
    *,
    sample: Sample,
    attribute: str,
    performed_at: datetime,
    value: Decimal | None = None,
    qualifier: str = "=",
    text: str = "",
    late_entry_reason: str = "",
    reason: str = "",
    by: User,
) -> Result:
    """One attribute of one sample, to be reviewed by another. `reason`: why it supersedes, if it does."""
    method = selectors.form_method_for(attribute)
    if method is None:
        raise UnableToRecord(f"No approved method enters {name_of(attribute)} by form.")
    require_qualified(by, *method.qualifications)
    lock_orders({sample.order_id})
    require_measurable(sample, method.rules.result(attribute))
    if run := selectors.runs_at_work({sample.order_id}, {attribute}).get((sample.order_id, sample.stage)):
        raise UnableToRecord(f"{name_of(attribute)} of {sample} is being computed in {run}; wait for it.")
    require_value(method.rules.result(attribute), value=value, qualifier=qualifier, text=text)
    require_time(sample, performed_at, late_entry_reason=late_entry_reason)
    require_incubated(sample, method.rules.result(attribute), text, performed_at)
    return record_value(
        Value(attribute=attribute, raw=value, text=text, qualifier=qualifier),
        sample=sample,
        method=method,
        performed_at=performed_at,
        again=reason.strip(),
        late_entry_reason=late_entry_reason.strip(),
        recorded_by=by,
        by=by,
    )


def require_measurable(sample: Sample, reported: Reported) -> None:
    require(
        sample.state == SampleState.RECEIVED,
        UnableToRecord(f"{sample} has not been received by the laboratory."),
    )
    require(
        sample.order.state != OrderState.STOPPED,
        UnableToRecord(f"The order {sample.order} is stopped for an identity mismatch."),
    )
    allowed = " or ".join(Sample.Stage(stage).label.lower() for stage in reported.stages)
    require(
        sample.stage in reported.stages,
        UnableToRecord(
            f"{sample} is a sample “{sample.get_stage_display().lower()}”; "
            f"{name_of(reported.attribute)} is tested {allowed}."
        ),
    )


def require_value(reported: Reported, *, value: Decimal | None, qualifier: str, text: str) -> None:
    if reported.texts:
        require(value is None, UnableToRecord(f"{name_of(reported.attribute)} has no number.", field="value"))
        allowed = "; ".join(reported.texts)
        require(
            text in reported.texts,
            UnableToRecord(f"“{text}” is no result; allowed: {allowed}.", field="text"),
        )
        return
    require(not text, UnableToRecord(f"{name_of(reported.attribute)} is a number.", field="text"))
    if value is None:
        raise UnableToRecord(f"Enter the value in {reported.unit}.", field="value")
    require(
        qualifier in reported.qualifiers,
        UnableToRecord(f"“{qualifier}”: allowed are {' and '.join(reported.qualifiers)}.", field="qualifier"),
    )
    refusal = reported.refusal_of(value)
    require(not refusal, UnableToRecord(refusal, field="value"))


def require_time(sample: Sample, performed_at: datetime, *, late_entry_reason: str) -> None:
    now = timezone.now()
    require(performed_at <= now, UnableToRecord("This time is still to come.", field="performed_at"))
    drawn_at = sample.drawn_at.replace(second=0, microsecond=0)  # people type no seconds
    require(
        performed_at >= drawn_at,
        UnableToRecord(f"{sample} was drawn later, at {drawn_at:%-d %b %Y %H:%M} UTC.", field="performed_at"),
    )
    require(
        now - performed_at <= CONTEMPORANEOUS or late_entry_reason.strip(),
        UnableToRecord(
            "This was more than 15 minutes ago; say why it is entered now.", field="late_entry_reason"
        ),
    )


def require_incubated(sample: Sample, reported: Reported, text: str, performed_at: datetime) -> None:
    """“No growth” is no result before the last day of the culture."""
    days = reported.days.get(text, 0)
    known_at = sample.drawn_at + timedelta(days=days)
    require(
        performed_at >= known_at.replace(second=0, microsecond=0),
        UnableToRecord(
            f"“{text}” needs {days} days from the sampling, so from {known_at:%-d %b %Y %H:%M} UTC on.",
            field="performed_at",
        ),
    )
