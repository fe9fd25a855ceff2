"""Roche Cedex HiRes: one CSV line (or row of a workbook) for each counted sample, in cells per mL.

The images of a sample can be analysed again later; such a line has a data set of another name, or was finished long
after the sample was drawn.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from assays.kernel.missing import Missing
from assays.readers.counters import Counter, Line, read_counts
from assays.readers.records import CellCountFile, Format, UnableToRead
from assays.readers.text import as_utc

SAMPLE, TYPED = "Sample identifier", "Sample identifer"  # as the counter's own program writes it
FINISHED, DRAWN, DATA_SET, ORIGINAL = "Date finished", "Sample draw Time", "Data set name", "Original"
FORMS = ("%m/%d/%Y %I:%M:%S %p", "%m-%d-%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S")  # the last of a workbook
LATE = timedelta(days=2)


def _moment(raw: str, timezone: str) -> datetime | Missing:
    return as_utc(raw, timezone=timezone, forms=FORMS)


def _remarks(line: Line) -> Iterator[str]:
    if DATA_SET in line and line[DATA_SET].text != ORIGINAL:
        yield f"it is of the data set “{line[DATA_SET].text}”, not “{ORIGINAL}”: an analysis made again."
    drawn, finished = (
        _moment(line[column].text, "UTC") if column in line else Missing("not told")
        for column in (DRAWN, FINISHED)
    )
    if isinstance(drawn, datetime) and isinstance(finished, datetime) and finished - drawn > LATE:
        yield f"drawn {line[DRAWN].text}, but finished {line[FINISHED].text}: it may be an analysis made again."


COUNTER = Counter(
    format=Format.CEDEX_HIRES,
    instrument="Roche Cedex HiRes",
    name=SAMPLE,
    time=FINISHED,
    columns={
        "viable": "Viable Cell Conc.",
        "total": "Total Cell Conc.",
        "dead": "Dead Cell Conc.",
        "viability": "Viability",
        "counted": "Total Cell Count",
        "viable_counted": "Viable Cell Count",
        "dilution": "Dilution",
    },
    converter_needs=("viable", "total", "dead", "viability"),
    not_given=(DRAWN,),
    power=0,
    moment=_moment,
    remarks=_remarks,
)


def read_cedex_hires(filename: str, text: str, *, timezone: str) -> CellCountFile:
    head, separator, below = text.partition("\n")
    if SAMPLE in head and TYPED in head:
        raise UnableToRead(f"{filename}, line 1: the column “{SAMPLE}” is there twice.")
    return read_counts(COUNTER, filename, head.replace(TYPED, SAMPLE) + separator + below, timezone=timezone)
