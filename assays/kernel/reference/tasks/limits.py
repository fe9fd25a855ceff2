"""Limits as keys."""

from collections.abc import Callable
from typing import Any

import numpy as np

from assays.kernel.fieller import Limits
from assays.kernel.status import Unanswered


def lower_and_upper(path: str, limits: Limits, scale: Callable[[float], float] = float) -> dict[str, Any]:
    """`<path>.lower` and `<path>.upper`, on another scale if wanted, or why there are none."""
    if isinstance(limits, Unanswered):
        return {f"{path}.lower": limits, f"{path}.upper": limits}
    lower, upper = limits
    return {f"{path}.lower": scale(lower), f"{path}.upper": scale(upper)}


def on_scale(value: float | Unanswered, scale: Callable[[float], float]) -> float | Unanswered:
    """An estimate on another scale, if there is one."""
    return value if isinstance(value, Unanswered) else scale(value)


def exponential(value: float) -> float:
    """e^value, ∞ beyond the doubles."""
    with np.errstate(over="ignore"):
        return float(np.exp(value))
