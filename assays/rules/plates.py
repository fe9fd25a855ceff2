"""The wells of a plate as a run keeps them, and with which readings they were taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.readers import CellCountFile, LayoutKind, PlateFile, ValueTable
from assays.readers import Well as WellRead
from assays.readers.records import line_in_words

from .values import Named

ROLES = {
    LayoutKind.STANDARD: "standard",
    LayoutKind.BLANK: "blank",
    LayoutKind.CONTROL: "control",
    LayoutKind.SAMPLE: "sample",
    LayoutKind.UNSTIMULATED: "sample",
    LayoutKind.OTHER: "sample",
    LayoutKind.EMPTY: "empty",
}
DECIMALS, DIGITS = 12, 30  # of the columns that keep a well


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Which reading of a plate is the signal, and which is subtracted ("" for none)."""

    signal: str = ""
    reference: str = ""

    def __str__(self) -> str:
        """450 − 620"""
        return f"{self.signal} − {self.reference}" if self.reference else self.signal

    @property
    def unit(self) -> str:
        """An absorbance is named by its wavelength, other readings by a word."""
        return "nm" if self.signal.isdecimal() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WellFacts:
    """One well as the run keeps it."""

    position: str
    role: str
    instrument_name: str = ""
    nominal: Decimal | None = None
    dilution: Decimal | None = None
    signal: Decimal | None = None
    reference: Decimal | None = None
    missing: str = ""
    masked: str = ""  # why a person left it out
    analyte: str = ""  # of a multiplex plate, which has a row for each of a well
    bead_count: int | None = None
    place: str = ""  # where in the file its signal and what is subtracted stand

    @property
    def response(self) -> Decimal | Missing:
        """Signal minus reference, if the well counts."""
        if self.masked:
            return Missing(f"masked: {self.masked}")
        if self.missing or self.signal is None:
            return Missing(self.missing or "not read")
        return self.signal - (self.reference or 0)


def code_in(file: PlateFile | CellCountFile | ValueTable) -> str:
    """By which the file names its plate; "" if it names none, or is of none."""
    return "" if isinstance(file, CellCountFile) else file.plate_code


def as_scanned(text: str) -> str:
    return " ".join(text.split())


def why_another_plate(file: PlateFile | CellCountFile | ValueTable, scanned: str) -> str:
    """A swapped plate is a swapped patient: what the file names is the plate whose label was scanned."""
    told, scanned = code_in(file), as_scanned(scanned)
    if not told or scanned.upper() == told.upper():
        return ""
    if not scanned:
        return f"Scan the label of the plate; the file is of plate {told}."
    return (
        f"The file is of plate {told}; the plate that was scanned is {scanned}. Find the plate of this file, or the "
        "file of this plate."
    )


def facts_of(well: WellRead, *, signal: str, reference: str) -> WellFacts:
    """The well with the readings that were chosen. A dilution that does not end is kept to 12 decimals."""
    read = well.readings[signal]
    subtracted = well.readings[reference] if reference else None
    missing = dict.fromkeys(part.reason for part in (read, subtracted) if isinstance(part, Missing))
    dilution = _number(well.dilution_factor)
    return WellFacts(
        position=well.position,
        role=ROLES[well.kind],
        instrument_name=well.group,
        nominal=_number(well.nominal_of(signal)),
        dilution=dilution and round(dilution, DECIMALS),
        signal=_number(read),
        reference=_number(subtracted),
        missing="; ".join(missing),
        place=well_place(well, signal, reference),
    )


def well_place(well: WellRead, *readings: str) -> str:
    """line 45; lines 45, 46 where two readings were taken."""
    lines = list(dict.fromkeys(well.lines[reading] for reading in readings if reading in well.lines))
    return (
        line_in_words(lines[0]) if len(lines) == 1 else f"lines {', '.join(map(str, lines))}" if lines else ""
    )


def undiluted_or_too_long(wells: Iterable[WellFacts], names: Mapping[str, Named]) -> str:
    """Why a well cannot be kept or counted: a sample without dilution, a number with too many digits."""
    for well in wells:
        if well.role == "sample" and well.instrument_name in names and well.dilution is None:
            return f"Well {well.position} ({well.instrument_name}) has no dilution in the layout."
        if why := too_long(well):
            return why
    return ""


def too_long(well: WellFacts) -> str:
    for number in (well.nominal, well.dilution, well.signal, well.reference):
        if number is not None and not _can_be_kept(number):
            return f"Well {well.position}: {number} has more digits than are kept."
    return ""


def reads_criterion(*, asked: Reads, taken: Reads) -> Criterion:
    """A plate read at other wavelengths than the method's is no valid run of it."""
    return Criterion(
        name="Wavelengths" if asked.unit else "Reading",
        value=str(taken),
        unit=asked.unit,
        limit=f"{asked} {asked.unit}".strip(),
        passed=taken == asked,
    )


def _number(value: Decimal | Missing | None) -> Decimal | None:
    return None if isinstance(value, Missing) else value


def _can_be_kept(number: Decimal) -> bool:
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= DECIMALS and number.adjusted() < DIGITS - DECIMALS
