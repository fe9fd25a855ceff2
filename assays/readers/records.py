"""What an instrument file holds, as frozen values: recorded numbers as Decimal, times as aware UTC,
and every raw cell that was not understood named beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from assays.kernel.missing import Missing


class UnableToRead(Exception):
    """The file as a whole cannot be read; the message says what was expected, what was found, and where."""


class Format(StrEnum):
    """Every export that is recognised by name; `READABLE` are those that are read so far."""

    VI_CELL_BLU = "Vi-CELL BLU"
    GEN5 = "Gen5"
    SOFTMAX_PRO = "SoftMax Pro"
    MAGELLAN = "Magellan"
    BMG_MARS = "BMG MARS"
    MSD_WORKBENCH = "MSD Discovery Workbench"
    NUCLEOVIEW = "NucleoView NC-200"
    FLOWJO = "FlowJo"
    IMMUNOSPOT = "ImmunoSpot"
    BIOPROFILE_FLEX2 = "BioProfile FLEX2"


READABLE = (Format.VI_CELL_BLU, Format.GEN5)


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


class LayoutKind(StrEnum):
    """What a well is, by the prefix of its Well ID in the plate layout."""

    STANDARD = "standard"  # STD1, STD2, …
    BLANK = "blank"  # BLK
    CONTROL = "control"  # CTL1, CTL2, …
    SAMPLE = "sample"  # SPL1, SPL2, …: stimulated
    UNSTIMULATED = "unstimulated"  # UNS1 belongs to SPL1
    OTHER = "other"  # any other prefix; the analyst says what it is
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Well:
    """One well. `layout_name` is what the analyst typed in the instrument (`SPL1:2` is sample 1,
    dilution step 2); `group` is the same without the dilution step. Of `nominal_concentration`
    (standards, controls) and `dilution_factor` (samples) at most one is given; a dilution factor is
    at least 1: the instrument's 0.05 (1 part in 20) reads 20.
    """

    position: str
    row: str
    column: int
    layout_name: str
    group: str
    kind: LayoutKind
    nominal_concentration: Decimal | None
    dilution_factor: Decimal | None
    readings: Mapping[str, Decimal | Missing]  # by wavelength in nm ("450"), or by read label ("Lum")
    instrument_concentration: Decimal | Missing | None  # None: the export has no such table


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateFile:
    format: Format
    instrument: str
    software: str
    plate_name: str
    measured_at: datetime | Missing
    row_count: int
    column_count: int
    read_labels: tuple[str, ...]  # keys of every well's `readings`, in the order of the file
    wells: tuple[Well, ...]  # in reading order: A1, A2, …
    problems: tuple[Problem, ...]

    def well(self, position: str) -> Well:
        return next(well for well in self.wells if well.position == position)

    def groups(self) -> tuple[str, ...]:
        """Layout names without their dilution step, in order of first appearance, empty wells left out."""
        return tuple(dict.fromkeys(well.group for well in self.wells if well.group))
