"""Events of every room in words, from nothing but their rows: name, states and details."""

from datetime import datetime

from tilmfg.documents.contents import EventLine, Tone
from tilmfg.records.models import Event

from . import rules

# What a room calls its subject, in the order in which one is preferred.
SUBJECT_KEYS = ("code", "number", "name", "sample", "step", "attribute", "lot_number")
TOLD_ELSEWHERE = {"step", "performed_at", "place"}
# Of these an order has one each: the word is enough.
ONE_PER_ORDER = {"identity.order", "batches.batch", "release.lot"}
BAD_ENDINGS = {"mismatched", "stopped", "rejected", "invalidated", "failed"}
WARNING_NAMES = {"quality.deviation.opened"}


def line(event: Event) -> EventLine:
    claimed = event.details.get("performed_at")
    performed_at = datetime.fromisoformat(claimed) if claimed else event.recorded_at
    late = rules.is_late(performed_at, now=event.recorded_at)
    return EventLine(
        occurred_at=performed_at,
        recorded_at=event.recorded_at if late else None,
        actor=event.actor.printed_name,
        event=what(event.name),
        subject=subject(event),
        place=str(event.details.get("place") or ""),
        outcome=outcome(event),
        tone=tone(event.name),
    )


def what(name: str) -> str:
    """`identity.tumor.received` → `Tumor received`."""
    return name.partition(".")[2].replace(".", " ").replace("_", " ").capitalize()


def subject(event: Event) -> str:
    if key := subject_key(event):
        return spell(event.details[key])
    noun = event.subject_kind.rpartition(".")[2].replace("_", " ")
    return noun if event.subject_kind in ONE_PER_ORDER else f"{noun} {event.subject_id}"


def subject_key(event: Event) -> str | None:
    return next((key for key in SUBJECT_KEYS if event.details.get(key) not in (None, "")), None)


def outcome(event: Event) -> str:
    told = TOLD_ELSEWHERE | {subject_key(event)}
    said = [
        f"{key.replace('_', ' ')}: {spell(value)}"
        for key, value in event.details.items()
        if key not in told and value not in (None, "", [])
    ]
    if event.to_state:
        said.insert(0, event.to_state.replace("_", " "))
    return "; ".join(said)


def spell(value: object) -> str:
    return ", ".join(map(spell, value)) if isinstance(value, list) else rules.in_words(str(value))


def tone(name: str) -> Tone:
    if name.rpartition(".")[2] in BAD_ENDINGS:
        return Tone.BAD
    return Tone.WARNING if name in WARNING_NAMES else Tone.NEUTRAL
