"""Stored bytes as records. Every page that shows a file reads it; the same bytes read the same."""

from functools import lru_cache

from assays.readers import CellCountFile, PlateFile, ValueTable, read

from .models import InstrumentFile

read_once = lru_cache(maxsize=8)(read)


def read_stored(
    file: InstrumentFile, *, time_zone: str, plate: str = ""
) -> PlateFile | CellCountFile | ValueTable:
    """The file, or one of its plates, with its times told by the clock of an instrument in `time_zone`."""
    return read_once(file.filename, bytes(file.content), timezone=time_zone, plate=plate)
