"""What stays on record of a refusal, although all else that the attempt wrote is rolled back.

A refusal names it (`UnableTo(…, on_record=…)`), or a page leaves it by hand: a call of a verb of its own, done in a
transaction of its own. Inside a page of `once` it waits until that has been rolled back, or commits with a page that
answers by a redirect; outside one it is done at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .errors import UnableTo

Write = Callable[[], object]

_waiting: ContextVar[list[Write] | None] = ContextVar("left_on_record", default=None)


def leave_on_record(write: Write) -> None:
    waiting = _waiting.get()
    if waiting is None:
        write()
    elif write not in waiting:  # a verb inside a verb hands the same one on
        waiting.append(write)


@contextmanager
def left_to_the_end() -> Iterator[None]:
    """Around a transaction that may be rolled back: what was left meanwhile is done after it.

    Nothing is after one that broke, which is done again or was no refusal.
    """
    token = _waiting.set([])
    try:
        try:
            yield
        except UnableTo:
            do_what_was_left()
            raise
        do_what_was_left()
    finally:
        _waiting.reset(token)


def do_what_was_left() -> None:
    """Before the end, inside a transaction that will be committed."""
    waiting = _waiting.get() or []
    while waiting:
        waiting.pop(0)()
