"""Mabtech Apex: an ELISpot plate, and a FluoroSpot plate of two analytes."""

from tests.data.specimens.plate import COLUMNS, ROWS
from tests.data.specimens.workbook import workbook_of

INFORMATION = {
    "Machine ID:": "IRIS 1234",
    "Software Version:": "2.0.74",
    "Path:": "C:\\Apex\\PL-0042",
    "Saved By:": "ana",
}
LIGHTS = ("LED490 Total", "LED490 Single", "LED550 Total", "LED550 Single", "LED490+LED550")


def spots(row: int, column: int) -> int:
    return 3 + 7 * row + 2 * column


def _workbook(head: list[str], rows: list[list[object]]) -> bytes:
    told = [[name, value] for name, value in INFORMATION.items()]
    return workbook_of(
        {"Plate Information": [["Plate Information"], *told], "Plate Database": [list(head), *rows]}
    )


def elispot() -> bytes:
    head = ["Plate", "Well", "Spot Forming Units (SFU)", "Average Relative Spot Volume (RSV)"]
    head += [
        "Sum of Spot Volume (RSV)",
        "Read Date",
        "Saved Date",
        "Machine ID",
        "Exposure",
        "Preset Intensity",
    ]
    head += ["Masked", "Layout-Donor"]
    rows: list[list[object]] = []
    for row, letter in enumerate(ROWS):
        for column in COLUMNS:
            count = spots(row, column)
            own: list[object] = ["PL-0042", f"{letter}{column}", count, 410 + column, count * (410 + column)]
            own += [
                f"2026-11-20 10:{row:02d}:{column:02d}",
                "2026-11-20 10:30:00",
                "IRIS 1234",
                13400,
                400,
                "NO",
            ]
            rows.append([*own, "TIL-0001" if row < 4 else "TIL-0002"])
    return _workbook(head, rows)


def fluorospot() -> bytes:
    """Wells of the first four rows; the others were not read."""
    volumes = [
        f"{what} Spot Volume LED{nm} (RSV{nm})"
        for nm in (490, 550)
        for what in ("Average Relative", "Sum Relative")
    ]
    head = [
        "Plate",
        "Well",
        "Analyte Secreting Population",
        "LED Filter",
        "Spot Forming Units (SFU)",
        *volumes,
    ]
    head += ["Read Date", "Machine ID", "Masked"]
    rows: list[list[object]] = []
    for row, letter in enumerate(ROWS):
        for column in COLUMNS:
            for at, light in enumerate(LIGHTS):
                own: list[object] = ["PL-0042", f"{letter}{column}", light, light]
                if row > 3:
                    rows.append([*own, *[None] * 7, "NO"])
                    continue
                own.append(spots(row, column) + at)
                own += [
                    9000 + 10 * at + column if nm in light else None for nm in ("490", "490", "550", "550")
                ]
                rows.append([*own, f"2026-11-20 10:04:{column:02d}", "IRIS 1234", "NO"])
    return _workbook(head, rows)
