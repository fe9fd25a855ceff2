"""Revvity Kaleido, as its versions 2 and 3 export a plate."""

from tests.data.specimens.plate import COLUMNS, ROWS, WELLS, grid

NUMBERED = f",{','.join(map(str, COLUMNS))}"
LABELS = ("450", "620")


def kaleido_2(clock: str = "2026-11-20T10:04:05.1234567-05:00") -> str:
    lines: list[str] = ["", ""]
    for number, label in enumerate(LABELS, start=1):
        lines += [
            f"Results for ABS {number}",
            "",
            "Barcode: PL-0042, PlateRepeat: 1, WellRepeat: 1",
            NUMBERED,
        ]
        lines += [*lettered(label), ""]
    lines += [
        "Analysis Result  ",
        "",
        "Measurement Basic Information",
        "Software version:,,Kaleido 2.0.3058.126",
        "",
    ]
    lines += [
        "Measurement Signature:,,0f2d6c11-7ce0-4b7e-8d13-2f1f3f4a1b09",
        f"Measurement Started:,,{clock}",
    ]
    lines += [f"Measurement Finished:,,{clock}", "Barcode:,,PL-0042", "Instrument Serial Number:,,1909001"]
    lines += ["Protocol Signature:,,5b1d2a64-0c34-47e8-9f3d-6f0f7c1d8a22", "", "Protocol Owner:,,ana"]
    lines += ["Protocol Name:,,IFN-gamma ELISA", "", "Number of plate repeats,,1", "", "Plate Type"]
    lines += [
        "Plate Type Name:,,96 General",
        "Number of rows:,,8",
        "Number of columns:,,12",
        "",
        "Optical index:,,1.58",
    ]
    lines += ["Platemap", "Plate", NUMBERED, *platemap(), "", "", "Operations:", "", "", "Measurements:", ""]
    for number, label in enumerate(LABELS, start=1):
        lines += [
            "Meas,,,,",
            f"Tech,,,,ABS {number}",
            "Exc. filter [nm],,,,",
            f"Excitation wavelength [nm],,,,{label}",
        ]
        lines += [
            "Measurement mode,,,,Single",
            "Measurement height [mm],,,,7.5",
            "Number of flashes,,,,100",
            "",
        ]
    lines += ["Analysis:", "", "Comments:", "TimeStamp,AuthenticationType,CreatorID,Type,Text,"]
    lines += [f'{clock},x,LAB\\ana,Notification,Measurement was started, barcode "PL-0042"', "", ""]
    return "\r\n".join([*lines, "Exported with Kaleido 2.0.3058.126 and xslt version 2.0.0"])


def kaleido_3(clock: str = "2026-11-20 10:04:05") -> str:
    lines = ["EnSight Results from", "Protocol Name,IFN-gamma ELISA", f"Measurement Date,{clock}", "", ""]
    for number, label in enumerate(LABELS, start=1):
        lines += [f"Result for Absorbance {number}"]
        lines += [
            "Barcode,Repeat,Loop no,Well scan x,Well scan y,Exc wl / filter,Ems wl,TRF Window,Analysis Parameter,"
        ]
        lines += ["PL-0042,1,,,,,,,,", "", f"{NUMBERED},", *(f"{row}," for row in lettered(label)), "", ""]
    lines += ["Measurement Information", f"Measurement Started,,{clock}", f"Measurement Finished,,{clock}"]
    lines += ["Measurement Signature,,0f2d6c11-7ce0-4b7e-8d13-2f1f3f4a1b09", "Barcode,,PL-0042", ""]
    lines += [
        "Instrument Information",
        "Instrument Serial Number,,1909001",
        "Software Version,,Kaleido 3.0.3067.117",
        "",
    ]
    lines += ["Protocol Information", "Protocol Name,,IFN-gamma ELISA"]
    lines += ["Protocol Signature,,5b1d2a64-0c34-47e8-9f3d-6f0f7c1d8a22", "Protocol Owner,,ana", ""]
    lines += [
        "Plate Type Information",
        "Plate Type Name,,96 General",
        "Number of Rows,,12",
        "Number of Columns,,8",
        "",
    ]
    lines += ["Platemap", f"{NUMBERED},", *(f"{row}," for row in platemap()), "", "", "Measurement Sequence"]
    lines += ["Absorbance 1", "Absorbance 2", "", "Details of Measurement Sequence", ""]
    for number, label in enumerate(LABELS, start=1):
        lines += [f"Operation,,,Absorbance {number}", "Measurement Mode,,,Single"]
        lines += [f"Excitation Wavelength [nm],,,{label}", "Number of Flashes,,,100", ""]
    lines += ["Post Processing Sequence", "", "EXPORT", "Export Format,,,CSV_PLATE", "", "Comments:"]
    lines += ["Time,Author,Analysis Result,Message", f"{clock},ana,,Measurement started.", ""]
    return "\r\n".join([*lines, "Exported with Kaleido 3.0.3067.117", "", "", ""])


def lettered(label: str) -> list[str]:
    return [f"{row},{','.join(cells)}" for row, cells in zip(ROWS, grid(label), strict=True)]


def platemap() -> list[str]:
    def mark(position: str) -> str:
        name = WELLS[position].layout_name
        return f"S{name[3:]}" if name.startswith("STD") else "B1" if name == "BLK" else "-"

    return [f"{row},{','.join(mark(f'{row}{column}') for column in COLUMNS)}" for row in ROWS]
