"""Events in the words of the forms: field labels, units, chosen words, printed names, local time with UTC beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tilmfg.shell.numbers import readable

from ..models import AuditEvent
from .tables import columns_of, encrypted_columns, model_of

NOTHING = "—"
YES_NO = {True: "yes", False: "no"}
UNITS = {"_ml": "mL", "_c": "°C", "_cells": "cells"}
# What a row says about its own unit, and of which columns.
UNIT_COLUMN, MEASURED = "unit", {"value", "raw_value", "low", "high"}
HEX = "\\x"  # how PostgreSQL begins to write bytes
SHOWN = 400  # characters of a long text; the whole stands in the exported chain


@dataclass(frozen=True)
class Change:
    """One field of one row before and after, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Told:
    """One event as a person reads it."""

    event: AuditEvent
    who: str
    what: str
    record: str
    changes: list[Change]

    @property
    def when(self) -> str:
        return clock(self.event.at)


def tell(events: Iterable[AuditEvent]) -> list[Told]:
    """All of them with one question: what people are called."""
    told = [(event, changes_of(event)) for event in events]
    names = Names(told)
    return [
        Told(
            event=event,
            who=names.of_actor(event.actor),
            what=verb_in_words(event.verb),
            record=record_in_words(event.relation, event.key),
            changes=[_in_words(event, change, names) for change in changes],
        )
        for event, changes in told
    ]


@dataclass(frozen=True)
class RawChange:
    column: str
    old: object
    new: object
    row: Mapping[str, object]


def changes_of(event: AuditEvent) -> list[RawChange]:
    """Only what the event changed, in the order in which the model has its fields; all fields of a new row."""
    old, new = event.before_and_after
    old, new = old or {}, new or {}
    order = {column: place for place, column in enumerate(columns_of(event.relation))}
    columns = sorted(old | new, key=lambda column: (order.get(column, len(order)), column))
    return [
        RawChange(column, old.get(column), new.get(column), new or old)
        for column in columns
        if old.get(column) != new.get(column)
    ]


# ── What things are called ───────────────────────────────────────────────────────────────────────


def relation_in_words(relation: str) -> str:
    """`identity_patientvault` → `Patient vault`."""
    model = model_of(relation)
    return str(model._meta.verbose_name).capitalize() if model else relation


def record_in_words(relation: str, key: str) -> str:
    return f"{relation_in_words(relation)} {key}"


def verb_in_words(verb: str) -> str:
    """`batches.step.record` → `Step: record`."""
    return verb.partition(".")[2].replace(".", ": ").replace("_", " ").capitalize() or verb


def label_of(column: str, field: models.Field | None) -> str:
    words = str(field.verbose_name) if field is not None else column.replace("_", " ")
    suffix = next((suffix for suffix in UNITS if suffix != "_cells" and column.endswith(suffix)), "")
    words = words.removesuffix(suffix.replace("_", " "))
    return words[:1].upper() + words[1:]


class Names:
    """People's printed names, asked for once for all events of a page."""

    def __init__(self, told: Iterable[tuple[AuditEvent, list[RawChange]]]) -> None:
        told = list(told)
        usernames = {event.actor for event, _ in told}
        keys = {
            value
            for event, changes in told
            for change in changes
            if _names_person(columns_of(event.relation).get(change.column))
            for value in (change.old, change.new)
            if isinstance(value, int)
        }
        rows = get_user_model().objects.filter(Q(username__in=usernames) | Q(pk__in=keys))
        people = list(rows.values_list("pk", "username", "printed_name"))
        self._by_username = {username: name for _, username, name in people}
        self._by_key: dict[object, str] = {key: f"{name} ({username})" for key, username, name in people}

    def of_actor(self, username: str) -> str:
        return self._by_username.get(username, username)

    def of_key(self, key: object) -> str:
        return self._by_key.get(key, f"Person {key}")


def pointed_to(field: models.Field | None) -> type[models.Model] | None:
    """The model of the rows that a foreign key points to."""
    return field.related_model if isinstance(field, models.ForeignKey) else None


def _names_person(field: models.Field | None) -> bool:
    return pointed_to(field) is get_user_model()


# ── Values ───────────────────────────────────────────────────────────────────────────────────────


def _in_words(event: AuditEvent, change: RawChange, names: Names) -> Change:
    field = columns_of(event.relation).get(change.column)
    if change.column in encrypted_columns(event.relation):
        old, new = ("encrypted" if value is not None else NOTHING for value in (change.old, change.new))
        return Change(label_of(change.column, field), old, "encrypted anew" if old == new else new)
    unit = unit_of(change)
    old, new = (spell(value, field, names, unit) for value in (change.old, change.new))
    return Change(label_of(change.column, field), old, new)


def unit_of(change: RawChange) -> str:
    if change.column in MEASURED:
        return str(change.row.get(UNIT_COLUMN) or "")
    return next((unit for suffix, unit in UNITS.items() if change.column.endswith(suffix)), "")


def spell(value: object, field: models.Field | None, names: Names, unit: str = "") -> str:
    """A value of the trail as its form would show it; what no field explains, as it stands."""
    if value is None or value == "":
        return NOTHING
    text = str(value)
    if text.startswith("sha256:"):
        return f"not in the trail; SHA-256 {text.removeprefix('sha256:')}"
    if isinstance(value, bool):
        return YES_NO[value]
    if _names_person(field):
        return names.of_key(value)
    if other := pointed_to(field):
        return record_in_words(other._meta.db_table, text)
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return _spell_by_type(value, text, field, unit)


def _spell_by_type(value: object, text: str, field: models.Field | None, unit: str) -> str:
    match field:
        case models.DateTimeField():
            return clock(datetime.fromisoformat(text))
        case models.DateField():
            return day(date.fromisoformat(text))
        case models.BinaryField():
            return f"{len(text.removeprefix(HEX)) // 2} bytes"
    if isinstance(value, dict | list):
        return shortened(_spoken(value))
    if unit and isinstance(value, int | Decimal):
        return f"{readable(value)} {unit}"
    return shortened(text)


def _spoken(value: object) -> str:
    """JSON without its brackets and quotation marks, as far as it stays clear."""
    if isinstance(value, dict):
        return (
            "; ".join(f"{key.replace('_', ' ')}: {_spoken(item)}" for key, item in value.items()) or NOTHING
        )
    if isinstance(value, list):
        return ", ".join(_spoken(item) for item in value) or NOTHING
    return YES_NO[value] if isinstance(value, bool) else NOTHING if value is None else str(value)


def shortened(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"


def clock(moment: datetime) -> str:
    """To the second, in the page's time zone, which is named, with UTC beside it."""
    here, there = timezone.localtime(moment), moment.astimezone(UTC)
    if not here.utcoffset():
        return f"{day(there)} {there:%H:%M:%S} UTC"
    utc = f"{there:%H:%M:%S} UTC" if here.date() == there.date() else f"{day(there)} {there:%H:%M:%S} UTC"
    return f"{day(here)} {here:%H:%M:%S} {here.tzname()} ({utc})"


def day(date_: date) -> str:
    return f"{date_.day} {date_:%b %Y}"
