"""An order as pictures: its timeline and its family tree."""

from tilmfg.documents.contents import Tone
from tilmfg.records.models import Event as RecordedEvent
from tilmfg.shell.numbers import readable
from tilmfg.shell.pictures import Event, Node
from tilmfg.shell.state_words import look_of

from . import event_words
from .models import Container, Lineage

TONES = {Tone.NEUTRAL: "quiet", Tone.GOOD: "good", Tone.WARNING: "caution", Tone.BAD: "bad"}
ICONS = {"order": "document", "tumor": "box", "container": "flask", "label": "label", "scan": "scan"}


def timeline_event(event: RecordedEvent) -> Event:
    line = event_words.line(event)
    said = [line.subject, line.outcome, line.place]
    if line.recorded_at:
        said.append("entered late")
    return Event(
        at=line.occurred_at,
        what=line.event,
        by=line.actor,
        detail=" · ".join(filter(None, said)),
        tone=TONES[line.tone],
        icon=ICONS.get(event.name.split(".")[1], ""),
    )


def family(containers: list[Container], lineage: list[Lineage]) -> dict[str, list]:
    """Nodes and edges for the genealogy."""
    return {
        "nodes": [node(container) for container in containers],
        "edges": [(link.parent_id, link.child_id) for link in lineage],
    }


def node(container: Container) -> Node:
    amounts = [
        f"{readable(amount)} {unit}"
        for amount, unit in ((container.viable_cells, "cells"), (container.volume_ml, "mL"))
        if amount is not None
    ]
    return Node(
        id=container.pk,
        kind=container.get_kind_display(),
        label=container.code,
        detail=", ".join(amounts) or container.get_state_display(),
        tone=look_of("container", container.state).tone,
    )
