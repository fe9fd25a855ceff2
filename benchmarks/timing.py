"""Two things are timed in turns, so that a noisy machine slows both."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

WARM_UP = 2


@dataclass(frozen=True)
class Timing:
    """Median seconds of what was measured and of its floor, over as many turns."""

    seconds: float
    floor: float

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor


def in_turns(measured: Callable[[], object], *, floor: Callable[[], object], turns: int) -> Timing:
    for _ in range(WARM_UP):
        measured()
        floor()
    gc.collect()
    pairs = [(_seconds(measured), _seconds(floor)) for _ in range(turns)]
    return Timing(
        seconds=median(seconds for seconds, _ in pairs), floor=median(seconds for _, seconds in pairs)
    )


def _seconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began
