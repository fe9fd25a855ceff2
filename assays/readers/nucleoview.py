"""NucleoView NC-200 (ChemoMetec): one counted sample per CSV export, one line for each value."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.counters import add_up
from assays.readers.records import CellCountFile, CellCountRow, Format, Problem, UnableToRead
from assays.readers.text import as_number, as_utc

IMAGE, TIME, OFFSET = "Image", "Date time", "Time zone offset"
VIABILITY, LIVE, TOTAL, DEAD = "Viability (%)", "Live (cells/ml)", "Total (cells/ml)", "Dead (cells/ml)"
DILUTION, VERSION, INSTRUMENT = "Multiplication factor", "Application SW version", "Instrument type"
NEEDED = (IMAGE, VIABILITY, LIVE, TOTAL, DILUTION, TIME)
LAST = "csv file version"  # what a whole export ends with
FORMS = ("%Y%m%d %H%M%S",)
DEEPEST_OFFSET = 14  # hours
NOT_TOLD = Missing("NucleoView does not export the number of counted cells")


def read_nucleoview(filename: str, text: str, *, timezone: str) -> CellCountFile:
    """The export tells its own time zone; the instrument's is taken where it does not."""
    cells = _cells(filename, text)
    document = convert(filename, text, Format.NUCLEOVIEW, timezone=timezone)
    converted = Converted(document, has_one_sample=True)
    name = _name(filename, cells[IMAGE].text)
    problems: list[Problem] = []

    def missing(column: str, message: str) -> Missing:
        cell = cells[column]
        problems.append(
            Problem(line=cell.line, row=f"row 1 ({name})", column=column, raw=cell.text, message=message)
        )
        return Missing(message)

    def number(column: str, *, power: int = 0, is_told: bool = True) -> Decimal | Missing:
        cell = cells[column]
        value = as_number(cell.text)
        if value is None:
            return missing(column, f"{cell.text!r} is not a number" if cell.text else "the cell is empty")
        if value < 0:
            return missing(column, f"{value} is below zero")
        if is_told and not converted.vouches_for(value.scaleb(power)):
            return missing(column, f"two readers disagree: the converter does not find {cell.text}")
        return Decimal(format(value, "f"))

    counted_at = _moment(cells, timezone)
    if isinstance(counted_at, Missing):
        counted_at = missing(TIME, counted_at.reason)
    row = CellCountRow(
        row_number=1,
        sample_name=name,
        viable_cells_per_ml=number(LIVE, power=-6),
        total_cells_per_ml=number(TOTAL, power=-6),
        viability_percent=number(VIABILITY),
        cells_counted=NOT_TOLD,
        viable_cells_counted=NOT_TOLD,
        dilution=number(DILUTION),
        counted_at=counted_at,
    )
    dead = number(DEAD, power=-6) if DEAD in cells else None
    if not add_up(row.viable_cells_per_ml, dead, row.total_cells_per_ml):
        missing(TOTAL, "live and dead cells do not add up to the total")
    if not isinstance(counted_at, Missing) and not converted.vouches_for_moment(counted_at):
        counted_at = missing(TIME, f"two readers disagree about {cells[TIME].text}")
    return CellCountFile(
        format=Format.NUCLEOVIEW,
        instrument=cells[INSTRUMENT].text if INSTRUMENT in cells else "NucleoView",
        software=f"NucleoView {cells[VERSION].text if VERSION in cells else ''}".strip(),
        rows=(replace(row, counted_at=counted_at, problems=tuple(problems)),),
        problems=tuple(problems),
    )


def _cells(filename: str, text: str) -> dict[str, Cell]:
    """“Name;value;” by name."""
    cells: dict[str, Cell] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        name, separator, value = line.strip().rstrip(";").partition(";")
        if separator and name.strip():
            if name.strip() in cells:
                raise UnableToRead(f"{filename}, line {number}: “{name.strip()}” is there twice.")
            cells[name.strip()] = Cell(value.strip(), number)
    absent = next((name for name in (*NEEDED, LAST) if name not in cells), "")
    if absent:
        raise UnableToRead(f"{filename} has no line “{absent}”; the file is cut off or was edited.")
    return cells


def _name(filename: str, image: str) -> str:
    """20231120-0012-c-SAMPLE: day, number, c, and what the operator called the sample."""
    parts = image.split("-", 3)
    if not image or (len(parts) == 4 and not parts[3]):
        raise UnableToRead(f"{filename} does not name the counted sample: its image is “{image}”.")
    return parts[3] if len(parts) == 4 else image


def _moment(cells: dict[str, Cell], zone: str) -> datetime | Missing:
    offset = as_number(cells[OFFSET].text) if OFFSET in cells else None
    if offset is None:
        return as_utc(cells[TIME].text, timezone=zone, forms=FORMS)
    if abs(offset) > DEEPEST_OFFSET:
        return Missing(f"{offset} hours are no time zone offset")
    moment = as_utc(cells[TIME].text, timezone="UTC", forms=FORMS)
    if isinstance(moment, Missing):
        return moment
    own = timezone(timedelta(hours=float(offset)))
    return moment.replace(tzinfo=own).astimezone(UTC)
