"""Luminex xPONENT and INTELLIFLEX, the export of one row for each well: what xPONENT tells by block stands in columns,
“IL-2 MEDIAN” beside “IL-2 COUNT”.
"""

from collections.abc import Sequence

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.plates import NOTHING, Plate, plate_file, position_of, size_of
from assays.readers.records import Format, PlateFile, UnableToRead
from assays.readers.sheets import PLATE
from assays.readers.text import TIME_FORMATS
from assays.readers.xponent import content_of

WELL, SAMPLE, STARTED, DILUTION = "WELL LOCATION", "SAMPLE ID", "PLATE START", "DILUTION"
MEDIAN, COUNT, NAME = " MEDIAN", " COUNT", " ANALYTE NAME"
END = "--DOCUMENT SIGNATURE--"
IN_UTC = "%Y-%m-%dT%H:%M:%SZ"


def read_luminex_flat(filename: str, text: str, *, timezone: str) -> PlateFile:
    head, *body = [row for row in rows_of(filename, text) if any(cell.text for cell in row)]
    end = next((at for at, row in enumerate(body) if row[0].text.startswith(END)), len(body))
    rows = list(table_below(filename, head, body[:end], needed=(WELL, SAMPLE, STARTED)))
    columns = _analytes(filename, [cell.text for cell in head], rows)
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
    clock = rows[0][STARTED]
    is_utc = clock.text.endswith("Z")
    return plate_file(
        Plate(
            readings=_by_well(wells, columns, MEDIAN),
            beads=_by_well(wells, columns, COUNT),
            contents={
                well: content_of(row[SAMPLE].text, row.get(DILUTION, NOTHING)) for well, row in wells.items()
            },
            size=size_of(wells),
        ),
        file_format=Format.XPONENT,
        converted=Converted(convert(filename, text, Format.XPONENT, timezone=timezone)),
        timezone="UTC" if is_utc else timezone,
        forms=(IN_UTC,) if is_utc else TIME_FORMATS,
        clock=clock,
        instrument=rows[0].get("INSTRUMENT TYPE", NOTHING).text or "Luminex",
        software="xPONENT",
        plate_name="".join(plates),
        is_multiplex=True,
    )


def _analytes(filename: str, names: Sequence[str], rows: Sequence[dict[str, Cell]]) -> dict[str, str]:
    """The beginning of its columns by the name of each analyte."""
    begins = [
        name.removesuffix(COUNT)
        for name in names
        if name.endswith(COUNT) and name.removesuffix(COUNT) + MEDIAN in names
    ]
    if not begins or not rows:
        raise UnableToRead(f"{filename} has no well, or no analyte with a median and a count of beads.")
    found = {rows[0].get(begin + NAME, NOTHING).text or begin: begin for begin in begins}
    if len(found) < len(begins):
        raise UnableToRead(f"{filename}, line 1: two analytes have one name.")
    return found


def _by_well(
    wells: dict[str, dict[str, Cell]], columns: dict[str, str], what: str
) -> dict[str, dict[str, Cell]]:
    return {
        analyte: {well: row[begin + what] for well, row in wells.items()}
        for analyte, begin in columns.items()
    }
