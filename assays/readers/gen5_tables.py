"""Gen5's text export as plate-shaped tables of raw cells, each with the line it stands on.

An export is a header, the procedure, the layout and the results. Layout and results are tables of plate
shape whose rows carry a label at their end; one plate row may have several lines, one per label.
"""

import re
from dataclasses import dataclass

from assays.readers.cells import Cell
from assays.readers.positions import SIZES, row_name
from assays.readers.records import UnableToRead

ROWS_BY_COLUMNS = {columns: rows for rows, columns in SIZES}
LAYOUT_LABELS = ("Well ID", "Name", "Conc/Dil")
HEADER = re.compile(r"\t1(\t\d+)+\t*")


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of one label, by well position."""

    label: str
    cells: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Export:
    """One plate as exported. `header` has the lines before the procedure, by their first word(s)."""

    header: dict[str, Cell]
    procedure: tuple[str, ...]
    layout: dict[str, Table]
    results: dict[str, Table]
    rows: tuple[str, ...]
    columns: int

    def positions(self) -> tuple[tuple[str, str, int], ...]:
        """Every well as (position, row, column), in reading order."""
        return tuple(
            (f"{row}{column}", row, column) for row in self.rows for column in range(1, self.columns + 1)
        )


def scan(filename: str, text: str) -> Export:
    """Raises UnableToRead, naming the line, for an export that is not one whole plate."""
    lines = text.split("\n")
    procedure_at = _require_one_plate(filename, lines)
    layout: dict[str, Table] = {}
    results: dict[str, Table] = {}
    sizes: set[int] = set()
    for at, line in enumerate(lines):
        if HEADER.fullmatch(line):
            columns = _columns(filename, line, at + 1)
            sizes.add(columns)
            for table in _tables(filename, lines, at + 1, columns):
                own = layout if table.label in LAYOUT_LABELS else results
                if table.label in own:
                    raise UnableToRead(
                        f"{filename}, line {at + 1}: a second table “{table.label}” of the same plate begins."
                    )
                own[table.label] = table
    if not results:
        raise UnableToRead(
            f"{filename} has no results: after “Procedure Details” (line {procedure_at + 1}) no table of "
            f"wells follows up to its end (line {len(lines)}). Export the plate with its Results matrix."
        )
    if len(sizes) > 1:
        raise UnableToRead(f"{filename} mixes tables of {' and '.join(map(str, sorted(sizes)))} columns.")
    columns = sizes.pop()
    return Export(
        header=_header(lines[:procedure_at]),
        procedure=tuple(_section(lines, procedure_at)),
        layout=layout,
        results=results,
        rows=_row_names(columns),
        columns=columns,
    )


def _require_one_plate(filename: str, lines: list[str]) -> int:
    """Index of the line “Procedure Details” of the only plate."""
    for mark in ("Software Version\t", "Plate Number\t"):
        found = [at + 1 for at, line in enumerate(lines) if line.startswith(mark)]
        if len(found) > 1:
            raise UnableToRead(
                f"{filename}: line {found[0]} and line {found[1]} each begin a plate “{mark.strip()}”; "
                "export one plate per file."
            )
    for at, line in enumerate(lines):
        if line.strip() == "Procedure Details":
            return at
    raise UnableToRead(f"{filename} is a Gen5 export without the line “Procedure Details”.")


def _header(lines: list[str]) -> dict[str, Cell]:
    """“Date<tab>10/10/2022” → {"Date": …}; colons at the end of a name are left out."""
    header: dict[str, Cell] = {}
    for at, line in enumerate(lines):
        name, tab, value = line.partition("\t")
        if tab and name.strip():
            header[name.strip().rstrip(":")] = Cell(value.strip(), at + 1)
    return header


def _section(lines: list[str], at: int) -> list[str]:
    """The lines below a title and one blank line, up to the next blank line."""
    body = lines[at + 1 :]
    while body and not body[0].strip():
        body = body[1:]
    end = next((index for index, line in enumerate(body) if not line.strip()), len(body))
    return body[:end]


def _columns(filename: str, line: str, number: int) -> int:
    names = line.strip("\t").split("\t")
    if names != [str(column) for column in range(1, len(names) + 1)] or len(names) not in ROWS_BY_COLUMNS:
        raise UnableToRead(
            f"{filename}, line {number}: the columns of a plate are numbered 1 to "
            f"{', '.join(map(str, ROWS_BY_COLUMNS))}; here they are {' '.join(names[:50])}."
        )
    return len(names)


def _tables(filename: str, lines: list[str], start: int, columns: int) -> list[Table]:
    """The tables below the header line that ends at index `start` − 1, split by label."""
    cells: dict[str, dict[str, Cell]] = {}
    row = ""
    expected = _row_names(columns)
    for at in range(start, len(lines)):
        if not lines[at].strip():
            break
        number, fields = at + 1, lines[at].split("\t")
        row = fields[0].strip() or row
        if row not in expected:
            raise UnableToRead(
                f"{filename}, line {number}: “{row[:20]}” is no row of a plate with {columns} columns "
                f"({expected[0]} to {expected[-1]})."
            )
        if len(fields) < columns + 2:
            raise UnableToRead(
                f"{filename}, line {number}: row {row} has {len(fields) - 1} cells; {columns} wells and the "
                "label are expected. The file is cut off or was edited."
            )
        label = fields[columns + 1].strip()
        own = cells.setdefault(label, {})
        if f"{row}1" in own:
            raise UnableToRead(
                f"{filename}, line {number}: row {row} of “{label}” is there twice "
                f"(first on line {own[f'{row}1'].line})."
            )
        own |= {f"{row}{column}": Cell(fields[column].strip(), number) for column in range(1, columns + 1)}
    for label, own in cells.items():
        _require_all_rows(filename, label, own, expected)
    return [Table(label, own) for label, own in cells.items()]


def _require_all_rows(filename: str, label: str, cells: dict[str, Cell], expected: tuple[str, ...]) -> None:
    missing = [row for row in expected if f"{row}1" not in cells]
    if missing:
        last_line = max(cell.line for cell in cells.values())
        raise UnableToRead(
            f"{filename}: the table “{label}” ends on line {last_line} without row {missing[0]}; a plate of "
            f"this width has rows {expected[0]} to {expected[-1]}. The file is cut off."
        )


def _row_names(columns: int) -> tuple[str, ...]:
    return tuple(map(row_name, range(ROWS_BY_COLUMNS[columns])))
