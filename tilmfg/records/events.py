"""What happened, by dotted name. Rooms above listen; rooms below never know who does."""

from collections import defaultdict
from collections.abc import Callable

from .models import Event

_listeners: dict[str, list[Callable]] = defaultdict(list)


def listen(*names):
    """Call the decorated function, inside the same transaction, with each event of one of these names."""

    def register(function):
        for name in names:
            if function not in _listeners[name]:
                _listeners[name].append(function)
        return function

    return register


def publish(name, *, subject, kind, by, chain=None, from_state="", to_state="", details=None):
    """Record that `by` did `name` to `subject` and tell the rooms that listen."""
    event = Event.objects.create(
        name=name,
        chain=chain or subject.chain,
        subject_kind=kind,
        subject_id=subject.pk,
        from_state=from_state,
        to_state=to_state,
        actor=by,
        details=details or {},
    )
    for listener in _listeners[name]:
        listener(event)
    return event
