"""Between leaving one party and being taken by the next, somebody else had it: shown as a gap, not left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from .models import CustodyEvent

AT_THE_SITE = {CustodyEvent.Kind.RECEIVED_AT_SITE, CustodyEvent.Kind.ISSUED}


@dataclass(frozen=True)
class Gap:
    """How long a container was in nobody's hands on record."""

    code: str
    length: timedelta
    before: CustodyEvent
    after: CustodyEvent


def with_gaps(changes: Iterable[CustodyEvent]) -> Iterator[CustodyEvent | Gap]:
    """The changes of custody in their order, with a gap before each that was taken over from elsewhere."""
    last: dict[int, CustodyEvent] = {}
    for change in changes:
        before = last.get(change.container_id)
        if before and (before.kind in AT_THE_SITE) != (change.kind in AT_THE_SITE):
            yield Gap(change.container.code, change.performed_at - before.performed_at, before, change)
        last[change.container_id] = change
        yield change
