"""CTL ImmunoSpot."""

from tests.data.specimens.plate import COLUMNS, ROWS


def immunospot() -> str:
    counts = [[f"{3 + 7 * row + 2 * column}" for column in COLUMNS] for row in range(8)]
    counts[0][11] = "TNTC"
    sizes = [[f"{0.0072 + row * 0.0004 + column * 0.0001:.4f}" for column in COLUMNS] for row in range(8)]
    lines = [
        "Software version: ImmunoSpot 7.0.30.5",
        "Counted: Fri Nov 20 10:04:05 2026; Authenticated user: 'LAB\\ana'",
        "Analyzer Serial number: S6UNIV-01-1234; Computer name: LAB-7",
        "C:\\Plates\\counted\\PL-0042.txt",
        "Counting window size: 1024x1024",
        "",
        "",
        "Assay:\t1",
        "Counting Mask Size(%): 100",
        "Sensitivity: 160",
        "",
        "-",
        "",
        "",
        "\t\t\tUnprocessed Data",
        "",
        "\tC.T.L.\t\t\tImmunoSpot  Plate Code = PL 0042",
    ]
    for title, table in (("", counts), ("\t\t\tMean spot sizes (Sq.mm)", sizes)):
        lines += [title] if title else []
        lines += ["      " + "     ".join(map(str, COLUMNS)), ""]
        lines += [f"{row}  {'  '.join(cells)}" for row, cells in zip(ROWS, table, strict=True)]
        lines += [] if title else ["TNTC: Too numerous to count"]
        lines.append("")
    return "\r\n".join([*lines, ""])
