"""Times as people say them: today 14:05 (13:05 UTC), open for 3 h 10 min more."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

NEARBY_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


@dataclass(frozen=True)
class Moment:
    """One instant, in the facility's words and in UTC."""

    iso: str
    day: str
    clock: str
    utc: str  # empty where the facility's own clock is UTC

    def __str__(self) -> str:
        return f"{self.day} {self.clock} ({self.utc})" if self.utc else f"{self.day} {self.clock} UTC"


def in_words(moment: datetime, *, now: datetime, zone: tzinfo) -> Moment:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; a time without one cannot be shown.")
    here, there = moment.astimezone(zone), moment.astimezone(UTC)
    utc = ""
    if here.utcoffset():
        utc = f"{there:%H:%M} UTC"
        if here.date() != there.date():
            utc += f" on {there.day} {there:%b}"
    day = day_in_words(here.date(), today=now.astimezone(zone).date())
    return Moment(iso=there.isoformat(timespec="seconds"), day=day, clock=f"{here:%H:%M}", utc=utc)


def day_in_words(day: date, *, today: date) -> str:
    return NEARBY_DAYS.get((day - today).days) or f"{day.day} {day:%b %Y}"


def length_in_words(length: timedelta) -> str:
    """The two units that matter: 3 h 10 min, 2 days 4 h, 25 s."""
    seconds = int(abs(length).total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60 % 60, seconds // 3600 % 24, seconds // 86400
    if days:
        return f"{days} day{'s' if days > 1 else ''}" + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min"
