"""What a method's content is checked with; a refusal names the part, what stands there and what is allowed."""

from collections.abc import Iterable, Mapping, Set
from decimal import Decimal, InvalidOperation
from typing import Any

LARGEST_EXPONENT = 18  # a number may have one that no page can write out


class UnableToReadMethod(ValueError):
    """The content is no method's; the message names the part, what stands there and what is allowed."""


def require_among(name: str, value: Any, allowed: Iterable[str]) -> None:
    known = list(allowed)
    if value not in known:
        raise UnableToReadMethod(f"{name}: “{value}” is not known; allowed: {', '.join(known)}.")


def require_keys(
    name: str, content: Mapping[str, Any], *, needed: Set[str] = frozenset(), allowed: Set[str]
) -> None:
    """Every key of `needed` and no others than those of `allowed`."""
    if not isinstance(content, Mapping):
        raise UnableToReadMethod(f"{name}: “{content}” is no set of named values.")
    if unknown := set(content) - allowed:
        raise UnableToReadMethod(
            f"{name}: “{min(unknown)}” is not known; allowed: {', '.join(sorted(allowed))}."
        )
    if missing := needed - set(content):
        raise UnableToReadMethod(f"{name}: “{min(missing)}” is missing.")


def decimal_of(name: str, value: Any) -> Decimal:
    """A number as it was written, so a JSON text or whole number; a binary fraction is not what was meant."""
    try:
        if isinstance(value, float | bool):
            raise TypeError
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise UnableToReadMethod(f"{name}: “{value}” is no number.") from None
    if not number.is_finite():
        raise UnableToReadMethod(f"{name}: “{value}” is no number.")
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise UnableToReadMethod(
            f"{name}: “{value}” is beyond every quantity; allowed: 1e-{LARGEST_EXPONENT} to 1e{LARGEST_EXPONENT}."
        )
    return number


def whole_of(name: str, value: Any, *, minimum: int, maximum: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
        raise UnableToReadMethod(f"{name}: “{value}”; allowed: a whole number from {minimum} to {maximum}.")
    return value
