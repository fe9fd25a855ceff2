"""Luminex INTELLIFLEX, one row for each well, as text and as workbook."""

from tests.data.specimens.plate import dilution_of, signal, used
from tests.data.specimens.workbook import workbook

PLATE = {
    "MODEL NAME": "xMAP INTELLIFLEX",
    "INSTRUMENT TYPE": "INTELLIFLEX",
    "SERIAL NUMBER": "IFLEX0001",
    "SOFTWARE VERSION": "2.2.1",
    "CALIBRATION STATE": "Calibrated",
    "CALIBRATION LOT": "C00001",
    "CALIBRATION TIMESTAMP": "2026-11-20 08:10:00",
    "PLATE NAME": "PL-0042",
    "PLATE STATUS": "Completed",
    "PLATE START": "2026-11-20 10:04:05",
    "PLATE END": "2026-11-20 10:30:00",
    "PLATE TYPE NAME": "96 Well Plate",
}
WELL = ["WELL LOCATION", "WELL STATUS", "SAMPLE ID", "DILUTION", "TOTAL EVENTS"]
ANALYTES = (("R12: RP1", "IFN-g", 12, 1), ("R15: RP1", "IL-2", 15, 2))
COLUMNS = ("ANALYTE NAME", "REGION", "MEDIAN", "COUNT", "NET MEDIAN")


def rows() -> list[list[object]]:
    head = [*PLATE, *WELL, *(f"{begin} {column}" for begin, *_ in ANALYTES for column in COLUMNS)]
    rows: list[list[object]] = [list(head)]
    for well in used():
        own: list[object] = [*PLATE.values(), well.position, "Completed", well.group]
        own += [float(dilution_of(well)), 210]
        for _, name, region, factor in ANALYTES:
            own += [name, region, signal(well) / factor, 95 + well.column, signal(well) / factor - 20]
        rows.append(own)
    return rows


def intelliflex() -> str:
    return "\r\n".join([*(",".join(str(cell) for cell in row) for row in rows()), ""])


def intelliflex_workbook() -> bytes:
    return workbook("Results", rows())
