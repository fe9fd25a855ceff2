"""What an instrument file holds, as frozen values: recorded numbers as Decimal, times as aware UTC,
and every raw cell that was not understood named beside them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from assays.kernel.missing import Missing


class UnableToRead(Exception):
    """The file as a whole cannot be read; the message says what was expected, what was found, and where."""


class Format(StrEnum):
    """Every export that is recognised and read."""

    VI_CELL_BLU = "Vi-CELL BLU"
    VI_CELL_XR = "Vi-CELL XR"
    GEN5 = "Gen5"
    SOFTMAX_PRO = "SoftMax Pro"
    MAGELLAN = "Magellan"
    SKANIT = "SkanIt"
    BMG_MARS = "BMG MARS"
    SMART_CONTROL = "BMG SMART Control"
    ENVISION = "EnVision"
    KALEIDO = "Kaleido"
    MSD_WORKBENCH = "MSD Discovery Workbench"
    METHODICAL_MIND = "MSD Methodical Mind"
    NUCLEOVIEW = "NucleoView NC-200"
    NC_VIEW = "NC-View"
    CEDEX_HIRES = "Cedex HiRes"
    MATRIX = "Revvity Matrix"
    XPONENT = "xPONENT"
    INTELLIFLEX = "INTELLIFLEX"
    BIOPLEX = "Bio-Plex Manager"
    FLOWJO = "FlowJo"
    FACSDIVA = "FACSDiva"
    QUANTSTUDIO = "QuantStudio"
    CFX_MAESTRO = "CFX Maestro"
    LIGHTCYCLER = "LightCycler"
    DIOMNI = "Diomni"
    ABSOLUTE_Q = "Absolute Q"
    QIACUITY = "QIAcuity"
    IMMUNOSPOT = "ImmunoSpot"
    MABTECH_APEX = "Mabtech Apex"
    BIOPROFILE_FLEX2 = "BioProfile FLEX2"
    CEDEX_BIOHT = "Cedex Bio HT"
    TABLE = "Table of values"


READABLE = tuple(Format)
# “Plate 1”, as programs call any plate, and the time at which EnVision and Kaleido gave one without a barcode a name.
NO_NAME = re.compile(
    r"(?i)(plate[ _#-]*\d{0,3}|n/?a|<?none>?"
    r"|(v-)?(\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}) \d{1,2}:\d\d(:\d\d)?( [AP]M)?)?"
)


def code_of(plate_name: str) -> str:
    """The barcode or name by which a file names one plate and no other; "" for a name that a program gave."""
    name = " ".join(plate_name.split())
    return "" if NO_NAME.fullmatch(name) else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One raw cell that was not understood. `line` is the line of the file, counted from 1."""

    line: int
    row: str
    column: str
    raw: str
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}, {self.row}, {self.column}: {self.message}"


NO_DATE = Missing("it holds no date and time")


@dataclass(frozen=True, slots=True)
class DayOnly(Missing):
    """No time: the file tells the day alone, from `begins_at` until `ends_at` by the clock of the instrument."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCountRow:
    """One counted sample. Concentrations are cells per mL (the file writes 10⁶ cells/mL)."""

    row_number: int
    sample_name: str
    viable_cells_per_ml: Decimal | Missing
    total_cells_per_ml: Decimal | Missing
    viability_percent: Decimal | Missing
    cells_counted: Decimal | Missing
    viable_cells_counted: Decimal | Missing
    dilution: Decimal | Missing
    counted_at: datetime | Missing
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCountFile:
    format: Format
    instrument: str
    software: str
    rows: tuple[CellCountRow, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """One named quantity of one sample: events of a gate, the Cq of a target, the signal of an analyte.

    `<` and `>` say that the value is a bound: a reaction that did not amplify in 40 cycles has a Cq > 40. Where the
    file says that there was none and no bound, the value is Missing and the qualifier `>`. `well` is where it was
    read, if the file says so; in a table a multiplex plate is written with wells, one row for each analyte.
    `masked` is why a person left it out of a computation; no file says it. `element` is where it stands in a file
    whose lines mean nothing.
    """

    line: int
    sample_name: str
    quantity: str
    value: Decimal | Missing
    qualifier: str = "="
    unit: str = ""
    dilution: Decimal = Decimal(1)
    well: str = ""
    masked: str = ""
    element: str = ""

    @property
    def place(self) -> str:
        """Where in the file it stands, if that is known."""
        return self.element or line_in_words(self.line)


def line_in_words(line: int) -> str:
    return f"line {line}" if line else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTable:
    """Rows in the order of the file; a quantity that stands several times for a sample has replicates."""

    format: Format
    instrument: str
    software: str
    measured_at: datetime | Missing
    rows: tuple[ValueRow, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...] = ()  # what is true of the whole file, in sentences
    plate_code: str = ""  # as below


class LayoutKind(StrEnum):
    """What a well is, told by the prefix of its Well ID. Number and dilution step follow: `SPL1:2`.

    An analyst lays out the release assay with Gen5's own well types and one of their own, UNS: the
    unstimulated wells of sample SPL1 are called UNS1. Any other prefix is `OTHER`, and the analyst says
    what it is when the plate is imported.
    """

    STANDARD = "standard"  # STD1, STD2, …
    BLANK = "blank"  # BLK
    CONTROL = "control"  # CTL1, CTL2, …
    SAMPLE = "sample"  # SPL1, SPL2, …
    UNSTIMULATED = "unstimulated"  # UNS1, UNS2, …
    OTHER = "other"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Well:
    """One well. `group` is its `layout_name` without the dilution step: what an analyst maps to a sample.

    `sample_name` is the name typed or scanned into the instrument's sample list, often empty. Standards
    and controls have a `nominal_concentration`, samples a `dilution_factor` of at least 1: the 0.05 that
    Gen5 writes for 1 part in 20 is 20 here, and a number above 1 is the factor itself.

    Of a multiplex plate `readings` are by analyte, and so are `analyte_nominals` of standards and controls and the
    `bead_counts` behind each signal; an analyte that the file says nothing of is in neither. `lines` are those of the
    file on which the readings stand, counted from 1, of a workbook the rows of the sheet.
    """

    position: str
    row: str
    column: int
    layout_name: str
    group: str
    kind: LayoutKind
    sample_name: str
    nominal_concentration: Decimal | Missing | None
    dilution_factor: Decimal | Missing | None
    readings: Mapping[str, Decimal | Missing]  # by wavelength in nm ("450"), analyte, or read label ("Lum")
    instrument_concentration: Decimal | Missing | None = None  # None: the export has no such table
    analyte_nominals: Mapping[str, Decimal | Missing] = field(default_factory=dict)  # pg/mL
    bead_counts: Mapping[str, Decimal | Missing] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def nominal_of(self, reading: str) -> Decimal | Missing | None:
        """Several analytes of one standard have each their own concentration."""
        return self.analyte_nominals.get(reading, self.nominal_concentration)

    def difference(self, signal: str, reference: str) -> Decimal | Missing:
        """Reading at `signal` minus reading at `reference`, e.g. "450" and "620"."""
        for label in (signal, reference):
            if label not in self.readings:
                return Missing(f"well {self.position} was not read at {label}")
            reading = self.readings[label]
            if isinstance(reading, Missing):
                return reading
        return self.readings[signal] - self.readings[reference]  # type: ignore[operator]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateFile:
    """One plate. `not_read` names the tables of the export that are no readings, so that nothing is
    left out in silence. A multiplex plate names its `analytes`; they are its `read_labels` too.

    `plate_code` is what a person can scan on the plate: its barcode or its own name, and not that of a document.
    """

    format: Format
    instrument: str
    software: str
    plate_name: str
    measured_at: datetime | Missing
    row_count: int
    column_count: int
    read_labels: tuple[str, ...]  # the keys of `readings`, in the order of the file
    wells: tuple[Well, ...]  # A1, A2, …
    not_read: tuple[str, ...]
    problems: tuple[Problem, ...]
    analytes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    plate_code: str = ""

    def well(self, position: str) -> Well:
        return next(well for well in self.wells if well.position == position)

    def groups(self) -> tuple[str, ...]:
        """Layout names without dilution step: standards, blanks, controls, SPL1, SPL2, … SPL10, UNS1, …"""
        kinds = list(LayoutKind)
        named = {(kinds.index(well.kind), len(well.group), well.group) for well in self.wells if well.group}
        return tuple(group for _, _, group in sorted(named))
