"""Files of separated cells: every line as stripped cells that know where they stand."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from assays.readers.cells import Cell
from assays.readers.records import UnableToRead

MOST_CELLS = 2_000  # in a line; fifty analytes with twenty columns each have a thousand


def rows_of(filename: str, text: str, *, separator: str = ",") -> Iterator[list[Cell]]:
    """Raises UnableToRead, with the line, for what is no line of such a file."""
    reader = csv.reader(text.split("\n"), delimiter=separator, strict=True)
    line = 0  # where the last line ended: a quotation mark that is never closed stands on the next
    try:
        for fields in reader:
            line = reader.line_num
            if len(fields) > MOST_CELLS:
                raise UnableToRead(f"{filename}, line {line}: {len(fields)} cells in one line.")
            yield [Cell(field.strip(), line) for field in fields]
    except csv.Error as error:
        raise UnableToRead(f"{filename}, line {line + 1}: not a line of such a file ({error}).") from error


def table_below(
    filename: str, head: Sequence[Cell], rows: Iterable[Sequence[Cell]], *, needed: Sequence[str]
) -> Iterator[dict[str, Cell]]:
    """Each row by the names of the head. A row is as long as the head, but for cells that hold nothing."""
    names = [cell.text for cell in head]
    line = head[0].line if head else 1
    for name in needed:
        if names.count(name) != 1:
            found = "missing" if name not in names else "there twice"
            raise UnableToRead(f"{filename}, line {line}: the column “{name}” is {found}.")
    for row in rows:
        if not any(cell.text for cell in row):
            continue
        if len(row) < len(_trimmed(names)) or any(cell.text for cell in row[len(names) :]):
            raise UnableToRead(
                f"{filename}, line {row[0].line}: {len(row)} cells where the head has {len(_trimmed(names))}; "
                "the file is cut off or was edited."
            )
        yield {name: cell for name, cell in zip(names, row, strict=False) if name}


def _trimmed(names: Sequence[str]) -> Sequence[str]:
    end = len(names)
    while end and not names[end - 1]:
        end -= 1
    return names[:end]
