"""One spelling for every value, so that equal content has equal digests."""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID


def _spell(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical spelling")


def canonical_json(content) -> str:
    """Keys sorted, no spaces, UTC times, decimals as written; floats are refused because they have no one spelling."""

    def refuse_floats(value):
        if isinstance(value, float):
            raise TypeError("A float has no canonical spelling; use Decimal")
        if isinstance(value, dict):
            for item in value.values():
                refuse_floats(item)
        elif isinstance(value, list | tuple):
            for item in value:
                refuse_floats(item)

    refuse_floats(content)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_spell)


def digest(content) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()
