"""Frozen outcomes as plain JSON values, for storing, digesting and sending."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from assays.kernel.missing import Missing


def to_plain(value: Any) -> Any:
    """Dataclass → dict, tuple → list, Decimal and datetime → text, Missing → {"missing": reason}.

    Floats stay floats: JSON writes their shortest decimal, which reads back to the same bits.
    A value of any other kind is a mistake and raises TypeError. Source: RFC 8259.
    """
    match value:
        case None | bool() | int() | float():
            return value
        case Missing():
            return {"missing": value.reason}
        case StrEnum():
            return value.value
        case str():
            return value
        case Decimal():
            return str(value)
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(key): to_plain(item) for key, item in value.items()}
        case tuple() | list():
            return [to_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no plain form.")
