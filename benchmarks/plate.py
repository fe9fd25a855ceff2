"""A Gen5 plate: our reader, which converts by allotropy and compares every cell, beside allotropy alone."""

from assays.readers import Format, read
from assays.readers.conversion import convert
from tests.data.make_gen5_plate import PLATE, TIMEZONE

from .timing import Timing, in_turns

TURNS = 20


def measure() -> Timing:
    return in_turns(
        lambda: read("plate.txt", PLATE.encode(), timezone=TIMEZONE),
        floor=lambda: convert("plate.txt", PLATE, Format.GEN5, timezone=TIMEZONE),
        turns=TURNS,
    )
