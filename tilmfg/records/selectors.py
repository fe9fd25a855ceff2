"""Questions about the audit trail and the events of a chain."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from .models import AuditEvent, Event

PAGE = 50


@dataclass(frozen=True)
class Change:
    """One field of one row before and after."""

    field: str
    old: object
    new: object


def changes_of(event: AuditEvent) -> list[Change]:
    """Only what the event changed; all fields of a new row."""
    old, new = event.before_and_after
    old, new = old or {}, new or {}
    return [
        Change(field, old.get(field), new.get(field))
        for field in sorted(old | new)
        if old.get(field) != new.get(field)
    ]


def audit_events(*, chain="", actor="", what="", why="", since=None, until=None, cursor=""):
    """Newest first, one page and one more; by who, what (verb or table), when and why."""
    events = AuditEvent.objects.order_by("-at", "-chain", "-seq")
    if chain:
        events = events.filter(chain=chain)
    if actor:
        events = events.filter(actor=actor.strip().lower())
    if what:
        events = events.filter(Q(verb__icontains=what) | Q(relation__icontains=what))
    if why:
        events = events.filter(reason__icontains=why)
    if since:
        events = events.filter(at__gte=since)
    if until:
        events = events.filter(at__lt=until)
    if position := _position(cursor):
        at, at_chain, seq = position
        events = events.filter(
            Q(at__lt=at) | Q(at=at, chain__lt=at_chain) | Q(at=at, chain=at_chain, seq__lt=seq), at__lte=at
        )
    return list(events[: PAGE + 1])


def cursor_of(event: AuditEvent) -> str:
    return f"{event.at.isoformat()}|{event.chain}|{event.seq}"


def _position(cursor):
    at, _, rest = cursor.partition("|")
    chain, _, seq = rest.rpartition("|")
    try:
        moment = parse_datetime(at)
    except ValueError:
        return None
    fits = moment and "\x00" not in chain and seq.isascii() and seq.isdigit() and len(seq) < 19
    return (moment, chain, int(seq)) if fits else None


def events_of(chain):
    """What happened in a chain, in order."""
    return Event.objects.filter(chain=chain).select_related("actor").order_by("id")
