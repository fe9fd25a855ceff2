"""Notes which test makes which guard refuse."""

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tilmfg.records.errors import NotAuthorised


def fired(key: str) -> None:
    test, _, _ = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")
    if test and (notes := os.environ.get("GUARDS_NOTES")):
        with Path(notes).open("a") as file:
            file.write(f"{key}\t{test}\n")


@contextmanager
def refusing(key: str) -> Iterator[None]:
    try:
        yield
    except Exception:
        fired(key)
        raise


def roles(key: str) -> Callable[[Callable], Callable]:
    """Stands above `@verb`, whose refusal says who does this."""

    def watched(verb: Callable) -> Callable:
        @functools.wraps(verb)
        def call(*args: object, **kwargs: object) -> object:
            try:
                return verb(*args, **kwargs)
            except NotAuthorised as refusal:
                if str(refusal).startswith("This is done by:"):
                    fired(key)
                raise

        from tilmfg.accounts.verbs import VERBS  # it is watched itself

        VERBS[verb.verb] = call  # type: ignore[attr-defined]
        return call

    return watched
