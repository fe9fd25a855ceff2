"""Gen5 (Agilent BioTek plate readers): one plate per text export."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import convert
from assays.readers.gen5_tables import Export, scan
from assays.readers.records import Format, LayoutKind, PlateFile, Problem, UnableToRead, Well, code_of
from assays.readers.text import as_number, as_utc

KINDS = {
    "STD": LayoutKind.STANDARD,
    "BLK": LayoutKind.BLANK,
    "CTL": LayoutKind.CONTROL,
    "SPL": LayoutKind.SAMPLE,
    "UNS": LayoutKind.UNSTIMULATED,
}
WELL_ID = re.compile(r"(?P<group>(?P<prefix>[A-Za-z]+)\d*)(:\d+)?")
READ_NUMBER = re.compile(r"Read \d+:")
WAVELENGTHS = re.compile(r"\s*Wavelengths:\s*(?P<list>[\d, ]+)")
FLUORESCENCE = re.compile(r"\s*Excitation:\s*(?P<excitation>[\d/]+),\s*Emission:\s*(?P<emission>[\d/]+)")
LUMINESCENCE = "Lum"
CONCENTRATION_TABLES = ("[Concentration]", "Conc")


@dataclass
class _Reading:
    """The export while it is read: its cells, and the problems met so far."""

    export: Export
    labels: dict[str, str]  # table label → key of `readings`
    problems: list[Problem] = field(default_factory=list)

    def missing(self, position: str, column: str, cell: Cell, message: str) -> Missing:
        self.problems.append(
            Problem(line=cell.line, row=position, column=column, raw=cell.text, message=message)
        )
        return Missing(message)

    def layout_cell(self, label: str, position: str) -> Cell:
        table = self.export.layout.get(label)
        return table.cells[position] if table else Cell("", 0)


def read_gen5(filename: str, text: str, *, timezone: str) -> PlateFile:
    """Read every table, have the file converted as well, and compare the two well by well."""
    export = scan(filename, text)
    reading = _Reading(export, _reading_labels(filename, export))
    document = convert(filename, text, Format.GEN5, timezone=timezone)
    measurements = _measurements(document)
    wells = tuple(
        _well(reading, position, row, column, measurements.get(position, []))
        for position, row, column in export.positions()
    )
    measured_at = _measured_at(reading, document, timezone)
    used = {*reading.labels, *CONCENTRATION_TABLES}
    return PlateFile(
        format=Format.GEN5,
        instrument=_header(export, "Reader Type"),
        software=f"Gen5 {_header(export, 'Software Version')}".strip(),
        plate_name=(name := _header(export, "Plate Number")),
        plate_code=code_of(name),
        measured_at=measured_at,
        row_count=len(export.rows),
        column_count=export.columns,
        read_labels=tuple(reading.labels.values()),
        wells=wells,
        not_read=tuple(label for label in export.results if label not in used),
        problems=tuple(reading.problems),
    )


def _reading_labels(filename: str, export: Export) -> dict[str, str]:
    """Which result tables are readings, and the key of each: its wavelength, or its whole label if two
    reads share a wavelength."""
    wavelengths, steps = {LUMINESCENCE}, {""}
    for line in export.procedure:
        if line.startswith("Read\t"):
            steps.add(line.partition("\t")[2].strip())
        elif found := WAVELENGTHS.match(line):
            wavelengths |= {text.strip() for text in found["list"].split(",")}
        elif found := FLUORESCENCE.match(line):
            wavelengths.add(f"{found['excitation']},{found['emission']}")
    names: dict[str, str] = {}
    for label in export.results:
        step, _, name = READ_NUMBER.sub("", label, count=1).rpartition(":")
        if step in steps and name in wavelengths:
            names[label] = name
    if not names:
        raise UnableToRead(
            f"{filename} has no absorbance, fluorescence or luminescence reading: its procedure names the wavelengths "
            f"{', '.join(sorted(wavelengths - {LUMINESCENCE})) or '(none)'}, its tables are "
            f"{', '.join(f'“{label}”' for label in export.results)}."
        )
    shared = Counter(names.values())
    return {label: name if shared[name] == 1 else label for label, name in names.items()}


def _measurements(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The converter's measurements of each well, in the order of the file."""
    found: dict[str, list[dict[str, Any]]] = {}
    for plate in document["plate reader aggregate document"]["plate reader document"]:
        for measurement in plate["measurement aggregate document"]["measurement document"]:
            position = measurement["sample document"]["location identifier"]
            found.setdefault(position, []).append(measurement)
    return found


def _well(
    reading: _Reading, position: str, row: str, column: int, measurements: list[dict[str, Any]]
) -> Well:
    layout_name = reading.layout_cell("Well ID", position).text
    sample_name = reading.layout_cell("Name", position).text
    parts = WELL_ID.fullmatch(layout_name)
    kind = KINDS.get(parts["prefix"].upper(), LayoutKind.OTHER) if parts else LayoutKind.OTHER
    kind = kind if layout_name else LayoutKind.EMPTY
    _compare_names(reading, position, sample_name or layout_name, measurements)
    return Well(
        position=position,
        row=row,
        column=column,
        layout_name=layout_name,
        group=parts["group"] if parts else layout_name,
        kind=kind,
        sample_name=sample_name,
        nominal_concentration=_nominal(reading, position, kind),
        dilution_factor=_dilution(reading, position, kind),
        readings=_readings(reading, position, measurements, is_used=bool(layout_name)),
        instrument_concentration=_instrument_concentration(reading, position),
        lines={
            key: reading.export.results[label].cells[position].line for label, key in reading.labels.items()
        },
    )


def _readings(
    reading: _Reading, position: str, measurements: list[dict[str, Any]], *, is_used: bool
) -> dict[str, Decimal | Missing]:
    """The well's cells of every reading table. The converter must have the same numbers in the same order."""
    cells = {key: reading.export.results[label].cells[position] for label, key in reading.labels.items()}
    converted = iter([_value(measurement) for measurement in measurements])
    values: dict[str, Decimal | Missing] = {}
    for key, cell in cells.items():
        if not cell.text:
            values[key] = (
                reading.missing(position, key, cell, "the cell is empty")
                if is_used
                else Missing("the well was not read")
            )
            continue
        second = next(converted, None)
        number = as_number(cell.text)
        if number is None:
            values[key] = reading.missing(position, key, cell, _not_a_number(cell.text))
        elif second != float(number):
            message = f"two readers disagree: {number} and {second}"
            values[key] = reading.missing(position, key, cell, message)
        else:
            values[key] = number
    return values


def _value(measurement: dict[str, Any]) -> float | None:
    for quantity in ("absorbance", "luminescence", "fluorescence"):
        if quantity in measurement:
            return measurement[quantity]["value"]
    return None


def _not_a_number(text: str) -> str:
    if text.startswith("*"):
        return f"masked in the instrument: {text}"
    return f"{text!r} is not a number"


def _compare_names(reading: _Reading, position: str, name: str, measurements: list[dict[str, Any]]) -> None:
    for measurement in measurements[:1]:
        converted = measurement["sample document"].get("sample identifier", "")
        if name and converted != name:
            cell = reading.layout_cell("Well ID", position)
            reading.missing(position, "Layout", cell, f"two readers disagree: {name!r} and {converted!r}")


def _nominal(reading: _Reading, position: str, kind: LayoutKind) -> Decimal | Missing | None:
    """Conc/Dil of standards and controls. A standard without one is a problem; a control may have none."""
    if kind not in (LayoutKind.STANDARD, LayoutKind.CONTROL):
        return None
    cell = reading.layout_cell("Conc/Dil", position)
    number = as_number(cell.text)
    if number is not None and number >= 0:
        return number
    if not cell.text and kind is LayoutKind.CONTROL:
        return Missing("no concentration in the layout")
    message = f"{cell.text!r} is no concentration" if cell.text else "no concentration in the layout"
    return reading.missing(position, "Conc/Dil", cell, message)


def _dilution(reading: _Reading, position: str, kind: LayoutKind) -> Decimal | Missing | None:
    """Conc/Dil of samples as a factor of at least 1."""
    if kind not in (LayoutKind.SAMPLE, LayoutKind.UNSTIMULATED, LayoutKind.OTHER):
        return None
    cell = reading.layout_cell("Conc/Dil", position)
    if not cell.text:
        return Missing("no dilution in the layout")
    number = as_number(cell.text)
    if number is None or number <= 0:
        return reading.missing(position, "Conc/Dil", cell, f"{cell.text!r} is no dilution")
    return number if number >= 1 else _factor_of(number)


def _factor_of(fraction: Decimal) -> Decimal:
    """0.05 → 20. Where Gen5 had to round (0.333), the whole number whose reciprocal prints the same (3)."""
    whole = round(1 / fraction)
    prints_the_same = (1 / Decimal(whole)).quantize(fraction) == fraction
    return Decimal(whole) if prints_the_same else 1 / fraction


def _instrument_concentration(reading: _Reading, position: str) -> Decimal | Missing | None:
    """The instrument's own result, kept for comparison; `<0.000` is its word for out of range."""
    table = next(
        (reading.export.results[t] for t in CONCENTRATION_TABLES if t in reading.export.results), None
    )
    if table is None:
        return None
    cell = table.cells[position]
    number = as_number(cell.text)
    if number is not None:
        return number
    if not cell.text or cell.text[0] in "<>":
        return Missing(cell.text or "the cell is empty")
    return reading.missing(position, table.label, cell, f"{cell.text!r} is not a number")


def _measured_at(reading: _Reading, document: dict[str, Any], timezone: str) -> datetime | Missing:
    header = reading.export.header
    date, time = header.get("Date", Cell("", 0)), header.get("Time", Cell("", 0))
    cell = Cell(f"{date.text} {time.text}".strip(), date.line or time.line)
    moment = as_utc(cell.text, timezone=timezone)
    if isinstance(moment, Missing):
        return reading.missing("header", "Date, Time", cell, moment.reason)
    plates = document["plate reader aggregate document"]["plate reader document"]
    converted = plates[0]["measurement aggregate document"]["measurement time"]
    if datetime.fromisoformat(converted) != moment:
        message = f"two readers disagree: {moment} and {converted}"
        return reading.missing("header", "Date, Time", cell, message)
    return moment


def _header(export: Export, name: str) -> str:
    cell = export.header.get(name)
    return cell.text if cell else ""
