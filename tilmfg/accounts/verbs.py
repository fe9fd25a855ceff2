"""What makes a function a verb: who may, in whose name, one transaction."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar, cast

from django.db.models import Model

from tilmfg.records.context import acting
from tilmfg.records.errors import NotAuthorised, UnableTo
from tilmfg.records.left_on_record import leave_on_record
from tilmfg.records.reasons import require_meaningful
from tilmfg.records.retry import retried
from tilmfg.records.words import in_a_sentence

from .models import User
from .roles import Role

P = ParamSpec("P")
R = TypeVar("R")

# Every verb by its dotted name, for the tests about the system.
VERBS: dict[str, Callable] = {}


def verb(name: str, *, roles: tuple[Role, ...] = (), service: bool = False):
    """Declare that people with one of `roles` (or, with `service`, the program's own account) may call the function.

    The call is one transaction, done again if a deadlock broke it off. Its changes carry the actor, the verb's name
    and, if the function takes a `reason`, what the person gave as one. A reason that says nothing is refused.
    Functions take keywords only, among them `by`.
    """

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(function).parameters
        if "by" not in parameters or any(p.kind is not p.KEYWORD_ONLY for p in parameters.values()):
            raise TypeError(f"{function.__qualname__}: a verb takes keywords only, among them `by`")

        @functools.wraps(function)
        def act(*args: P.args, **kwargs: P.kwargs) -> R:
            by = cast(User, kwargs["by"])
            if not (by.is_active and (by.is_service if service and by.is_service else by.holds(*roles))):
                who = " or ".join(in_a_sentence(Role(role).label) for role in roles) or "the program itself"
                raise NotAuthorised(f"This is done by: {who}.")
            require_meaningful(kwargs)

            def attempt() -> R:
                with acting(actor=by.username, verb=name, reason=str(kwargs.get("reason") or "")):
                    return function(*args, **kwargs)

            try:
                return retried(attempt, renew=lambda: reread(kwargs.values()))
            except UnableTo as refusal:  # its transaction is rolled back
                if refusal.on_record:
                    leave_on_record(refusal.on_record)
                raise

        act.verb, act.roles = name, roles  # type: ignore[attr-defined]
        VERBS[name] = act
        return act

    return declare


def reread(values: Iterable[object]) -> None:
    """Rows among the arguments, and in lists of them, as they are: a try that was broken off had changed them."""
    for value in values:
        if isinstance(value, Model):
            value.refresh_from_db()
        elif isinstance(value, list | tuple):
            reread(value)
