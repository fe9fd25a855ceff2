"""When a step is due. Days are the facility's calendar days; hours are read off its wall clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from .process import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A window on the clock; both ends belong to it."""

    opens_at: datetime
    planned_at: datetime
    closes_at: datetime

    def holds(self, moment: datetime) -> bool:
        return self.opens_at <= moment <= self.closes_at


def span_of(
    step: Step, *, started_at: datetime, performed: Mapping[str, datetime], zone: tzinfo
) -> Span | None:
    """The window of a step; None while the step that it counts from has not been performed."""
    window = step.window
    if window.after_step:
        since = performed.get(window.after_step)
        if since is None:
            return None
        opens_at = since + timedelta(hours=window.earliest_hours)
        return Span(
            opens_at=opens_at, planned_at=opens_at, closes_at=since + timedelta(hours=window.latest_hours)
        )
    day = started_at.astimezone(zone).date() + timedelta(days=window.day)
    midnight = datetime.combine(day, time.min)

    def at(hours: int) -> datetime:
        # Added before the zone is attached: a day on which the clocks change still ends at midnight.
        return (midnight + timedelta(hours=hours)).replace(tzinfo=zone).astimezone(UTC)

    return Span(
        opens_at=at(window.earliest_hours),
        planned_at=at(window.planned_hour),
        closes_at=at(window.latest_hours),
    )


def day_of(moment: datetime, *, started_at: datetime, zone: tzinfo) -> int:
    """Day 0 is the calendar day at the facility on which the batch was begun."""
    return (moment.astimezone(zone).date() - started_at.astimezone(zone).date()).days
