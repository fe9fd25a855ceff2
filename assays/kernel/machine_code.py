"""Loops of the kernel as machine code. Importing this loads numba, so who may do without imports it when it is called.

The machine code is kept on disk (beside its source, or in NUMBA_CACHE_DIR) for later processes, and made anew when the
file of the function that Python calls has changed. Functions that call each other are joined and optimised as one, also
across files: who changes one that others call (`is_settled`, `compiled_line`) changes those too, or empties the cache.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numba

from assays.kernel.descent import (
    CONVERGED,
    EXACT,
    FIRST_DAMPING,
    LESS_DAMPING,
    LONGEST_STEP,
    MOST_DAMPING,
    POLISH,
    STEP_TOLERANCE,
)
from assays.kernel.straight_line import LEAST_SPREAD

OPTIONS: dict[str, Any] = {
    "forceinline": True,
    "fastmath": {"reassoc", "contract", "nsz"},
    "error_model": "numpy",
}


CURVED = 0.3  # last relative step below which a step may be Newton's


class Settings(NamedTuple):
    """The rules of `descent`. An argument: what machine code reads from a module stays as it was when it was kept."""

    most_iterations: float
    tolerance: float = STEP_TOLERANCE
    first_damping: float = FIRST_DAMPING
    less_damping: float = LESS_DAMPING
    most_damping: float = MOST_DAMPING
    longest_step: float = LONGEST_STEP
    least_spread: float = LEAST_SPREAD
    exact: float = EXACT
    near: float = CONVERGED
    most_polish: float = float(POLISH)
    curved: float = CURVED


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` as machine code, made at its first call in the first process on a machine. Raises nothing."""
    try:
        return numba.njit(cache=True, **OPTIONS)(function)
    except RuntimeError:  # nowhere to keep the machine code
        return numba.njit(**OPTIONS)(function)


@compiled
def is_settled(largest: float, last: float, polish: int, settings: Settings) -> bool:
    """Whether a step `largest`, after one of `last`, leaves less to go than the tolerance, or rounding does.

    Steps of b relative to it, of μ and ln g in ln units. Raises nothing. Source: `descent`.
    """
    ratio = min(largest / last, 0.5)
    return largest * ratio <= settings.tolerance * (1 - ratio) or polish > settings.most_polish
