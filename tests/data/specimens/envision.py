"""PerkinElmer EnVision Workstation."""

from tests.data.specimens.plate import COLUMNS, ROWS, WELLS, grid

HEAD = (
    "Plate,Repeat,Barcode,Measured height,Chamber temperature at start,Chamber temperature at end,Humidity at start,"
    "Humidity at end,Ambient temperature at start,Ambient temperature at end,Group,Label,ScanX,ScanY,Measinfo,Kinetics,"
    "Measurement date,"
)
NUMBERED = "," + "".join(f"{column:02d}," for column in COLUMNS)
OPTICS = "De=1st Ex=Btm Em=N/A Wdw=N/A (8)"


def envision(clock: str = "11/20/2026 10:04:05 AM", later: str = "11/20/2026 10:05:11 AM") -> str:
    lines = []
    for label, moment in (("450", clock), ("620", later)):
        lines += plate_information(label, moment)
        lines += [f"Results for ELISA A{label}(1) - channel 1 (A)", NUMBERED]
        lines += [f"{row},{','.join(cells)}," for row, cells in zip(ROWS, grid(label), strict=True)] + [""]
    lines += ["", "Basic assay information ", "Assay ID: ,,,,311", f"Assay Started: ,,,,{clock}"]
    lines += ["Assay Finished: ,,,,N/A", "Protocol ID: ,,,,100201", "Protocol Name: ,,,,IFN-gamma ELISA"]
    lines += ['Serial#: ,,,,="1050900"', "", "", "", *plate_type(), *platemap(), "Calculations:"]
    lines += ["No calculations.", "", "Labels:"]
    for number, label in enumerate(("450", "620"), start=1):
        lines += [f"ELISA A{label},,,,200001{number}", f"Exc. filter,,,,Photometric {label}"]
        lines += ["Measurement height,,,,6.5 mm", "Number of flashes,,,,100", "Reference AD gain,,,,1", ""]
    lines.append("Filters:")
    for number, label in enumerate(("450", "620"), start=131):
        lines += [f"Photometric {label},,,,{number}", "Filter type,,,,Excitation"]
        lines += [f"Description,,,,P{label} CWL={label}nm BW=8nm Tmin=50%", ""]
    lines += ["Instrument:", "Serial number,,,,1050900", "Nickname,,,,EnVision", "", "Normalization:", "", ""]
    return "\r\n".join([*lines, "Exported with EnVision Workstation version 1.14.3049.1193", ""])


def plate_information(label: str, moment: str) -> list[str]:
    told = (
        f'1,1,"=""PL-0042""",14.35,23.1,23.2,44.0,43.9,23.5,23.6,1,ELISA A{label}(1),0,0,{OPTICS},0,{moment},'
    )
    background = f"1,ELISA A{label},0,295000,100,00:00:00.000,{OPTICS},"
    return [
        "Plate information ",
        HEAD,
        told,
        "",
        "Background information",
        "Plate,Label,Result,Signal,Flashes/Time,Meastime,MeasInfo,",
        background,
        "",
    ]


def plate_type() -> list[str]:
    told = {"Name of the plate type": "96 General", "Number of rows": 8, "Number of columns": 12}
    told |= {"Number of the wells in the plate": 96, "Height of the plate": "14.35 mm"}
    return ["Plate type:", *(f"{name},,,,{value}" for name, value in told.items()), ""]


def platemap() -> list[str]:
    def mark(position: str) -> str:
        name = WELLS[position].layout_name
        return "STD" if name.startswith("STD") else "BL" if name == "BLK" else "- "

    rows = [f"{row},{','.join(mark(f'{row}{column}') for column in COLUMNS)}" for row in ROWS]
    return ["Platemap:", "Plate,,,,1", "Group,,,,1", "", NUMBERED, *rows, "", " - - Undefined", ""]
