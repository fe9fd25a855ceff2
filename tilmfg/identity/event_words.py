"""Events of every room in words, from nothing but their rows: name, states and details."""

from datetime import datetime

from tilmfg.documents.contents import EventLine, Tone
from tilmfg.records.models import Event

# What a room calls its subject, in the order in which one is preferred.
SUBJECT_KEYS = ("code", "number", "sample", "step", "attribute", "name", "lot_number")
TOLD_ELSEWHERE = {*SUBJECT_KEYS, "performed_at", "place"}
BAD_ENDINGS = {"mismatched", "stopped", "rejected", "invalidated", "failed"}
WARNING_NAMES = {"quality.deviation.opened"}


def line(event: Event) -> EventLine:
    recorded_at = event.recorded_at
    performed_at = event.details.get("performed_at")
    return EventLine(
        occurred_at=datetime.fromisoformat(performed_at) if performed_at else recorded_at,
        recorded_at=recorded_at,
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
    named = [str(event.details[key]) for key in SUBJECT_KEYS if event.details.get(key) not in (None, "")]
    return (
        named[0] if named else f"{event.subject_kind.rpartition('.')[2].replace('_', ' ')} {event.subject_id}"
    )


def outcome(event: Event) -> str:
    said = [
        f"{key.replace('_', ' ')}: {spell(value)}"
        for key, value in event.details.items()
        if is_told(key, value)
    ]
    if event.to_state:
        said.insert(0, event.to_state.replace("_", " "))
    return "; ".join(said)


def is_told(key: str, value: object) -> bool:
    return key not in TOLD_ELSEWHERE and value not in (None, "", [])


def spell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def tone(name: str) -> Tone:
    if name.rpartition(".")[2] in BAD_ENDINGS:
        return Tone.BAD
    return Tone.WARNING if name in WARNING_NAMES else Tone.NEUTRAL
