"""BMG LABTECH MARS."""

from tests.data.specimens.plate import COLUMNS, ROWS, grid


def bmg_mars() -> str:
    head = [
        "User: ANA,Path: C:\\Program Files (x86)\\BMG\\CLARIOstar\\User\\Data,Test run no.: 7",
        "Test name: IFN-gamma ELISA,Date: 11/20/2026,Time: 10:04:05 AM",
        "",
        "ID1: PL-0042,",
        "Absorbance",
        "",
    ]
    for label in ("450", "620"):
        head += [f"Raw Data  ({label})", "", f",{','.join(map(str, COLUMNS))},"]
        head += [f"{row},{','.join(cells)}" for row, cells in zip(ROWS, grid(label), strict=True)] + [""]
    return "\r\n".join([*head, ""])
