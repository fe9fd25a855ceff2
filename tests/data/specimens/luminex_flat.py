"""Luminex, the workbook of one row for each well."""

from tests.data.specimens.plate import dilution_of, signal, used
from tests.data.specimens.workbook import workbook

HEAD = ["INSTRUMENT TYPE", "SERIAL NUMBER", "SOFTWARE VERSION", "PLATE NAME", "PLATE START", "WELL LOCATION"]
HEAD += ["SAMPLE ID", "DILUTION", "TOTAL EVENTS"]
ANALYTES = (("R12: RP1", "IFN-g", 12, 1), ("R15: RP1", "IL-2", 15, 2))


def luminex_flat() -> bytes:
    columns = ("ANALYTE NAME", "REGION", "MEDIAN", "COUNT", "NET MEDIAN")
    head = [*HEAD, *(f"{begin} {column}" for begin, *_ in ANALYTES for column in columns)]
    rows: list[list[object]] = [list(head)]
    for well in used():
        own: list[object] = [
            "INTELLIFLEX",
            "IFLEX0001",
            "2.2.1",
            "PL-0042",
            "2026-11-20 10:04:05",
            well.position,
        ]
        own += [well.group, float(dilution_of(well)), 210]
        for _, name, region, factor in ANALYTES:
            own += [name, region, signal(well) / factor, 95 + well.column, signal(well) / factor - 20]
        rows.append(own)
    return workbook("Results", rows)
