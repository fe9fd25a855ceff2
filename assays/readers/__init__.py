"""Instrument files in, frozen records out. Nothing here knows a sample, a patient or a database."""

from assays.readers.records import (
    READABLE,
    CellCountFile,
    CellCountRow,
    Format,
    LayoutKind,
    PlateFile,
    Problem,
    UnableToRead,
    Well,
)

__all__ = [
    "READABLE",
    "CellCountFile",
    "CellCountRow",
    "Format",
    "LayoutKind",
    "PlateFile",
    "Problem",
    "UnableToRead",
    "Well",
    "read",
    "recognise",
]


def recognise(filename: str, content: bytes) -> Format:
    """The format of an export, told by its content. Raises UnableToRead when it is none we know."""
    raise NotImplementedError


def read(filename: str, content: bytes, *, timezone: str) -> CellCountFile | PlateFile:
    """The file as records. `timezone` is where the instrument's clock stands ("America/New_York")."""
    raise NotImplementedError
