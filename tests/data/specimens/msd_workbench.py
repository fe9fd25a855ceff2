"""Meso Scale Discovery Workbench."""

from tests.data.specimens.plate import SOURCE, signal, used


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
