"""What counts as a reason: a few words of a person. `n/a` and `test` say nothing to who reads the record later."""

import re
from collections.abc import Mapping

from .errors import UnableTo, require

SHORTEST = 4
SAYS_NOTHING = frozenset(
    {
        "asdf", "as required", "blank", "default", "empty", "no reason", "none", "not applicable", "nothing", "null",
        "qwerty", "reason", "some reason", "test", "test test", "tested", "testing", "todo", "unknown",
    }
)  # fmt: skip


def says_something(reason: str) -> bool:
    words = " ".join(re.findall(r"[^\W_]+", reason.casefold()))
    letters = words.replace(" ", "")
    return (
        len(letters) >= SHORTEST
        and len(set(letters)) > 2
        and not letters.isdecimal()
        and words not in SAYS_NOTHING
    )


def require_meaning(reason: str, refusal: type[UnableTo], *, field: str = "reason") -> None:
    """A reason that was given says something; whether one must be given is the verb's affair."""
    require(
        not reason.strip() or says_something(reason),
        refusal(
            f"“{reason.strip()}” says nothing to who reads the record later. Say in a few words why; "
            f"{SHORTEST} letters or more.",
            field=field,
        ),
    )


def stated(reason: str, refusal: type[UnableTo], *, what: str, field: str = "reason") -> str:
    """The reason, which must be given."""
    require(reason.strip(), refusal(f"State {what}.", field=field))
    require_meaning(reason, refusal, field=field)
    return reason.strip()


def require_meaningful(arguments: Mapping[str, object]) -> None:
    """Of what a verb was given, every reason says something; it is named by what it is a reason of."""
    for name, value in arguments.items():
        if isinstance(value, str) and (name == "reason" or name.endswith("_reason") or name == "acceptance"):
            require_meaning(value, UnableTo, field=name)
        elif isinstance(value, Mapping) and name == "reasons":
            for code, reason in value.items():
                require_meaning(reason, UnableTo, field=f"reason_{code}")
