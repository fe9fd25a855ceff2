"""Text as it can be printed: plain data for the templates, with every character either drawn or named."""

import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


class UnableToPrint(ValueError):
    """A document cannot be made from this content."""


def instant(moment: datetime) -> str:
    """A time in UTC to the second, as every document writes it: 2026-11-23T14:05:00Z."""
    if moment.tzinfo is None:
        raise UnableToPrint(f"The time {moment.isoformat()} has no time zone.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def quantity(amount: Decimal) -> str:
    """An amount in full, large ones as powers of ten: 12.5, −150, 4.21 × 10⁹. Nothing is rounded."""
    if not amount.is_finite():
        raise UnableToPrint(f"The amount {amount} is not a number.")
    if abs(amount) < 1_000_000:
        return f"{amount:f}".replace("-", "−")
    # Not normalize(): it rounds to the precision of the context.
    sign, digits, _ = amount.as_tuple()
    fraction = "".join(map(str, digits[1:])).rstrip("0")
    mantissa = f"{'−' if sign else ''}{digits[0]}{'.' + fraction if fraction else ''}"
    return f"{mantissa} × 10{str(amount.adjusted()).translate(_SUPERSCRIPTS)}"


def plain(content: Any) -> Any:
    """A frozen content as the JSON-able data that a template reads."""
    match content:
        case None | bool() | int():
            return content
        case Enum():
            return content.value
        case str():
            return content
        case datetime():
            return instant(content)
        case date():
            return content.isoformat()
        case Decimal():
            return quantity(content)
        case tuple() | list():
            return [plain(item) for item in content]
        case Mapping():
            return {str(key): plain(value) for key, value in content.items()}
    if is_dataclass(content):
        return {field.name: plain(getattr(content, field.name)) for field in fields(content)}
    raise UnableToPrint(f"{content!r} is of type {type(content).__name__}, which no document prints.")


def legible(data: Any) -> Any:
    """The same data with every character that no font draws replaced by a box and its code point."""
    match data:
        case str():
            lines = unicodedata.normalize("NFC", data).replace("\r\n", "\n").replace("\t", " ")
            return "".join(character if _is_drawn(character) else _boxed(character) for character in lines)
        case list():
            return [legible(item) for item in data]
        case dict():
            return {key: legible(value) for key, value in data.items()}
    return data


def _is_drawn(character: str) -> bool:
    if character == "\n":
        return True
    return ord(character) in _drawn_characters() and unicodedata.category(character) not in _INVISIBLE


def _boxed(character: str) -> str:
    return f"□(U+{ord(character):04X})"


@cache
def _drawn_characters() -> frozenset[int]:
    # Every template falls back from one bundled family to the other, so what either draws is drawn.
    return frozenset(code for font in FONTS.glob("*.ttf") for code in TTFont(font, lazy=True).getBestCmap())
