"""Meso Scale Discovery Workbench."""

from tests.data.specimens.plate import SOURCE, signal, used
from tests.data.specimens.workbook import workbook


def msd_workbook() -> bytes:
    rows = [line.split(",") for line in msd_workbench().split("\r\n") if line]
    return workbook("Workbench data", [[number(text) for text in row] for row in rows])


def number(text: str) -> object:
    """As a sheet keeps it."""
    try:
        return None if not text or text == "NaN" else float(text)
    except ValueError:
        return text


def msd_workbench() -> str:
    head = "Sample,Assay,Well,Spot,Dilution,Concentration,Signal,Adjusted Signal,Calc. Concentration"
    lines = ["Plate_PL0042,,,,,,,,", head]
    for well in used():
        standard = well.group.startswith("STD")
        name = f"S{int(well.group[3:]):03d}" if standard else "B001" if well.group == "BLK" else well.group
        dilution = f"{well.dilution_factor}" if well.group.startswith(("SPL", "UNS")) else ""
        place = f"{well.row}{well.column:02d}"
        for spot, (assay, factor) in enumerate((("IFN-γ", 1), ("IL-2", 2)), start=1):
            known = isinstance(well.nominal_concentration, type(SOURCE.wells[0].readings["450"]))
            nominal = f"{well.nominal_concentration * factor:f}" if known else ""  # type: ignore[operator]
            counts = signal(well) // factor
            lines.append(f"{name},{assay},{place},{spot},{dilution},{nominal},{counts},{counts},NaN")
    return "\r\n".join([*lines, ""])
