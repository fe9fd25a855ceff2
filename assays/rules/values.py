"""The value of one attribute of one sample before it is a result, and what a name of an instrument means."""

from dataclasses import dataclass
from decimal import Decimal

from .rows import AS_IS


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value at full precision or a text, or why there is none; `notes` are what a report must declare."""

    attribute: str
    raw: Decimal | None = None
    text: str = ""
    missing: str = ""
    qualifier: str = "="
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Which sample a name of the instrument was said to be."""

    sample: str
    stage: str
    condition: str = AS_IS
