"""Vi-CELL BLU: one CSV line per counted sample."""

from datetime import datetime

from assays.kernel.missing import Missing
from assays.readers.counters import Counter, read_counts
from assays.readers.records import CellCountFile, Format
from assays.readers.text import as_utc


def _moment(raw: str, timezone: str) -> datetime | Missing:
    return as_utc(raw, timezone=timezone)


COUNTER = Counter(
    format=Format.VI_CELL_BLU,
    instrument="Vi-CELL BLU",
    name="Sample ID",
    time="Analysis date/time",
    columns={
        "viable": "Viable (x10^6) cells/mL",
        "total": "Total (x10^6) cells/mL",
        "viability": "Viability (%)",
        "counted": "Cell count",
        "viable_counted": "Viable cells",
        "dilution": "Dilution",
    },
    power=6,
    moment=_moment,
)


def read_vi_cell_blu(filename: str, text: str, *, timezone: str) -> CellCountFile:
    return read_counts(COUNTER, filename, text, timezone=timezone)
