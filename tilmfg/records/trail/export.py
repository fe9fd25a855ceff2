"""A search of the trail as CSV, written while it is read."""

from collections.abc import Iterator
from dataclasses import asdict

from tilmfg.documents.spreadsheet import csv_lines

from ..chains import name_chains
from ..models import AuditEvent
from .search import Search, events_fitting, whole_trail
from .words import Told, tell

COLUMNS = (
    "at_utc", "at_local", "who", "username", "verb", "reason", "record", "operation", "field", "before", "after",
    "belongs_to", "chain", "sequence", "request", "sha256",
)  # fmt: skip


UNHEARD = "(what nobody wrote here)"
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know UTF-8


def trail_lines(search: Search) -> Iterator[str]:
    """The lines of the file, one for each field that an event changed."""
    lines = csv_lines(COLUMNS, _rows(search))
    yield BYTE_ORDER_MARK + next(lines)
    yield from lines


def asked_in(search: Search) -> dict[str, object]:
    """What the search asks, as an event of the trail holds it. A word that the trail does not hold already is left out:
    somebody looked for it, and it may be the name of a patient."""
    asked = {
        name: value if isinstance(value, str | tuple) else value.isoformat()
        for name, value in asdict(search).items()
        if value
    }
    if search.actors:
        asked["actors"] = tuple(filter(_has_acted, search.actors)) or (UNHEARD,)
    if search.why and not events_fitting(Search(why=search.why)).exists():
        asked["why"] = UNHEARD
    return asked


def _has_acted(name: str) -> bool:
    return AuditEvent.objects.filter(actor=name).exists()


def _rows(search: Search) -> Iterator[dict[str, object]]:
    for events in whole_trail(search):
        belonging = name_chains(event.chain for event in events)
        for told in tell(events):
            common = _common(told) | {"belongs_to": belonging[told.event.chain].name}
            for change in told.changes:
                yield common | {"field": change.label, "before": change.old, "after": change.new}
            if not told.changes:
                yield common


def _common(told: Told) -> dict[str, object]:
    event = told.event
    return {
        "at_utc": event.at,
        "at_local": told.when,
        "who": told.who,
        "username": event.actor,
        "verb": event.verb,
        "reason": event.reason,
        "record": told.record,
        "operation": event.op,
        "chain": event.chain,
        "sequence": event.seq,
        "request": event.request,
        "sha256": bytes(event.hash).hex(),
    }
