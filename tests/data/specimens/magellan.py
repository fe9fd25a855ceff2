"""Tecan Magellan."""

from tests.data.specimens.plate import COLUMNS, ROWS, reading
from tests.data.specimens.workbook import workbook


def magellan() -> bytes:
    rows: list[list[object]] = [["Well positions", "Label1", "Label2"], [None, "0s", "0s"]]
    for row in ROWS:
        for column in COLUMNS:
            place = f"{row}{column}"
            rows.append([place, *(float(reading(place, label) or "0.041") for label in ("450", "620"))])
    notes = [
        "Date of measurement: 2026-11-20/Time of measurement: 10:04:05",
        "elisa.mth",
        "C:\\elisa.mth",
        "PL-0042.wsp",
        "C:\\PL-0042.wsp",
        "450nm",
        "620nm",
        "Unknown user",
        "SUNRISE",
        "Instrument serial number: 1290",
    ]
    for number, wavelength in enumerate(("450", "620"), start=1):
        notes += [
            f"Measurement {number}:",
            "Measurement mode: Absorbance",
            f"Measurement wavelength: {wavelength} nm",
        ]
        notes += ["Number of flashes: 1", "Plate definition file: COS96ft.pdf", "Unit: OD"]
    notes += ["Meas. temperature: Label1: 24.8 °C", "Meas. temperature: Label2: 25.1 °C"]
    return workbook(
        "Magellan Sheet 1", [*rows, *([note] for note in [*notes, "Date: 2026-11-20, Time: 10:04:05"])]
    )
