"""From the raw cells of a plate to its wells: each number is read here and vouched for by the converter."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted, ConvertedTables
from assays.readers.positions import SIZES, place_of, position_at, row_name
from assays.readers.records import (
    NO_DATE,
    Format,
    LayoutKind,
    PlateFile,
    Problem,
    UnableToRead,
    Well,
    code_of,
)
from assays.readers.text import as_number, as_utc

NOTHING = Cell("", 0)
# What names mean that instruments give by themselves, S001 and C001 by Discovery Workbench; what any other name is, is
# said at the import.
PREFIXES = (
    (re.compile(r"(?i)std\d*|standard ?\d*|s0\d\d"), LayoutKind.STANDARD),
    (re.compile(r"(?i)(blk|blank|background) ?\d*|b0\d\d"), LayoutKind.BLANK),
    (re.compile(r"(?i)(ctl|ctrl|control|qc) ?\d*|c0\d\d"), LayoutKind.CONTROL),
    (re.compile(r"(?i)spl\d+"), LayoutKind.SAMPLE),
    (re.compile(r"(?i)uns\d+"), LayoutKind.UNSTIMULATED),
)
WITH_NOMINAL = (LayoutKind.STANDARD, LayoutKind.CONTROL)
WITH_DILUTION = (LayoutKind.SAMPLE, LayoutKind.UNSTIMULATED, LayoutKind.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file says that a well holds. `nominal` is by reading where each analyte has its own."""

    name: str
    kind: LayoutKind
    sample_name: str = ""
    nominal: Cell = NOTHING
    nominals: Mapping[str, Cell] = field(default_factory=dict)
    dilution: Cell = NOTHING


@dataclass(kw_only=True)
class Plate:
    """The cells of one plate by reading and position, and the problems met in them."""

    readings: Mapping[str, Mapping[str, Cell]]
    beads: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)  # behind each analyte's signal
    contents: Mapping[str, Content] = field(default_factory=dict)
    size: tuple[int, int]
    decimals: int | None = None  # where an export prints binary numbers with all their digits
    places: Mapping[str, str] | None = None  # where the converter has a well's numbers, if elsewhere
    read: Collection[str] = ()  # wells that were read although nobody named them: no cell of theirs is empty
    doubts: Mapping[str, str] = field(default_factory=dict)  # what the instrument says against a well
    problems: list[Problem] = field(default_factory=list)

    def missing(self, position: str, column: str, cell: Cell, message: str) -> Missing:
        self.problems.append(
            Problem(line=cell.line, row=position, column=column, raw=cell.text, message=message)
        )
        return Missing(message)

    def wells(self, converted: Converted | ConvertedTables) -> tuple[Well, ...]:
        return tuple(self._well(*place, converted) for place in positions(self.size))

    def _well(self, position: str, row: str, column: int, converted: Converted | ConvertedTables) -> Well:
        content = self.contents.get(position, Content(name="", kind=LayoutKind.EMPTY))
        kind = content.kind
        return Well(
            position=position,
            row=row,
            column=column,
            layout_name=content.name,
            group=content.name,
            kind=kind,
            sample_name=content.sample_name,
            nominal_concentration=self._nominal(position, content) if kind in WITH_NOMINAL else None,
            analyte_nominals={
                analyte: self._nominal_in(position, cell) for analyte, cell in content.nominals.items()
            },
            dilution_factor=self._dilution(position, content.dilution) if kind in WITH_DILUTION else None,
            readings={
                label: self._reading(position, label, cells.get(position, NOTHING), converted, content)
                for label, cells in self.readings.items()
            },
            bead_counts={
                analyte: self._reading(position, f"{analyte}, beads", cells[position], converted, content)
                for analyte, cells in self.beads.items()
                if position in cells
            },
            lines={
                label: cells[position].line
                for label, cells in self.readings.items()
                if position in cells and cells[position].line
            },
        )

    def _reading(
        self, position: str, label: str, cell: Cell, converted: Converted | ConvertedTables, content: Content
    ) -> Decimal | Missing:
        if not cell.text:
            if (content.kind is LayoutKind.EMPTY and position not in self.read) or not cell.line:
                return Missing("the well was not read")
            return self.missing(position, label, cell, "the cell is empty")
        if position in self.doubts:
            return self.missing(position, label, cell, f"{self.doubts[position]}: {cell.text}")
        number = as_number(cell.text)
        if number is None:
            return self.missing(position, label, cell, f"{cell.text!r} is not a number")
        place = position if self.places is None else self.places.get(position, "")
        if not converted.vouches_for(number, place=place, table=label):
            return self.missing(
                position, label, cell, f"two readers disagree: the converter does not find {cell.text}"
            )
        return number if self.decimals is None else round(number, self.decimals)

    def _nominal(self, position: str, content: Content) -> Decimal | Missing:
        if not content.nominal.text:
            return Missing("no concentration in the file")
        return self._nominal_in(position, content.nominal)

    def _nominal_in(self, position: str, cell: Cell) -> Decimal | Missing:
        number = as_number(cell.text)
        if number is not None and number >= 0:
            return number
        return self.missing(position, "Concentration", cell, f"{cell.text!r} is no concentration")

    def _dilution(self, position: str, cell: Cell) -> Decimal | Missing:
        if not cell.text:
            return Missing("no dilution in the file")
        number = as_number(cell.text)
        if number is None or number < 1:
            return self.missing(position, "Dilution", cell, f"{cell.text!r} is no dilution of at least 1")
        return number


def plate_file(
    plate: Plate,
    *,
    file_format: Format,
    converted: Converted | ConvertedTables,
    timezone: str,
    clock: Cell,
    instrument: str = "",
    software: str = "",
    plate_name: str = "",
    is_named: bool = True,
    not_read: Iterable[str] = (),
    remarks: Iterable[str] = (),
    forms: Sequence[str] | None = None,
    is_multiplex: bool = False,
) -> PlateFile:
    """`is_named` says that the name is the plate's own; a document may hold any plate."""
    wells = plate.wells(converted)
    moment = as_utc(clock.text, timezone=timezone, **({"forms": forms} if forms else {}))
    if not clock.text:
        moment = NO_DATE
    elif isinstance(moment, Missing):
        plate.missing("header", "Date and time", clock, moment.reason)
    elif not converted.vouches_for_moment(moment):
        message = f"two readers disagree about {clock.text}"
        moment = plate.missing("header", "Date and time", clock, message)
    rows, columns = plate.size
    return PlateFile(
        format=file_format,
        instrument=instrument,
        software=software,
        plate_name=plate_name,
        plate_code=code_of(plate_name) if is_named else "",
        measured_at=moment,
        row_count=rows,
        column_count=columns,
        read_labels=tuple(plate.readings),
        analytes=tuple(plate.readings) if is_multiplex else (),
        wells=wells,
        not_read=tuple(not_read),
        problems=tuple(plate.problems),
        remarks=tuple(remarks),
    )


def positions(size: tuple[int, int]) -> list[tuple[str, str, int]]:
    """A1, A2, … as (position, row, column)."""
    rows, columns = size
    return [
        (position_at(row, column), row_name(row), column + 1)
        for row in range(rows)
        for column in range(columns)
    ]


def position_of(text: str) -> str | None:
    """A01 is A1; None if this names no well."""
    try:
        return position_at(*place_of(text))
    except ValueError:
        return None


def size_of(wells: Iterable[str]) -> tuple[int, int]:
    """The smallest plate that has all these positions."""
    places = [place_of(well) for well in wells if position_of(well)]
    rows = max((row for row, _ in places), default=0) + 1
    columns = max((column for _, column in places), default=0) + 1
    fitting = [size for size in SIZES if size[0] >= rows and size[1] >= columns]
    standard = [size for size in fitting if size[0] >= 8]
    return (standard or fitting or [(rows, columns)])[0]


def require_size(filename: str, rows: int, columns: int) -> tuple[int, int]:
    if (rows, columns) not in SIZES:
        raise UnableToRead(
            f"{filename}: its plate has {rows} × {columns} wells, which is no plate of "
            f"{', '.join(str(a * b) for a, b in SIZES)} wells. The file is cut off or was edited."
        )
    return rows, columns


def kind_of(name: str) -> LayoutKind:
    if not name:
        return LayoutKind.EMPTY
    return next((kind for pattern, kind in PREFIXES if pattern.fullmatch(name)), LayoutKind.OTHER)
