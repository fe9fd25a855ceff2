"""Instrument files in, frozen records out. Nothing here knows a sample, a patient or a database."""

from zoneinfo import ZoneInfo

from assays.readers.formats import recognise
from assays.readers.gen5 import read_gen5
from assays.readers.records import (
    READABLE,
    CellCountFile,
    CellCountRow,
    Format,
    LayoutKind,
    PlateFile,
    Problem,
    UnableToRead,
    ValueRow,
    ValueTable,
    Well,
)
from assays.readers.table import read_table
from assays.readers.text import decode
from assays.readers.vi_cell_blu import read_vi_cell_blu

__all__ = [
    "READABLE",
    "CellCountFile",
    "CellCountRow",
    "Format",
    "LayoutKind",
    "PlateFile",
    "Problem",
    "UnableToRead",
    "ValueRow",
    "ValueTable",
    "Well",
    "read",
    "recognise",
]


def read(filename: str, content: bytes, *, timezone: str) -> CellCountFile | PlateFile | ValueTable:
    """The file as records, its wall-clock times in UTC. `timezone` is the instrument's ("Europe/Zurich").

    Raises UnableToRead for a file that is not recognised, not read so far, or not whole. A single cell
    that is not understood is a Problem of the returned file, and its value is Missing.
    """
    ZoneInfo(timezone)  # an unknown zone is the caller's mistake, not the file's
    found = recognise(filename, content)
    if found not in READABLE:
        known = f"{', '.join(READABLE[:-1])} and {READABLE[-1]}"
        raise UnableToRead(f"{filename} was recognised as {found}; this facility reads {known} so far.")
    text = decode(filename, content)
    if found is Format.VI_CELL_BLU:
        return read_vi_cell_blu(filename, text, timezone=timezone)
    if found is Format.TABLE:
        return read_table(filename, text, timezone=timezone)
    return read_gen5(filename, text, timezone=timezone)
