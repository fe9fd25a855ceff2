"""Meso Scale Discovery Methodical Mind: four spots in each well, two of them visible."""

from tests.data.specimens.plate import COLUMNS, ROWS, WELLS, signal

BAR = "=" * 102
EMPTY = 52  # counts of a well that holds nothing
SECTIONS = {
    "Processing": ("Radius", "Spacing", "Center", "Sector", "CR Hits", "Center X", "Center Y", "Angle"),
    "Statistics": ("Sector", "Average", "CV (%)"),
    "Camera Status": ("Binning", "Sector", "Temp.Lock", "Temp.Val."),
    "Waveform/Current": ("Hold", "Ramp", "Max", "Min", "Sector", "Intg Crnt", "Peak Crnt", "Peak Vltg"),
}


def methodical_mind(
    clock: str = "11/20/2026\t10:04:05 EST", barcode: str = "PL0042", assays: str = "IFN-g,IL-2,,"
) -> str:
    facts = {"FileName": f"C:\\ECL Results\\{barcode}.txt", "Stack ID": "0.1", "Plate #": "1"}
    facts |= {"Barcode1": f"<*{barcode}*>", "Barcode2": "<>", "Barcode3": "<>", "Type": "96 Multi-Spot 4"}
    facts |= {"Wells Per Row": "12", "Wells Per Col": "8", "Spots Per Well": "4", "Det Param": "Standard"}
    facts |= {
        "Read Time": clock,
        "Version": "MMPR 1.0.38",
        "User": "ana",
        "Comments": "",
        "Serial #": "1201140625",
    }
    facts |= {"Model": "QuickPlex", "Orient": "Normal", "Assays": assays, "Visible Spots": "1,2"}
    facts |= {"Spot": "<1>   <2>", "Legend": "<>   <>"}
    lines = [f"{name:9}:\t{value}" for name, value in facts.items()]
    lines += ["", f"==========Data={BAR}", "  \t" + "\t".join(f"{column:<10}" for column in COLUMNS) + "\t"]
    for row in ROWS:
        wells = [WELLS[f"{row}{column}"] for column in COLUMNS]
        for spot in range(4):
            counts = [(signal(well) if well.layout_name else EMPTY) // (spot + 1) for well in wells]
            cells = [f"{count:>10}" if spot < 2 else " " * 10 for count in counts]
            lines.append("  \t".join([" " if spot else row, *cells]) + "\t")
        lines.append("")
    for title, names in SECTIONS.items():
        lines += [
            "",
            f"=========={title}{BAR}",
            *(f"{name:9}:" + "\t         1" * 6 + "\t" for name in names),
            "",
        ]
    return "\r\n".join([*lines, "", ""])
