"""Roche Cedex HiRes: as CSV, and as a workbook."""

from tests.data.specimens.workbook import workbook

HEAD = (
    "Cedex ID,System name,System description,Default system,Cedex ID (processed),System name (processed),"
    "System description (processed),Default system (processed),Workarea name,Reactor identifer,Sample identifer,"
    "Data set name,Comment,Dilution,Sample volume,Cell type name,Sample draw Time,Date finished,Username,Avg Diameter,"
    "Avg Area,Avg Perimeter,Avg Segm. Area,Avg Compactness,Viable Cell Count,Dead Cell Count,Total Object Count,"
    "Viability,Viable Cell Conc.,Dead Cell Conc.,Total Cell Conc.,Std Dev.,Total Cell Count,Aggregate Rate"
)
SYSTEM = "3700001,HIRES-1,bench 2,TRUE"
SHAPE = "9.1846,72.51,33.9,265.4,1.2107"
# Sample, data set, dilution, drawn, finished; and what was counted.
COUNTS = {
    ("TIL-0001-D22", "Original", "1", "9:58:41 AM", "11/20/2026 10:04:05 AM"): (
        "2788,262,3061,91.40983607,2350014.5,220836.25,2570850.75,98167.34723,3050,6.071428571"
    ),
    ("TIL-0002-D22", "Original", "0.5", "9:59:12 AM", "11/20/2026 10:09:52 AM"): (
        "2015,190,2214,91.38321995,3396851.5,320298.5,3717150,113811.25,2205,8.836589813"
    ),
    ("TIL-0002-D22", "Original2", "0.5", "9:59:12 AM", "11/24/2026 4:31:07 PM"): (
        "2001,204,2214,90.74829932,3373250.75,343899.25,3717150,113811.25,2205,8.836589813"
    ),
}


def lines() -> list[str]:
    return [
        f"{SYSTEM},{SYSTEM},standard,G-REX 3,{sample},{kind},,{dilution},300,Std. Size,11/20/2026 {drawn},{finished},"
        f"ana,{SHAPE},{counted}"
        for (sample, kind, dilution, drawn, finished), counted in COUNTS.items()
    ]


def cedex_hires() -> str:
    return "\r\n".join([HEAD, *lines(), ""])


def cedex_hires_workbook() -> bytes:
    """What is a number is one; the times are texts."""
    rows = [[_typed(cell) for cell in line.split(",")] for line in lines()]
    return workbook("Tabelle1", [[*HEAD.replace("identifer", "identifier").split(",")], *rows])


def _typed(cell: str) -> object:
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell
