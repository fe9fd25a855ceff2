"""Whether a signature still stands: one answer for the page, the paper and the API.

A signature is INVALID if its row is not what was signed or stands with another record, and void for ever from the
moment its record was changed: the audit trail remembers the change even if it was undone.
"""

import json
from collections.abc import Callable, Collection, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db.models import Model

from .canonical import canonical_json
from .models import AuditEvent, Signature
from .signatures import is_intact

WORDS = ("valid", "void", "invalid")


@dataclass(frozen=True, slots=True)
class Status:
    """`because` says why a signature does not count, `since` when that was so first, if that is known."""

    because: str = ""
    since: datetime | None = None

    @property
    def is_valid(self) -> bool:
        return not self.because

    @property
    def word(self) -> str:
        return "valid" if self.is_valid else "void" if self.since else "invalid"


VALID = Status()
EARLIER = Status("It was given before signatures named their record and its version.")
ALTERED = Status("The signature is not what was signed: its row was altered or copied.")
ELSEWHERE = Status("This signature was given to another record.")
CHANGED_UNSEEN = Status("The record is not what was signed.")


class SignedRecord(Protocol):
    """What is known of one kind of record that people sign."""

    @property
    def model(self) -> type[Model]: ...

    def status(self, signature: Signature) -> Status:
        """Of a signature that is intact: whether its record is still what was signed."""


_kinds: dict[str, SignedRecord] = {}


def register(kind: str, record: SignedRecord) -> None:
    _kinds[kind] = record


def registered() -> Set[str]:
    """The kinds of record that are signed."""
    return _kinds.keys()


def status(signature: Signature, *, of: Model | None = None, record: SignedRecord | None = None) -> Status:
    """How the signature stands; `of` is the record with which it is shown, `record` what is known of it already."""
    if not is_intact(signature):
        return ALTERED
    if signature.format == 0:
        return EARLIER
    record = record or _kinds.get(signature.subject_kind)
    if record is None or (of is not None and not _belongs(signature, of, record)):
        return ELSEWHERE
    return record.status(signature)


def _belongs(signature: Signature, of: Model, record: SignedRecord) -> bool:
    return (
        isinstance(of, record.model)
        and signature.subject_id == of.pk
        and signature.chain == getattr(of, "chain", None)
    )


@dataclass(frozen=True)
class SignedRow:
    """A record of one row. `moves` are the columns that change later without touching what was signed."""

    model: type[Model]
    content: Callable[..., dict]
    moves: Collection[str]

    def status(self, signature: Signature) -> Status:
        row = self.model._default_manager.filter(pk=signature.subject_id).first()
        if row is None:
            return ELSEWHERE
        changed = next(filter(self._changes, events_since(signature, self.model)), None)
        if changed:
            why = f" for “{changed.reason}”" if changed.reason else ""
            return Status(f"The record was changed after signing, by {changed.actor}{why}.", changed.at)
        signed = _stateless(json.loads(signature.content))
        return (
            VALID if _stateless(json.loads(canonical_json(self.content(row)))) == signed else CHANGED_UNSEEN
        )

    def _changes(self, event: AuditEvent) -> bool:
        old, new = event.before_and_after
        if old is None or new is None:
            return True
        return any(old.get(column) != value for column, value in new.items() if column not in self.moves)


def events_since(signature: Signature, model: type[Model]):
    """What the audit trail holds of the signed row beyond the version that was signed."""
    events = AuditEvent.objects.filter(relation=model._meta.db_table, key=str(signature.subject_id))
    return events.order_by("seq")[signature.subject_version :]


def signed_row(kind: str, *, model: type[Model], moves: Collection[str]):
    """Declare that the decorated function gives the content under a signature of this kind of row."""

    def declare(content: Callable[..., dict]):
        register(kind, SignedRow(model=model, content=content, moves=frozenset(moves)))
        return content

    return declare


def _stateless(content):
    """A state moves on by verbs and has guards of its own."""
    if isinstance(content, dict):
        return {name: _stateless(value) for name, value in content.items() if name != "state"}
    return [_stateless(value) for value in content] if isinstance(content, list) else content
