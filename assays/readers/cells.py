"""One raw cell of a file, and where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    line: int  # counted from 1
