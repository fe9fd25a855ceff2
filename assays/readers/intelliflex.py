"""Luminex INTELLIFLEX (multiplex): one row for each well. What xPONENT tells by block stands in columns,
“R12: RP1 MEDIAN” beside “R12: RP1 COUNT”, with the name of the analyte in a column of its own.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.plates import NOTHING, Plate, plate_file, position_of, size_of
from assays.readers.records import Format, PlateFile, UnableToRead
from assays.readers.text import TIME_FORMATS
from assays.readers.xponent import content_of

PLATE, STARTED, WELL, SAMPLE = "PLATE NAME", "PLATE START", "WELL LOCATION", "SAMPLE ID"
DILUTION = "DILUTION"
MEDIAN, COUNT, NAME = " MEDIAN", " COUNT", " ANALYTE NAME"
UNNAMED = ("", "NaN")  # as a well that ran dry names its analytes
OF_AN_ANALYTE = re.compile(r"R\d+: RP\d+(?P<what> .+)")
MOST_READINGS = 10_000  # of a plate; the converter takes half a minute for them
END = "--DOCUMENT SIGNATURE--"
FORMS = (*TIME_FORMATS, "%Y-%m-%d %I:%M:%S %p")
Rows = Sequence[dict[str, Cell]]


def read_intelliflex(filename: str, text: str, *, timezone: str) -> PlateFile:
    head, *body = [row for row in rows_of(filename, text) if any(cell.text for cell in row)]
    end = next((at for at, row in enumerate(body) if row[0].text.startswith(END)), len(body))
    rows = list(table_below(filename, head, body[:end], needed=(WELL, SAMPLE, STARTED)))
    names = _names(filename, [cell.text for cell in head], rows)
    shared = Counter(names.values())
    # One analyte on two reporters is told by the reporter.
    columns = {
        name if shared[name] == 1 else f"{name}, {begin.partition(': ')[2]}": begin
        for begin, name in names.items()
    }
    plates = {row[PLATE].text for row in rows if PLATE in row}
    if len(plates) > 1:
        raise UnableToRead(f"{filename} holds {len(plates)} plates; export one plate per file.")
    wells: dict[str, dict[str, Cell]] = {}
    for row in rows:
        position = position_of(row[WELL].text)
        if position is None or position in wells:
            told = f"“{row[WELL].text}” is no well, or is there twice"
            raise UnableToRead(f"{filename}, line {row[WELL].line}: {told}.")
        wells[position] = row
    if len(wells) * len(columns) > MOST_READINGS:
        raise UnableToRead(
            f"{filename} holds {len(columns)} analytes in {len(wells)} wells; at most {MOST_READINGS:,} readings of a "
            "plate are read. Export it by panel."
        )
    clock = rows[0][STARTED]
    document = convert(
        filename,
        _for_the_converter([head, *body[:end]], is_named=len(columns) == len(shared)),
        Format.INTELLIFLEX,
        timezone=timezone,
    )
    return plate_file(
        Plate(
            readings=_by_well(wells, columns, MEDIAN),
            beads=_by_well(wells, columns, COUNT),
            contents={
                well: content_of(row[SAMPLE].text, row.get(DILUTION, NOTHING)) for well, row in wells.items()
            },
            size=size_of(wells),
        ),
        file_format=Format.INTELLIFLEX,
        converted=Converted(document),
        timezone=timezone,
        forms=FORMS,
        clock=clock,
        instrument=rows[0].get("MODEL NAME", NOTHING).text or "Luminex INTELLIFLEX",
        software="INTELLIFLEX",
        plate_name="".join(plates),
        is_multiplex=True,
    )


def _names(filename: str, head: Sequence[str], rows: Rows) -> dict[str, str]:
    """The name of each analyte by the beginning of its columns; the beginning itself where it has no name."""
    begins = [
        name.removesuffix(COUNT)
        for name in head
        if name.endswith(COUNT) and name.removesuffix(COUNT) + MEDIAN in head
    ]
    if not begins or not rows:
        raise UnableToRead(f"{filename} has no well, or no analyte with a median and a count of beads.")
    names = {}
    for begin in begins:
        told = list(dict.fromkeys(row[begin + NAME].text for row in rows if begin + NAME in row))
        own = [name for name in told if name not in UNNAMED]
        if len(own) > 1:
            raise UnableToRead(f"{filename}: the column “{begin}{NAME}” names {' and '.join(own[:2])}.")
        names[begin] = own[0] if own else begin
    if len({(name, begin.partition(": ")[2]) for begin, name in names.items()}) < len(names):
        raise UnableToRead(f"{filename}, line 1: two analytes have one name.")
    return names


def _for_the_converter(rows: Sequence[Sequence[Cell]], *, is_named: bool) -> str:
    """What is told of the wells, and of each analyte what is read of it: the converter takes its time for the rest. It
    mixes up two columns of one name; without names it tells them by region and reporter.
    """
    read = (MEDIAN, COUNT, NAME) if is_named else (MEDIAN, COUNT)
    kept = [
        at
        for at, cell in enumerate(rows[0])
        if not (own := OF_AN_ANALYTE.fullmatch(cell.text)) or own["what"] in read
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([row[at].text for at in kept if at < len(row)] for row in rows)
    return text.getvalue()


def _by_well(
    wells: dict[str, dict[str, Cell]], columns: dict[str, str], what: str
) -> dict[str, dict[str, Cell]]:
    return {
        analyte: {well: row[begin + what] for well, row in wells.items()}
        for analyte, begin in columns.items()
    }
