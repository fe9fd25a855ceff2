"""Vi-CELL XR: one sample as text, “Name : value” line by line, or a workbook with a row for each counted sample.

The text holds the counts of each image as well; they have to add up to the count of all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import VI_CELL_XR_TABLE, convert
from assays.readers.counters import Counter, Line, counts_of
from assays.readers.delimited import table_below
from assays.readers.records import CellCountFile, Format, UnableToRead
from assays.readers.text import as_number, as_utc
from assays.readers.workbook import packed, read_workbook

FORMS = ("%d %b %Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S")  # the second of a workbook
LAST = "ImageBaseName"  # what a whole text ends with
IMAGES = {"Total cells": "CountData", "Viable cells": "ViableCellsData"}
HEADS = range(3, 6)  # rows of the sheet at which its two head lines may begin
SAMPLE, TIME = "Sample ID", "Sample date/time"
ALSO_CALLED = {  # in a table, by the version of the program
    "Sample data/time": TIME,
    "Sample date": TIME,
    "RunDate": TIME,
    "Dilution": "Dilution factor",
    "Total cells / ml (x 10^6)": "Total cells/ml (x10^6)",
    "Total viable cells / ml (x 10^6)": "Viable cells/ml (x10^6)",
}


def _moment(raw: str, timezone: str) -> datetime | Missing:
    return as_utc(" ".join(raw.split()), timezone=timezone, forms=FORMS)


def _objections(line: Line) -> Iterator[tuple[str, str]]:
    for column, images in IMAGES.items():
        if column in line and images in line:
            counts = [as_number(text.strip()) for text in line[images].text.split(",")]
            if None in counts or sum(count or 0 for count in counts) != as_number(line[column].text):
                yield column, f"the counts of the images (“{images}”) do not add up to it"


TEXT = Counter(
    format=Format.VI_CELL_XR,
    instrument="Vi-CELL XR",
    name=SAMPLE,
    time="RunDate",
    columns={
        "viable": "Total viable cells / ml (x 10^6)",
        "total": "Total cells / ml (x 10^6)",
        "viability": "Viability (%)",
        "counted": "Total cells",
        "viable_counted": "Viable cells",
        "dilution": "Dilution",
    },
    others=(LAST,),
    power=6,
    moment=_moment,
    objections=_objections,
)
TABLE = Counter(
    format=Format.VI_CELL_XR,
    instrument="Vi-CELL XR",
    name=SAMPLE,
    time=TIME,
    columns={
        "viable": "Viable cells/ml (x10^6)",
        "total": "Total cells/ml (x10^6)",
        "viability": "Viability (%)",
        "counted": "Total cells",
        "viable_counted": "Viable cells",
        "dilution": "Dilution factor",
    },
    optional=("counted", "viable_counted", "dilution"),
    power=6,
    moment=_moment,
)


def read_vi_cell_xr(filename: str, text: str, *, timezone: str) -> CellCountFile:
    cells = _cells(filename, text)
    return counts_of(
        TEXT,
        filename,
        [cells],
        timezone=timezone,
        convert_lines=lambda _kept: convert(filename, text, Format.VI_CELL_XR, timezone=timezone),
        software=text.partition("\n")[0].strip(),
    )


def _cells(filename: str, text: str) -> Mapping[str, Cell]:
    cells: dict[str, Cell] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        name, separator, value = line.partition(" :")
        if not separator:
            continue
        if name.strip() in cells:
            raise UnableToRead(f"{filename}, line {number}: “{name.strip()}” is there twice.")
        cells[name.strip()] = Cell(value.strip(), number)
    absent = next((name for name in TEXT.needed if name not in cells), "")
    if absent:
        raise UnableToRead(f"{filename} has no line “{absent}”; the file is cut off or was edited.")
    return cells


def read_vi_cell_xr_workbook(filename: str, content: bytes, *, timezone: str) -> CellCountFile:
    sheet = next(iter(read_workbook(filename, content).values()))
    at = next((at for at in HEADS if SAMPLE in _head_of(sheet, at)), None)
    if at is None:
        raise UnableToRead(
            f"{filename} has no table of counted samples: its rows {HEADS[0] + 1} to {HEADS[-1] + 2} hold no column "
            f"“{SAMPLE}”. A report of one sample is read as text (TXT)."
        )
    names = [ALSO_CALLED.get(name, name) for name in _head_of(sheet, at)]
    head = [Cell(name, at + 1) for name in names]
    width = max(len(row) for row in sheet)
    filled = [row for row in sheet[at + 2 :] if any(cell.text for cell in row)]
    full = [[*row, *[Cell("", row[0].line)] * (width - len(row))] for row in filled]
    told = list(table_below(filename, head, full, needed=TABLE.needed))
    taken = [index for index, line in enumerate(told) if _is_of_a_sample(line)]

    def convert_lines(kept: Sequence[int]) -> dict[str, Any]:
        """The workbook as it came; where a row is not understood, the other rows of it."""
        own = [*sheet[: at + 2], *(filled[taken[index]] for index in kept)]
        is_whole = len(kept) == len(filled)
        whole = content if is_whole else packed({"Sheet1": ([cell.text for cell in row] for row in own)})
        return convert(filename, whole, VI_CELL_XR_TABLE, timezone=timezone)

    counts = counts_of(
        TABLE,
        filename,
        [told[index] for index in taken],
        timezone=timezone,
        convert_lines=convert_lines,
        software=sheet[0][0].text,
    )
    strange = [told[index] for index in range(len(told)) if index not in taken]
    return replace(counts, remarks=tuple(_about_strange(line) for line in strange))


def _is_of_a_sample(line: Line) -> bool:
    """A sheet may begin with a row, often hidden, that has neither a sample nor a time."""
    return bool(line[SAMPLE].text) or not isinstance(_moment(line[TIME].text, "UTC"), Missing)


def _about_strange(line: Line) -> str:
    texts = " ".join(cell.text for cell in line.values() if cell.text)
    return f"Line {line[SAMPLE].line} names neither a sample nor a time and is not taken: “{texts[:80]}”."


def _head_of(sheet: Sequence[Sequence[Cell]], at: int) -> list[str]:
    """Two lines of the sheet make one head: “Total cells” above “/ml (x10^6)”."""
    above, below = ([cell.text for cell in row] for row in (*sheet[at : at + 2], (), ())[:2])
    width = max(len(above), len(below))
    above, below = (texts + [""] * (width - len(texts)) for texts in (above, below))
    return [
        f"{upper} {lower}".replace(" /ml", "/ml").strip() for upper, lower in zip(above, below, strict=True)
    ]
