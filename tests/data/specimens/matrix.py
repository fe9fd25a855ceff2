"""Revvity Matrix (Cellaca MX): the wells of one plate, with what is true of all of them above the table, or without."""

import csv

from tests.data.specimens.workbook import workbook

# Name, live and dead cells that were counted, millions of live cells per mL, and what the program found wrong.
WELLS = (
    ("TIL-0001-D22", 2249, 240, "4.41", ""),
    ("TIL-0002-D22", 1585, 229, "3.10", ""),
    ("TIL-0003-D22", 930, 0, "1.83", "No Cells found in F2 Image A, Intensity range to low"),
)
PARTS = {"Live": 12.5, "Dead": 9.8, "Total": 12.1}  # and their diameters


def millions(part: int, live: int, per_ml: str) -> float:
    return round(float(per_ml) * part / live, 2)


def matrix(clock: str = "11/20/2026 10:04:05 AM") -> str:
    facts = {"Plate Name": "Plate Name: COUNT 2026/11/20-10:03:12", "Dilution": "Dilution Factor: 2"}
    facts |= {
        "Assay Name": "Assay Name:   AOPI TIL",
        "Results Timestamp": clock,
        "Scanresult Timestamp": clock,
    }
    facts |= {"Instrument SN": "MX-120-0042", "Operator": "ana", "Version": "2"}
    head = ",,Row,Column,Well Name,Live Count,Live Concentration (E6),Live Diameter,Viability (%),Dead Count,"
    head += (
        "Dead Concentration (E6),Dead Diameter,Total Count,Total Concentration (E6),Aggregate Count,Errors"
    )
    lines = [f"{name},{value}" + "," * 14 for name, value in facts.items()] + [head]
    for place, (name, live, dead, per_ml, error) in enumerate(WELLS):
        total = live + dead
        cells = ["", "", "0", str(place), name, str(live), per_ml, "12.52", f"{live * 100 / total:.0f}.00"]
        cells += [str(dead), f"{millions(dead, live, per_ml)}", "9.80", str(total)]
        cells += [f"{millions(total, live, per_ml)}", "5", f'"{error}"' if error else ""]
        lines.append(",".join(cells))
    return "\r\n".join([*lines, ""])


def matrix_flat() -> str:
    head = "Well Name,Live Count,Live Cells/mL,Live Mean Size,Viability,Dead Count,Dead Cells/mL,Total Count,"
    lines = [head + "Total Cells/mL,Note:,Errors:"]
    for name, live, dead, per_ml, error in WELLS:
        total = live + dead
        cells = [
            name,
            str(live),
            scientific(float(per_ml)),
            "12.52",
            f"{live * 100 / total:.0f}.00%",
            str(dead),
        ]
        cells += [
            scientific(millions(dead, live, per_ml)),
            str(total),
            scientific(millions(total, live, per_ml)),
        ]
        lines.append(",".join([*cells, "", f'"{error}"' if error else ""]))
    return "\r\n".join([*lines, ""])


def scientific(number: float) -> str:
    return f"{number * 1e6:.2E}"


def matrix_workbook() -> bytes:
    """A sheet keeps a percentage as a part of one."""
    rows = csv.reader(matrix_flat().split("\r\n")[:-1])
    return workbook("Sheet1", [[name, *(kept(text) for text in cells)] for name, *cells in rows])


def kept(text: str) -> object:
    if text.endswith("%"):
        return float(text[:-1]) / 100
    try:
        return float(text) if text else None
    except ValueError:
        return text
