"""What of an instrument file an analyst maps: the rows of a counter, the layout groups of a plate."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assays.kernel.missing import Missing
from assays.readers import CellCountFile, CellCountRow, LayoutKind, PlateFile, ValueRow, ValueTable
from assays.readers import Well as WellRead
from assays.readers.records import NO_DATE, DayOnly
from tilmfg.shell.numbers import readable

from .instruments import WRITERS

MAPPED = (LayoutKind.SAMPLE, LayoutKind.UNSTIMULATED, LayoutKind.OTHER)
NUMBER = re.compile(r"\d+\Z")
FEW_READINGS = 4  # of a plate, that are named in one line
STIMULATED, UNSTIMULATED, AS_IS, SPIKED = "stimulated", "unstimulated", "as_is", "spiked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One name of the instrument. `number` is the row of a counter file, from 1; a plate has none."""

    key: str
    name: str
    number: int = 0
    sample_name: str = ""  # what was typed or scanned into the instrument as the sample's name
    condition: str = AS_IS  # what the name in a plate's layout says, if anything

    @property
    def title(self) -> str:
        return f"Row {self.number}, {self.name}" if self.number else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow(Row):
    """One counted sample of a cell counter."""

    count: CellCountRow


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow(Row):
    """The wells of a plate that share a name in its layout."""

    wells: tuple[WellRead, ...]

    @property
    def positions(self) -> str:
        """C3–C4, D3–D4: neighbours in runs."""
        runs: list[list[WellRead]] = []
        for well in self.wells:
            last = runs[-1][-1] if runs else None
            if last and (last.row, last.column + 1) == (well.row, well.column):
                runs[-1].append(well)
            else:
                runs.append([well])
        return ", ".join(
            run[0].position if len(run) == 1 else f"{run[0].position}–{run[-1].position}" for run in runs
        )

    @property
    def dilutions(self) -> str:
        """1 : 20, 1 : 40 in the order of the layout."""
        found = dict.fromkeys(
            "not given"
            if not well.dilution_factor or isinstance(well.dilution_factor, Missing)
            else f"1 : {well.dilution_factor.normalize():f}"
            for well in self.wells
        )
        return ", ".join(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow(Row):
    """What a table of values says of one name."""

    values: tuple[ValueRow, ...]

    @property
    def quantities(self) -> str:
        """Singlets/Live 91234 events, Cq mycoplasma > 40 cycles."""
        return ", ".join(f"{value.quantity} {value_in_words(value)}" for value in self.values)


def value_in_words(value: ValueRow) -> str:
    """91234 events; > 40 cycles; missing."""
    if isinstance(value.value, Missing):
        return "missing" if value.qualifier == "=" else value.value.reason
    return f"{value.qualifier if value.qualifier != '=' else ''}{value.value:f} {value.unit}".strip()


def count_in_words(count: CellCountRow) -> str:
    """5.2 × 10⁷ viable cells/mL, 91.24 % viable"""
    cells, percent = count.viable_cells_per_ml, count.viability_percent
    return f"{readable(cells)} viable cells/mL, {readable(percent)} % viable"


def rows_of(file: PlateFile | CellCountFile | ValueTable) -> tuple[Row, ...]:
    """Counts and names in the order of the file; layout groups as they belong together: SPL1, UNS1, SPL2, UNS2."""
    if isinstance(file, ValueTable):
        return _names_of(file)
    if isinstance(file, CellCountFile):
        return tuple(
            CountRow(
                key=str(row.row_number),
                number=row.row_number,
                name=row.sample_name,
                sample_name=row.sample_name,
                count=row,
            )
            for row in file.rows
        )
    groups: dict[str, list[WellRead]] = {}
    for well in file.wells:
        if well.kind in MAPPED:
            groups.setdefault(well.group, []).append(well)
    return tuple(
        GroupRow(
            key=str(number),
            name=group,
            sample_name=_common({well.sample_name for well in wells}),
            condition={LayoutKind.SAMPLE: STIMULATED, LayoutKind.UNSTIMULATED: UNSTIMULATED}.get(
                wells[0].kind, ""
            ),
            wells=tuple(wells),
        )
        for number, (group, wells) in enumerate(sorted(groups.items(), key=_by_number), start=1)
    )


def _names_of(table: ValueTable) -> tuple[Row, ...]:
    values: dict[str, list[ValueRow]] = {}
    for row in table.rows:
        values.setdefault(row.sample_name, []).append(row)
    return tuple(
        TableRow(key=str(number), name=name, sample_name=name, condition="", values=tuple(own))
        for number, (name, own) in enumerate(values.items(), start=1)
    )


def describe(file: PlateFile | CellCountFile | ValueTable) -> str:
    """Agilent Gen5 · absorbance 450 and 620 nm · 96 wells."""
    maker = WRITERS[file.format].name
    if isinstance(file, ValueTable):
        return f"{maker} · {len(file.rows)} value{'s' * (len(file.rows) != 1)}"
    if isinstance(file, CellCountFile):
        return f"{maker} · {len(file.rows)} counted sample{'s' * (len(file.rows) != 1)}"
    wavelengths = [label for label in file.read_labels if label.isdecimal()]
    reads = f"absorbance {' and '.join(wavelengths)} nm" if wavelengths else ", ".join(file.read_labels)
    if file.analytes:
        reads = f"{len(file.analytes)} analyte{'s' * (len(file.analytes) != 1)}: {reads}"
    elif len(file.read_labels) > FEW_READINGS:
        reads = f"{len(file.read_labels)} readings"
    return f"{maker} · {reads} · {len(file.wells)} wells"


def undated(file: PlateFile | CellCountFile | ValueTable) -> str:
    """What is said in the place of a time."""
    return next((day.reason for day in _days_of(file)), "no date in the file")


def _days_of(file: PlateFile | CellCountFile | ValueTable) -> list[DayOnly]:
    moments = [row.counted_at for row in file.rows] if isinstance(file, CellCountFile) else [file.measured_at]
    return [moment for moment in moments if isinstance(moment, DayOnly)]


def asks_when(file: PlateFile | CellCountFile | ValueTable) -> bool:
    """Whether somebody has to say when it was measured. A time that a counter wrote unreadably nobody repairs."""
    if isinstance(file, CellCountFile):
        return bool(_days_of(file)) or any(row.counted_at == NO_DATE for row in file.rows)
    return isinstance(file.measured_at, Missing)


def told_when(
    file: PlateFile | CellCountFile | ValueTable, moment: datetime | None
) -> PlateFile | CellCountFile | ValueTable:
    """The file with the time that a person says it was measured at, if it says none itself."""
    if moment is None or not asks_when(file):
        return file
    moment = moment.astimezone(UTC)
    said = f"That it was measured at {moment:%-d %b %Y %H:%M} UTC was entered by hand."
    if isinstance(file, CellCountFile):
        rows = tuple(_told_when(row, moment) for row in file.rows)
        return replace(file, rows=rows, remarks=(*file.remarks, said))
    day = file.measured_at
    if isinstance(day, DayOnly) and not _is_on(day, moment):
        return replace(file, measured_at=Missing(f"{day.reason}, which is another day than the one said"))
    return replace(file, measured_at=moment, remarks=(*file.remarks, said))


def _told_when(row: CellCountRow, moment: datetime) -> CellCountRow:
    """Only on the day that the file says, if it says one."""
    day = row.counted_at
    is_told = day == NO_DATE or (isinstance(day, DayOnly) and _is_on(day, moment))
    return replace(row, counted_at=moment) if is_told else row


def _is_on(day: DayOnly, moment: datetime) -> bool:
    return day.begins_at <= moment < day.ends_at


def measured_at(file: PlateFile | CellCountFile | ValueTable) -> datetime | Missing:
    """When the instrument says it measured, the last row counting; Missing if it does not say."""
    if isinstance(file, PlateFile | ValueTable):
        return file.measured_at
    moments = [row.counted_at for row in file.rows if not isinstance(row.counted_at, Missing)]
    days = [Missing(day.reason) for day in _days_of(file)]
    return max(moments, default=days[0] if days else Missing("no row of the file has a date and time"))


def _by_number(group: tuple[str, list[WellRead]]) -> tuple[int, int, str]:
    name, wells = group
    number = NUMBER.search(name)
    return int(number[0]) if number else 0, MAPPED.index(wells[0].kind), name


def _common(names: set[str]) -> str:
    return names.pop() if len(names) == 1 else ""
