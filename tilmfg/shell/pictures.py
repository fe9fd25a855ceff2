"""What a view hands to the pictures: plate, curves, family tree, timeline."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Value = Any  # a number, None, or a Missing with its reason


@dataclass(frozen=True, kw_only=True)
class Well:
    """`role` is standard, control, sample, blank or empty; unnamed where nobody has said."""

    position: str
    value: Value
    role: str
    label: str = ""
    masked: bool = False
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A cell count on a day of the batch; a prediction may carry its interval."""

    day: float
    cells: Value
    predicted: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Fit:
    """y = d + (a − d) / (1 + (x / c) ** b): a at zero, d at saturation, c half-way, b the slope."""

    a: float
    b: float
    c: float
    d: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A point on or beside a standard curve."""

    concentration: float
    response: Value
    role: str = "standard"
    label: str = ""
    masked: bool = False


@dataclass(frozen=True, kw_only=True)
class ControlPoint:
    """A control in one run. `tone` is one of state_words.TONES; the run may be invalid and the value still count."""

    value: float
    tone: str
    words: str
    url: str
    is_valid: bool = True


@dataclass(frozen=True, kw_only=True)
class ChartPoint:
    x: float
    y: float
    label: str = ""
    role: str = "standard"


@dataclass(frozen=True, kw_only=True)
class ChartSeries:
    """Points measured and the line computed through them; either may be empty."""

    name: str
    points: tuple[ChartPoint, ...] = ()
    line: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Node:
    """A container in a family tree. `tone` is one of state_words.TONES."""

    id: Hashable
    kind: str
    label: str
    detail: str = ""
    tone: str = "quiet"
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One entry of a timeline: what happened, when, by whom."""

    at: datetime
    what: str
    by: str = ""
    detail: str = ""
    tone: str = "quiet"
    icon: str = ""
    url: str = ""
