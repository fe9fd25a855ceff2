"""Roche Cedex Bio HT: of software 7, and of software 5, which has other columns."""

TITLE = (
    "0\t2026-11-20 11:02:10\t#ARC-FILE#\t1.1a\t2026-11-20\t2026-11-20\tCEDEX BIO HT\t600001\t{version}\tana"
)
# Time, sample, test, dilution, unit, flag, value, signal.
RESULTS = (
    ("09:52:11", "TIL-0001-D22", "GLC3B", "", "g/L", " ", "0.78", "0.13026"),
    ("09:52:32", "TIL-0001-D22", "LAC2B", "", "mg/L", " ", "2104.60", "0.79162"),
    ("09:52:53", "TIL-0001-D22", "GLN2B", "", "mmol/L", " ", "0.561", "0.03915"),
    ("09:53:14", "TIL-0001-D22", "LDH2B", "", "U/L", "< TEST RNG", "< 20.00", "0.00060"),
    ("09:53:24", "TIL-0001-D22", "LDH2D", "", "U/L", " ", "31.25", "0.00121"),
    ("09:53:35", "TIL-0001-D22", "ASNLB", "", "g/L", "> TEST RNG", "> 0.264", "0.16674"),
    ("09:53:56", "TIL-0001-D22", "IGGHD", "", "g/L", " ", "3.933", "0.06548"),
    ("09:58:20", "TIL-0001-D22", "IGGHD", "1/5", "g/L", "v", "4.105", "0.02527"),
    ("10:01:02", "TIL-0002-D22", "GLC3B", "", "g/L", "v", "0.79", "0.13187"),
    ("10:01:23", "TIL-0002-D22", "OSM2B", "", "mosm/kg", " ", "301", "0.40211"),
    ("10:01:44", "TIL-0002-D22", "NH3B", "", "mmol/L", " ", "ERROR", "0.00000"),
    ("10:04:05", "TIL-0002-D22", "ODB", "", "mAbs", " ", "0.412", "0.41200"),
)


def cedex_bioht() -> str:
    title = TITLE.format(version="7.0.0.2410 (2410)") + "\t" * 16
    empty = " " * 8
    lines = [
        f"40\t2026-11-20 {time}\t{sample}\t\tSAM\t{empty}\t{test}\t{dilution:8}\t"
        f"{unit}\t{flag}\t  {value}\t  {signal}\tR" + "\t" * 13
        for time, sample, test, dilution, unit, flag, value, signal in RESULTS
    ]
    return "\r\n".join([title, *lines, ""])


def cedex_bioht_of_software_5() -> str:
    """Of the results without a dilution, which it does not know."""
    lines = [
        f"40\t2026-11-20 {time}\t{test}\t\t\t{sample}\tSAM\t{unit}\t{flag}\t  {value}\t  {signal}\tR"
        for time, sample, test, dilution, unit, flag, value, signal in RESULTS
        if not dilution
    ]
    return "\r\n".join([TITLE.format(version="5.0.0.1206 (1206.0)"), *lines, ""])
