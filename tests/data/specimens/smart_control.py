"""BMG LABTECH SMART Control: one column for each well that holds something, fluorescence in place of absorbance."""

from tests.data.specimens.plate import COLUMNS, ROWS, WELLS, signal, used
from tests.data.specimens.workbook import workbook_of

LIGHT = ("485-12", "530-30")


def smart_control(date: str = "11/20/2026", time: str = "10:04:05 AM") -> bytes:
    protocol: list[list[object]] = [
        [text]
        for text in (
            "User: ANA",
            "Path: C:\\Program Files (x86)\\BMG\\CLARIOstar\\User\\Data",
            "Test ID: 12",
            "Test Name: IFN-gamma fluorescence",
            f"Date: {date}",
            f"Time: {time}",
            "ID1: ELISA 2026-311",
            "ID2: ",
            "ID3: PL-0042",
            "Fluorescence (FI)",
        )
    ]
    settings: dict[str, object] = {
        " Basic settings ": None,
        "Measurement type:": "Fluorescence (FI)",
        "Microplate name:": "NUNC 96",
    }
    settings |= {" Endpoint settings ": None, "No. of flashes per well:": 20, " Optic settings ": None}
    settings |= {"Presetname:": "Fluorescein (FITC)", "Excitation:": LIGHT[0], "Dichroic filter:": "auto 504"}
    settings |= {
        "Emission:": LIGHT[1],
        "Focal height  [mm]:": 5.9,
        " General settings ": None,
        "Top optic used": None,
    }
    protocol += [[name, value] for name, value in settings.items()]
    return workbook_of(
        {"Protocol Information": protocol, "Table End point": table(), "Microplate End point": on_plate()}
    )


def table() -> list[list[object]]:
    wells = used()
    light = "/".join(LIGHT)
    return [
        ["User: ANA", "Test Name: IFN-gamma fluorescence"],
        [],
        ["Well", *(f"{well.row}{well.column:02d}" for well in wells)],
        ["Content", *(content(well.group) for well in wells)],
        [
            "Standard Concentrations [ng/mL]",
            *(
                float(well.nominal_concentration) / 1000 if well.group.startswith(("STD", "CTL")) else None  # type: ignore[arg-type]
                for well in wells
            ),
        ],
        ["Dilutions", *(float(well.dilution_factor) if well.dilution_factor else 1 for well in wells)],  # type: ignore[arg-type]
        [f" Raw Data ({light})", *(signal(well) for well in wells)],
        [f" Blank corrected based on Raw Data ({light})", *(signal(well) - 2000 for well in wells)],
    ]


def content(group: str) -> str:
    """As the program names them: S1, B, P1; X1, X2, … is what is unknown, whether it was stimulated or not."""
    if group == "BLK":
        return "Blank B"
    kind, number = group[:3], int(group[3:])
    unknown = 2 * number - (kind == "SPL")
    return {"STD": f"Standard S{number}", "CTL": f"Positive control P{number}"}.get(
        kind, f"Sample X{unknown}"
    )


def on_plate() -> list[list[object]]:
    rows: list[list[object]] = [[], ["", *COLUMNS]]
    for row in ROWS:
        wells = [WELLS[f"{row}{column}"] for column in COLUMNS]
        rows.append([row, *(signal(well) if well.layout_name else None for well in wells)])
    rows[0] = [f"Raw Data ({'/'.join(LIGHT)})", *[None] * 13, "Used correction value(s):"]
    rows[2] = [*rows[2], None, "Blank    2000"]
    return rows
