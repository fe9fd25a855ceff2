"""Thermo SkanIt."""

from tests.data.specimens.plate import COLUMNS, ROWS, WELLS, reading
from tests.data.specimens.workbook import workbook_of

CLOCK = "11/20/2026 10:04:05 AM"


def grid(unit: str, cells: dict[str, object]) -> list[list[object]]:
    return [
        [unit, *COLUMNS],
        *([row, *(cells.get(f"{row}{column}") for column in COLUMNS)] for row in ROWS),
        [],
    ]


def measured(plate: str) -> list[list[object]]:
    """One plate at both wavelengths, with its samples below."""
    rows: list[list[object]] = [[plate], []]
    for nanometres in ("450", "620"):
        cells: dict[str, object] = {
            at: float(reading(at, nanometres)) for at, well in WELLS.items() if well.layout_name
        }
        rows += [[f"Wavelength: {nanometres} nm"], [], *grid("Abs", cells)]
    return [*rows, *grid("Sample", {at: well.group for at, well in WELLS.items()})]


def skanit(*plates: str) -> bytes:
    """Facts stand in the second column and their values in the fifth."""

    def about(title: str, **facts: str) -> list[list[object]]:
        told = [[None, name.replace("_", " "), None, None, value] for name, value in facts.items()]
        return [[title], [], *told]

    sheets: dict[str, list[list[object]]] = {
        "Session information": about(
            "Session information",
            Session_name="ELISA.skax",
            Executed_with="Varioskan LUX",
            Execution_time=CLOCK,
            Session_notes="two wavelengths",
        ),
        "Instrument information": about(
            "Instrument information", Name="Varioskan LUX", ESW_version="1.00.38", Serial_number="3020-0042"
        ),
        "General information": about(
            "General information",
            Report_generated_with_SW_version="SkanIt Software 7.0 RE for Microplate Readers RE, ver. 7.0.0.50",
        ),
        "Layout definitions": [["Layout definitions"]],
        "Absorbance 1_01": [["Measurement results"], ["ELISA.skax"], [CLOCK], [], ["Absorbance 1"], []],
        "Blank subtraction 1_01": [["Blank subtraction 1"]],
    }
    for plate in plates or ("Plate 1",):
        sheets["Absorbance 1_01"] += measured(plate)
    return workbook_of(sheets)
