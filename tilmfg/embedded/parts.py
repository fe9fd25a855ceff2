"""A part of a running facility, and its return to life."""

from collections.abc import Callable
from dataclasses import dataclass

from .problems import UnableToRun

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STABLE_SECONDS = 60.0  # one that lived this long begins again with the first pause


@dataclass
class Part:
    """Started, watched, and started again after a pause that doubles while it keeps dying."""

    name: str
    start: Callable[[], None]
    is_alive: Callable[[], bool]
    say: Callable[[str], None]
    started_at: float | None = None
    due_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS

    def tend(self, *, now: float) -> None:
        if self.started_at is None:
            if now >= self.due_at:
                self._start(now=now)
        elif not self.is_alive():
            if now - self.started_at >= STABLE_SECONDS:
                self.pause = FIRST_PAUSE_SECONDS
            self._retry_later(now=now, reason="has ended")

    def _start(self, *, now: float) -> None:
        try:
            self.start()
        except (UnableToRun, OSError) as problem:
            self._retry_later(now=now, reason=f"does not start ({problem})")
        else:
            self.started_at = now

    def _retry_later(self, *, now: float, reason: str) -> None:
        self.say(f"{self.name} {reason}; starting it again in {self.pause:g} s")
        self.started_at = None
        self.due_at = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)
