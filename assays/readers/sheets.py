"""Workbooks that hold what an instrument's program also exports as text: written out as that text, row by line.

Both readers take the text. The workbook itself is opened in one place alone, with suspicion.
"""

import csv
import io
from collections.abc import Mapping, Sequence

from assays.readers.cells import Cell
from assays.readers.matrix import is_head as is_head_of_matrix
from assays.readers.records import Format
from assays.readers.workbook import Grid, packed

HEAD = 80  # rows within which a sheet says what it is
FLAT = {
    "INSTRUMENT TYPE",
    "WELL LOCATION",
    "SAMPLE ID",
}  # columns of an INTELLIFLEX
SETUP, RESULTS, PRIMARY = "Sample Setup", "Results", "Primary_result"
PLUGIN = "Plugin Name and Version"
Rows = Sequence[Sequence[Cell]]


def text_export(sheets: Grid) -> tuple[Format, str] | None:
    """The format and the text; None of a workbook that holds none of these exports."""
    for rows in sheets.values():
        starts = [[cell.text for cell in row] for row in rows[:HEAD]]
        if any(row[:4] == ["Sample", "Assay", "Well", "Spot"] for row in starts[:5]):
            return Format.MSD_WORKBENCH, _separated(rows)
        if starts and {"Cedex ID", "Viable Cell Conc."} <= set(starts[0]):
            return Format.CEDEX_HIRES, _separated(rows)
        if starts and starts[0][:2] == ["Program", "xPONENT"]:
            return Format.XPONENT, _separated(rows)
        if starts and set(starts[0]) >= FLAT:
            return Format.INTELLIFLEX, _separated(rows)
        if any(is_head_of_matrix(row) for row in starts):
            return Format.MATRIX, _separated(rows)
    own = {name.strip("[] "): rows for name, rows in sheets.items()}
    facts, table = _parted(own.get(RESULTS, own.get(PRIMARY, ())))
    if table and "Instrument Type" in [row[0].text for row in facts if row]:
        return Format.QUANTSTUDIO, _sections(facts, table, _parted(own.get(SETUP, ()))[1])
    return None


def results_alone(facts: Mapping[str, str], table: Rows) -> bytes:
    """The results of Design & Analysis as a workbook of that one sheet: of any other the converter wants to know which
    kind of analysis it belongs to, as of the facts the plug-in that made it."""
    told = [fact for fact in facts.items() if fact[0] != PLUGIN]
    return packed({RESULTS: [*told, [], *([cell.text for cell in row] for row in table)]})


def is_flat(text: str) -> bool:
    return set(text.partition("\n")[0].replace('"', "").split(",")) >= FLAT


def _sections(facts: Rows, results: Rows, setup: Rows) -> str:
    """“* Name = value” above “[Results]”, whose rows keep their numbers; the set-up follows."""
    lines = [f"* {row[0].text} = {row[1].text if len(row) > 1 else ''}" for row in facts]
    lines += [f"[{RESULTS}]", _separated(_parted(results)[0], "\t"), ""]
    if setup:
        lines += [f"[{SETUP}]", _separated(_parted(setup)[0], "\t"), ""]
    return "\n".join([*lines, ""])


def _parted(rows: Rows) -> tuple[Rows, Rows]:
    """What stands above the first empty row, and below it."""
    at = next((at for at, row in enumerate(rows) if not any(cell.text for cell in row)), len(rows))
    return rows[:at], rows[at + 1 :]


def _separated(rows: Rows, separator: str = ",") -> str:
    """A sheet writes no cell for what is empty at the end of a row; a text does."""
    width = max((len(row) for row in rows), default=0)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    for row in rows:
        texts = [" ".join(cell.text.split()) for cell in row]
        writer.writerow(texts + [""] * (width - len(row)))
    return text.getvalue().rstrip("\n")
