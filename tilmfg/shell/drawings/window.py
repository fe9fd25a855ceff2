"""A step's window with now marked on it."""

from dataclasses import dataclass
from datetime import datetime

from ..moments import length_in_words

AIR = 0.25  # of the window's length, on either side


@dataclass(frozen=True)
class Mark:
    at: float  # per cent of the bar
    beyond: str = ""  # "before" or "after" where the instant lies off the bar


@dataclass(frozen=True)
class WindowBar:
    band_from: float
    band_width: float
    planned: Mark | None
    performed: Mark | None
    now: Mark | None
    words: str
    tone: str


def window_bar(
    *, start: datetime, end: datetime, now: datetime, planned: datetime | None, performed: datetime | None
) -> WindowBar:
    if start >= end:
        raise ValueError(f"The window opens at {start}, which is not before it closes at {end}.")
    first, length = start - AIR * (end - start), (1 + 2 * AIR) * (end - start)

    def mark(moment: datetime | None) -> Mark | None:
        if moment is None:
            return None
        place = round((moment - first) / length * 100, 2)
        if place < 0:
            return Mark(0.0, "before")
        return Mark(100.0, "after") if place > 100 else Mark(place)

    words, tone = _verdict(start, end, now, performed)
    band_from = AIR / (1 + 2 * AIR) * 100
    return WindowBar(
        band_from=round(band_from, 2),
        band_width=round(100 - 2 * band_from, 2),
        planned=mark(planned),
        performed=mark(performed),
        now=None if performed else mark(now),
        words=words,
        tone=tone,
    )


def _verdict(start, end, now, performed) -> tuple[str, str]:
    if performed and performed < start:
        return f"Performed {length_in_words(start - performed)} before the window opened", "bad"
    if performed and performed > end:
        return f"Performed {length_in_words(performed - end)} after the window closed", "bad"
    if performed:
        return "Performed inside the window", "good"
    if now < start:
        return f"Opens in {length_in_words(start - now)}", "ahead"
    if now <= end:
        return f"Open for {length_in_words(end - now)} more", "waiting"
    return f"Closed {length_in_words(now - end)} ago", "bad"
