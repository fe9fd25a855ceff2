"""ChemoMetec NC-View (the NucleoCounters after the NC-200): one CSV line for each counted sample.

No column says the time; the name of the image begins with its day. What the counter itself thought of a count stands
under STATUS: a warning is passed on, and a count that is anything else but OK is not imported.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers.counters import Counter, Line, read_counts
from assays.readers.records import CellCountFile, Format
from assays.readers.text import as_number, as_utc, day_only

IMAGE, STATUS = "NAME", "STATUS"
OK, WARNING = "OK", "Warning:"
NAMED = re.compile(r"(20[0-9]{6})-[0-9]+")
GROUPED = re.compile(r"[0-9]{1,3}([ \u00a0\u202f][0-9]{3})+")  # 1 274 000
GAPS = re.compile(r"[ \u00a0\u202f]")


def _moment(raw: str, timezone: str) -> datetime | Missing:
    named = NAMED.fullmatch(raw)
    if not named:
        return Missing(f"{raw!r} does not begin with a day, as 20261120-00019 does")
    begins = as_utc(named[1], timezone=timezone, forms=("%Y%m%d",))
    if isinstance(begins, Missing):
        return begins
    return day_only(begins, timezone=timezone, said="NC-View tells the day of a count alone")


def _number(raw: str) -> Decimal | None:
    """Thousands stand apart, and a million is 1.07E+06."""
    return as_number(GAPS.sub("", raw) if GROUPED.fullmatch(raw) else raw)


def _objections(line: Line) -> Iterator[tuple[str, str]]:
    status = line[STATUS].text
    if status != OK and not status.startswith(WARNING):
        yield STATUS, f"the counter says “{status}” of this count"


def _remarks(line: Line) -> Iterator[str]:
    if line[STATUS].text.startswith(WARNING):
        yield f"the counter says “{line[STATUS].text}”."


COUNTER = Counter(
    format=Format.NC_VIEW,
    instrument="ChemoMetec NC-View",
    name="SAMPLE ID",
    time=IMAGE,
    columns={
        "viable": "LIVE (cells/ml)",
        "total": "TOTAL (cells/ml)",
        "dead": "DEAD (cells/ml)",
        "viability": "VIABILITY (%)",
        "dilution": "DILUTION FACTOR",
    },
    others=(STATUS,),
    converter_needs=("viable", "total", "dead", "viability"),
    power=0,
    moment=_moment,
    number=_number,
    objections=_objections,
    remarks=_remarks,
)


def read_nc_view(filename: str, text: str, *, timezone: str) -> CellCountFile:
    return read_counts(COUNTER, filename, text, timezone=timezone)
