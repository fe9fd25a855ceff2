"""A plate printed as it stands on the bench: a line of column numbers, below it a line for each lettered row."""

from collections.abc import Iterable, Mapping, Sequence

from assays.readers.cells import Cell
from assays.readers.plates import require_size
from assays.readers.positions import position_at, row_name
from assays.readers.records import UnableToRead
from assays.readers.text import as_number

MOST_READINGS = 6_144  # four of each of 1536 wells
Rows = Sequence[Sequence[Cell]]


def is_heading(row: Sequence[Cell]) -> bool:
    """Nothing, and then the columns from 1: 1 or 01."""
    return len(row) > 1 and not row[0].text and row[1].text in ("1", "01")


def read_grid(filename: str, rows: Rows) -> tuple[dict[str, Cell], tuple[int, int]]:
    """The cells by position, and rows and columns of the plate; the first of these rows is its heading."""
    heading, *lines = rows
    numbers = [cell.text for cell in _without_empty_end(heading)][1:]
    if [number.lstrip("0") for number in numbers] != [str(at) for at in range(1, len(numbers) + 1)]:
        raise UnableToRead(f"{filename}, line {heading[0].line}: the columns of a plate are numbered from 1.")
    for at, line in enumerate(lines):
        if line[0].text != row_name(at):
            raise UnableToRead(
                f"{filename}, line {line[0].line}: row {row_name(at)} of the plate is expected, here is "
                f"“{line[0].text}”. The file is cut off or was edited."
            )
    return _wells(filename, [line[1:] for line in lines], len(numbers))


def read_bare_grid(filename: str, rows: Rows, *, columns: int) -> tuple[dict[str, Cell], tuple[int, int]]:
    """The same without numbers and letters."""
    return _wells(filename, rows, columns)


def _wells(filename: str, rows: Rows, columns: int) -> tuple[dict[str, Cell], tuple[int, int]]:
    size = require_size(filename, len(rows), columns)
    wells: dict[str, Cell] = {}
    for at, row in enumerate(rows):
        if len(row) < columns or any(cell.text for cell in row[columns:]):
            line = f", line {row[0].line}" if row else ""
            raise UnableToRead(
                f"{filename}{line}: row {row_name(at)} has {len(_without_empty_end(row))} cells, {columns} are "
                "expected. The file is cut off or was edited."
            )
        wells |= {position_at(at, column): row[column] for column in range(columns)}
    return wells, size


def require_few(filename: str, readings: Mapping[str, Mapping[str, Cell]]) -> None:
    """The converter takes a second for a few hundred of them."""
    count = sum(len(cells) for cells in readings.values())
    if count > MOST_READINGS:
        raise UnableToRead(
            f"{filename} has {count:,} readings of one plate; at most {MOST_READINGS:,} are read. Export them in "
            "several files."
        )


def blocks_of(rows: Iterable[Sequence[Cell]], *, longest_gap: int) -> list[list[Sequence[Cell]]]:
    """Rows that stand together, parted by those of at most so many cells that hold nothing."""
    blocks: list[list[Sequence[Cell]]] = [[]]
    for row in rows:
        if len(row) > longest_gap or any(cell.text for cell in row):
            blocks[-1].append(row)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def numbers_alone(row: Sequence[Cell]) -> list[str]:
    """A line of a grid as a converter takes it: it would refuse the whole file for a cell that is no number."""
    letter, *cells = row
    return [letter.text, *(cell.text if as_number(cell.text) is not None else "" for cell in cells)]


def only_size(filename: str, sizes: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    if len(set(sizes.values())) != 1:
        told = "; ".join(f"{name}: {rows} × {columns}" for name, (rows, columns) in sizes.items())
        raise UnableToRead(f"{filename} holds grids of several sizes ({told}).")
    return next(iter(sizes.values()))


def _without_empty_end(row: Sequence[Cell]) -> Sequence[Cell]:
    end = len(row)
    while end and not row[end - 1].text:
        end -= 1
    return row[:end]
