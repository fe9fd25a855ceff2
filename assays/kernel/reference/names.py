"""Names taken from the data, as they stand in keys and as settings refer to them."""

import re
from typing import Any

from assays.kernel.reference.settings import text

_DECIMAL = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+)")


def name_of(cell: str) -> str:
    """Trimmed; a plain decimal number loses trailing zeros and point: 100.0 → 100; then each . becomes _."""
    name = cell.strip()
    if _DECIMAL.fullmatch(name):
        name = name.rstrip("0").rstrip(".")
    return name.replace(".", "_")


def name(value: Any, path: str) -> str:
    """Reader of a setting that names something in the data."""
    return name_of(text(value, path))
