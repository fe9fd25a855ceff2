"""States and their transitions as data; `advance` is the only door."""

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import ChangedMeanwhile, UnableTo
from .events import publish


class UnableToAdvance(UnableTo):
    """The record's state does not know this event."""


@dataclass(frozen=True)
class Machine:
    """`transitions` maps (state, event) to the state that follows; what is not in it is refused."""

    kind: str
    states: type
    transitions: Mapping[tuple[str, str], str]

    def target(self, state, event):
        try:
            return self.transitions[state, event]
        except KeyError:
            raise UnableToAdvance(
                f"Not possible: {self.kind.partition('.')[2]} is {self.states(state).label.lower()}."
            ) from None

    def events_from(self, state):
        return {event for (source, event) in self.transitions if source == state}


def advance(subject, *, machine, event, by, details=None, moved=None):
    """Compare and swap: of several that try at once one wins, the others are refused and change nothing.

    `moved` are columns that change with the state in one statement, where a constraint ties them together.
    """
    target = machine.target(subject.state, event)
    moved = {"state": target, **(moved or {})}
    won = type(subject).objects.filter(pk=subject.pk, state=subject.state).update(**moved)
    if not won:
        raise ChangedMeanwhile(
            "Somebody else changed this record meanwhile; reload the page to see how it stands."
        )
    before = subject.state
    for column, value in moved.items():
        setattr(subject, column, value)
    return publish(
        event, subject=subject, kind=machine.kind, by=by, from_state=before, to_state=target, details=details
    )
