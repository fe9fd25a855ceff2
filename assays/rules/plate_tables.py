"""A plate as a table of values, for calculations made from tables: one row for each reading of a named well."""

from collections.abc import Iterator
from decimal import Decimal

from assays.kernel.missing import Missing
from assays.readers import PlateFile, ValueRow, ValueTable, Well

NOMINAL, BEADS = "pg/mL", "beads"


def as_table(plate: PlateFile) -> ValueTable:
    """Of analytes also the concentrations of standards and controls and the counted beads, told apart by the unit."""
    return ValueTable(
        format=plate.format,
        instrument=plate.instrument,
        software=plate.software,
        measured_at=plate.measured_at,
        rows=tuple(row for well in plate.wells if well.layout_name for row in _rows(plate, well)),
        problems=plate.problems,
        remarks=plate.remarks,
        plate_code=plate.plate_code,
    )


def _rows(plate: PlateFile, well: Well) -> Iterator[ValueRow]:
    for label in plate.read_labels:
        told = [("", well.readings[label])]
        if label in well.analyte_nominals:
            told.append((NOMINAL, well.analyte_nominals[label]))
        if label in well.bead_counts:
            told.append((BEADS, well.bead_counts[label]))
        for unit, value in told:
            yield ValueRow(
                line=well.lines.get(label, 0),
                sample_name=well.group,
                quantity=label,
                value=value,
                unit=unit,
                dilution=Decimal(1)
                if isinstance(well.dilution_factor, Missing | None)
                else well.dilution_factor,
                well=well.position,
            )
