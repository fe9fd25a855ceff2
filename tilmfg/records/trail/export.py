"""A search of the trail as CSV, written while it is read; that it left the system is itself on the trail."""

from collections.abc import Iterator
from dataclasses import asdict

from tilmfg.documents.spreadsheet import csv_lines

from ..chains import name_chains
from ..context import acting
from ..events import publish
from .search import Search, whole_trail
from .words import Told, tell

CHAIN = "facility:records"
COLUMNS = (
    "at_utc", "at_local", "who", "username", "verb", "reason", "record", "operation", "field", "before", "after",
    "belongs_to", "chain", "sequence", "request", "sha256",
)  # fmt: skip


def export_trail(search: Search, *, by) -> Iterator[str]:
    """The lines of the file, one for each field that an event changed."""
    asked = {name: value for name, value in asdict(search).items() if value}
    with acting(actor=by.username, verb="records.trail.export"):
        publish(
            "records.trail.exported",
            subject=by,
            kind="accounts.user",
            chain=CHAIN,
            by=by,
            details=_plain(asked),
        )
    return csv_lines(COLUMNS, _rows(search))


def _plain(asked: dict) -> dict:
    return {
        name: value if isinstance(value, str | tuple) else value.isoformat() for name, value in asked.items()
    }


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
