"""Beckman Coulter Vi-CELL XR: the text of one sample, and a workbook of several."""

from tests.data.specimens.workbook import workbook

PROGRAM = "Vi-CELL XR 2.06.3"
IMAGES = (412, 398, 405, 420, 401, 389, 411, 407, 395, 402)  # cells in each; 4040 together
VIABLE = (377, 364, 370, 384, 366, 356, 376, 372, 361, 367)  # 3693


def vi_cell_xr() -> str:
    lines = [
        PROGRAM,
        "",
        "Sample ID : TIL-0001-D22",
        "File name : TIL-0001-D22.txt",
        "Time :",
        "LogDate : 20 Nov 2026 10:03:27 AM",
        "RunDate : 20 Nov 2026 10:04:05 AM",
        "FileDate : 20 Nov 2026 10:06:11 AM",
        "Unit S/N : AX000001",
        "User :",
        "Analysis version : 2.42",
        "",
        "Results:",
        "Images : 10",
        "Saved images : 10",
        f"Total cells : {sum(IMAGES)}",
        f"Viable cells : {sum(VIABLE)}",
        f"Nonviable cells : {sum(IMAGES) - sum(VIABLE)}",
        "Viability (%) : 91.4",
        "Total cells / ml (x 10^6) : 2.57",
        "Total viable cells / ml (x 10^6) : 2.35",
        "Average diameter (microns) : 9.1",
        "Average circularity : 0.861",
        "",
        "Settings:",
        "Cell type : TIL",
        "Minimum diameter (microns) : 6.00",
        "Maximum diameter (microns) : 30.0",
        "Frames : 10",
        "Dilution : 1.00",
        "Decluster degree : 8",
        "Comment :",
        "",
        f"CountData : {','.join(str(count) for count in IMAGES)}",
        f"ViableCellsData : {','.join(str(count) for count in VIABLE)}",
        "ImageDirectory : ..\\..\\images\\TIL-0001-D22\\",
        "ImageBaseName : TIL-0001-D22",
        "",
    ]
    return "\r\n".join(lines)


def vi_cell_xr_workbook() -> bytes:
    """Two lines are the head of one table; the first row below it says nothing of a sample."""
    above = "Sample|Sample|Total|Viable|Viability|Total cells|Viable cells|Avg. diam.|Avg.|Cell|Dilution"
    below = "ID|date/time|cells|cells|(%)|/ml (x10^6)|/ml (x10^6)|(microns)|circ.|type|factor"
    rows: list[list[object]] = [
        [PROGRAM],
        ["C:\\ViCELLXR\\Data\\November.xls"],
        ["Serial: AX000001"],
        [None],
        [*above.split("|")],
        [*below.split("|")],
        [None, "No date", None, None, None, None, None, None, None, None, "none"],
        ["TIL-0001-D11", "09 Nov 2026  09:10:31 AM", 1906, 1741, 91.3, 0.679, 0.62, 8.9, 0.88, "TIL", 1],
        ["TIL-0001-D22", "20 Nov 2026  10:04:05 AM", 4040, 3693, 91.4, 2.57, 2.35, 9.1, 0.86, "TIL", 1],
        ["TIL-0002-D22", "20 Nov 2026  02:15:40 PM", 3210, 2841, 88.5, 18.4, 16.3, 9.0, 0.87, "TIL", 10],
    ]
    return workbook("Sheet1", rows)
