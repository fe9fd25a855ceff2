"""A multiplex plate as a run keeps it, one row for each analyte of each well; a table of values with wells is one."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers import LayoutKind, PlateFile, Problem, ValueRow, ValueTable
from assays.readers import Well as WellRead
from assays.readers.positions import PLATES, place_of, position_at, row_name

from .plates import DECIMALS, ROLES, WellFacts, well_place

NOMINAL, BEADS = "pg/mL", "beads"
SMALLEST_PLATE = 96
KINDS = {
    "STD": LayoutKind.STANDARD,
    "BLK": LayoutKind.BLANK,
    "CTL": LayoutKind.CONTROL,
    "SPL": LayoutKind.SAMPLE,
    "UNS": LayoutKind.UNSTIMULATED,
}
NAME = re.compile(rf"({'|'.join(KINDS)})\d*\Z")


def plate_of(table: ValueTable) -> PlateFile | ValueTable:
    """The plate that its rows with wells tell; a table without wells stays one. What is told twice is Missing."""
    wells: dict[tuple[int, int], list[ValueRow]] = {}
    for row in table.rows:
        if row.well:
            wells.setdefault(place_of(row.well), []).append(row)
    if not wells:
        return table
    size = _size_for(wells)
    analytes = tuple(
        dict.fromkeys(row.quantity for row in table.rows if row.well and row.unit not in (NOMINAL, BEADS))
    )
    problems = list(table.problems)
    read = tuple(
        _well(place, wells.get(place, []), analytes, problems)
        for place in ((row, column) for row in range(size[0]) for column in range(size[1]))
    )
    return PlateFile(
        format=table.format,
        instrument=table.instrument,
        software=table.software,
        plate_name="",
        plate_code=table.plate_code,
        measured_at=table.measured_at,
        row_count=size[0],
        column_count=size[1],
        read_labels=analytes,
        wells=read,
        not_read=(),
        problems=tuple(problems),
        analytes=analytes,
        remarks=table.remarks,
    )


def _size_for(places: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Of the smallest plate that has them all, from 96 wells on."""
    known = list(places)
    return next(
        size
        for wells, size in PLATES.items()
        if wells >= SMALLEST_PLATE and all(row < size[0] and column < size[1] for row, column in known)
    )


def _well(
    place: tuple[int, int], rows: Sequence[ValueRow], analytes: Sequence[str], problems: list[Problem]
) -> WellRead:
    position = position_at(*place)
    names = list(dict.fromkeys(row.sample_name for row in rows))
    told = {part: _told(rows, part, problems) for part in ("", NOMINAL, BEADS)}
    if len(names) > 1:
        called = " and ".join(names)
        problems.append(
            Problem(
                line=rows[-1].line,
                row=position,
                column="Sample",
                raw=names[-1],
                message=f"is called {called}",
            )
        )
        told[""] = dict.fromkeys(told[""], Missing(f"the table calls this well {called}"))
    name = names[0] if names else ""
    found = NAME.match(name.upper())
    kind = LayoutKind.EMPTY if not name else KINDS[found[1]] if found else LayoutKind.OTHER
    is_known = kind in (LayoutKind.STANDARD, LayoutKind.CONTROL)
    readings = {analyte: told[""].get(analyte, Missing("not read")) for analyte in analytes}
    return WellRead(
        position=position,
        row=row_name(place[0]),
        column=place[1] + 1,
        layout_name=name,
        group=name,
        kind=kind,
        sample_name=name if kind is LayoutKind.OTHER else "",
        nominal_concentration=None,
        dilution_factor=rows[0].dilution if rows else None,
        readings=readings,
        instrument_concentration=None,
        analyte_nominals=told[NOMINAL] if is_known else {},
        bead_counts=told[BEADS],
        lines={row.quantity: row.line for row in rows if row.unit not in (NOMINAL, BEADS)},
    )


def _told(rows: Sequence[ValueRow], part: str, problems: list[Problem]) -> dict[str, Decimal | Missing]:
    """By analyte: the signal, the concentration or the number of beads; the unit says which it is."""
    found: dict[str, Decimal | Missing] = {}
    for row in rows:
        if (row.unit if row.unit in (NOMINAL, BEADS) else "") != part:
            continue
        value = row.value
        if row.qualifier != "=" and not isinstance(value, Missing):
            value = Missing(f"a bound, {row.qualifier} {value:f}, is no signal")
        if row.quantity in found:
            problems.append(
                Problem(
                    line=row.line, row=row.well, column="Quantity", raw=row.quantity, message="is told twice"
                )
            )
            value = Missing(f"line {row.line}: {row.quantity} is told twice")
        found[row.quantity] = value
    return found


def facts_of_analytes(
    well: WellRead, analytes: Iterable[str], *, times: Mapping[str, Decimal]
) -> Iterator[WellFacts]:
    """The well with each of these analytes. The concentration of a standard or control is the file's; where it
    tells none, that of the layout times what the method says for the analyte."""
    if well.kind is LayoutKind.EMPTY:
        return
    dilution = _number(well.dilution_factor)
    common = _number(well.nominal_concentration)
    for analyte in analytes:
        signal = well.readings.get(analyte, Missing("not read"))
        nominal = _number(well.analyte_nominals.get(analyte))
        if nominal is None and common is not None:
            nominal = common * times[analyte]
        beads = well.bead_counts.get(analyte)
        yield WellFacts(
            position=well.position,
            role=ROLES[well.kind],
            instrument_name=well.group,
            nominal=nominal,
            dilution=dilution and round(dilution, DECIMALS),
            signal=_number(signal),
            missing=signal.reason if isinstance(signal, Missing) else "",
            analyte=analyte,
            bead_count=None if beads is None or isinstance(beads, Missing) else int(beads),
            place=well_place(well, analyte),
        )


def _number(value: Decimal | Missing | None) -> Decimal | None:
    return None if isinstance(value, Missing) else value


def of_analyte(wells: Iterable[WellFacts], analyte: str) -> list[WellFacts]:
    return [replace(well, analyte="") for well in wells if well.analyte == analyte]
