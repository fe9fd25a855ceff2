"""Nova BioProfile FLEX2 (metabolites, gases, osmolality, cells of a culture): one CSV line for each sample."""

import re
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.records import Format, Problem, UnableToRead, ValueRow, ValueTable
from assays.readers.text import as_number, as_utc

TIME, SAMPLE = "Date & Time", "Sample ID"
UNITS = {
    "Gln": "mmol/L",
    "Glu": "mmol/L",
    "Gluc": "g/L",
    "Lac": "g/L",
    "NH4+": "mmol/L",
    "Na+": "mmol/L",
    "K+": "mmol/L",
    "Ca++": "mmol/L",
    "HCO3": "mmol/L",
    "pH": "",
    "PO2": "mmHg",
    "PCO2": "mmHg",
    "O2 Saturation": "%",
    "CO2 Saturation": "%",
    "Osm": "mOsm/kg",
    "Total Density": "10⁶ cells/mL",
    "Viable Density": "10⁶ cells/mL",
    "Viability": "%",
    "Avg. Live Diameter": "µm",
    "Total Live Count": "cells",
    "Total Cell Count": "cells",
}
# What was set or written down for the sample, not measured in it.
SETTINGS = re.compile(
    r"Sample Type|Live Cell Std\. Deviation|Cell Inspection Type|Pre-Dilution Multiplier|Cell Density Dilution|"
    r"Valid Images|(Vessel|Batch) ID|Cell Type|Vessel (Temperature|Pressure).*|Sparging O2%|"
    r"Chemistry Dilution Ratio|.* @ Temp|.*Flow( Time)?|Tray Location|Time In Tray|Sample Time|Operator"
)


def read_bioprofile(filename: str, text: str, *, timezone: str) -> ValueTable:
    """A value is as the analyser prints it: what it multiplies for a dilution it has multiplied already."""
    head, *lines = [row for row in rows_of(filename, text) if any(cell.text for cell in row)]
    converted = Converted(convert(filename, text, Format.BIOPROFILE_FLEX2, timezone=timezone))
    rows: list[ValueRow] = []
    problems: list[Problem] = []
    moments = []
    for line in table_below(filename, head, lines, needed=(TIME, SAMPLE)):
        sample = line[SAMPLE].text
        if not sample:
            raise UnableToRead(f"{filename}, line {line[SAMPLE].line}: the cell “{SAMPLE}” is empty.")
        moments.append(as_utc(" ".join(line[TIME].text.split()), timezone=timezone))
        for quantity, unit in UNITS.items():
            cell = line.get(quantity, Cell("", 0))
            if not cell.text:
                continue
            value = _value(cell, converted, sample)
            if isinstance(value, Missing):
                problems.append(
                    Problem(line=cell.line, row=sample, column=quantity, raw=cell.text, message=value.reason)
                )
            rows.append(
                ValueRow(line=cell.line, sample_name=sample, quantity=quantity, value=value, unit=unit)
            )
    if not rows:
        raise UnableToRead(f"{filename} holds no measured sample below its head line.")
    unknown = [
        cell.text
        for cell in head
        if cell.text and cell.text not in (TIME, SAMPLE, *UNITS) and not SETTINGS.fullmatch(cell.text)
    ]
    missing = next((moment for moment in moments if isinstance(moment, Missing)), None)
    return ValueTable(
        format=Format.BIOPROFILE_FLEX2,
        instrument="Nova BioProfile FLEX2",
        software="",
        measured_at=missing or max(moment for moment in moments if not isinstance(moment, Missing)),
        rows=tuple(rows),
        problems=tuple(problems),
        remarks=tuple(f"The column “{name}” is not known here and is not taken." for name in unknown),
    )


def _value(cell: Cell, converted: Converted, sample: str) -> Decimal | Missing:
    number = as_number(cell.text)
    if number is None:
        return Missing(f"{cell.text!r} is not a number")
    if not converted.vouches_for(number, place=sample):
        return Missing(f"two readers disagree: the converter does not find {cell.text}")
    return number
