"""The table of a task: columns by role, from a CSV file or from rows, as texts until a task asks for numbers."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.kernel.reference.names import name_of
from assays.kernel.reference.settings import bad
from assays.kernel.status import Status, UnableToAnswer

Cell = str | list[str] | dict[str, str]
Row = Mapping[str, Cell]

LEFT_OUT_WHEN_MISSING = ("response", "value")
MOST_DIGITS = 400  # of a decimal before or after the point
MOST_COUNTED = 10**12
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_CSV_NAME = re.compile(r"[A-Za-z0-9_.-]+\.csv")


class Shape(Enum):
    """What stands under a role: one cell, a list of cells, or cells by name."""

    ONE = auto()
    MANY = auto()
    NAMED = auto()


@dataclass(frozen=True, slots=True)
class Role:
    shape: Shape = Shape.ONE
    required: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in table order. A missing cell is the empty text; a role that was not given is in no row."""

    rows: tuple[Row, ...]
    group: str | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, role: str) -> bool:
        return any(role in row for row in self.rows)

    def cells(self, role: str) -> list[Any]:
        """As given: texts, lists of texts or texts by name; empty where the role is not given."""
        return [row.get(role, "") for row in self.rows]

    def names(self, role: str) -> list[str]:
        """Names of the data; a missing one is refused."""
        names = [name_of(cell) for cell in self.cells(role)]
        if "" in names:
            raise UnableToAnswer(Status.BAD_INPUT, f"The {role} of row {names.index('') + 1} is missing.")
        return names

    def numbers(self, role: str) -> NDArray[np.float64]:
        """Finite numbers (rows,); a missing cell or a text is refused."""
        return np.array([number_of(cell, self._place(role, i)) for i, cell in enumerate(self.cells(role))])

    def wholes(self, role: str, *, least: int = 0, most: int = MOST_COUNTED) -> list[int]:
        """Whole numbers from `least` to `most`."""
        numbers = [decimal_of(cell, self._place(role, i)) for i, cell in enumerate(self.cells(role))]
        for i, value in enumerate(numbers):
            if not least <= value <= most or value != value.to_integral_value():
                raise bad(self._place(role, i), str(value), f"a whole number from {least} to {most}")
        return [int(value) for value in numbers]

    def decimals(self, role: str) -> list[Decimal]:
        """Exact decimals, as written."""
        return [decimal_of(cell, self._place(role, i)) for i, cell in enumerate(self.cells(role))]

    def select(self, keep: Callable[[Row], bool]) -> "Table":
        return Table(tuple(row for row in self.rows if keep(row)), self.group)

    @staticmethod
    def _place(role: str, index: int) -> str:
        return f"The {role} of row {index + 1}"


def number_of(cell: str, place: str) -> float:
    """The finite number a cell holds; `place` names the cell when it is refused."""
    if not _NUMBER.fullmatch(cell) or not isfinite(float(cell)):
        raise bad(place, cell, "a number")
    return float(cell)


def decimal_of(cell: str, place: str) -> Decimal:
    """The decimal a cell holds, digit for digit."""
    if not _NUMBER.fullmatch(cell):
        raise bad(place, cell, "a decimal number")
    value = Decimal(cell)
    if abs(value.adjusted()) > MOST_DIGITS or len(value.as_tuple().digits) > MOST_DIGITS:
        raise bad(place, cell, f"a decimal number of at most {MOST_DIGITS} digits")
    return value


def read_tables(given: Any, roles: Mapping[str, Role], data: Path) -> Iterator[Table]:
    """The table of a case, or one for each group of it, in order of first appearance."""
    if not isinstance(given, dict):
        raise bad("input", given, "an object")
    if "rows" in given:
        _refuse_others(given, {"rows"}, "input")
        ungrouped = ((row, None) for row in _rows_of(given["rows"], roles))
        yield Table(tuple(row for row, _ in _without_missing(ungrouped)))
        return
    _refuse_others(given, {"csv", "columns", "where", "group_by"}, "input")
    records = _where(_records(given.get("csv"), data), given.get("where"))
    columns = _columns(given.get("columns"), roles)
    rows = [{role: _take(record, column) for role, column in columns.items()} for record in records]
    groups = _group_names(records, given.get("group_by"))
    kept = _without_missing(zip(rows, groups, strict=True))
    for group in dict.fromkeys(name for _, name in kept):
        yield Table(tuple(row for row, name in kept if name == group), group)


def _without_missing(grouped: Iterable[tuple[Row, str | None]]) -> list[tuple[Row, str | None]]:
    kept = [
        (row, group)
        for row, group in grouped
        if not any(row.get(role) == "" for role in LEFT_OUT_WHEN_MISSING)
    ]
    if not kept:
        raise UnableToAnswer(Status.BAD_INPUT, "The table has no row with a value.")
    return kept


def _refuse_others(given: Mapping[str, Any], known: set[str], path: str) -> None:
    for key in given:
        if key not in known:
            raise UnableToAnswer(Status.UNSUPPORTED, f"{path}.{key} is not known.")


def _refuse_roles(given: Mapping[str, Any], roles: Mapping[str, Role], path: str) -> None:
    _refuse_others(given, set(roles), path)
    for name, role in roles.items():
        if role.required and name not in given:
            raise UnableToAnswer(Status.BAD_INPUT, f"{path} has no {name}.")


# --- rows


def _rows_of(rows: Any, roles: Mapping[str, Role]) -> tuple[Row, ...]:
    if not isinstance(rows, list) or not rows:
        raise bad("input.rows", rows, "a list of at least one row")
    found = []
    for index, row in enumerate(rows, start=1):
        path = f"input.rows[{index}]"
        if not isinstance(row, dict):
            raise bad(path, row, "an object")
        _refuse_roles(row, roles, path)
        found.append({role: _cell(value, roles[role].shape, f"{path}.{role}") for role, value in row.items()})
    return tuple(found)


def _cell(value: Any, shape: Shape, path: str) -> Cell:
    if shape is Shape.MANY:
        if not isinstance(value, list) or not value:
            raise bad(path, value, "a list of at least one")
        return [_text(item, path) for item in value]
    if shape is Shape.NAMED:
        if not isinstance(value, dict) or not value:
            raise bad(path, value, "an object of at least one")
        return _by_name({key: _text(item, path) for key, item in value.items()}, path)
    return _text(value, path)


def _text(value: Any, path: str) -> str:
    """The text of a cell; a number as its shortest decimal, so that it reads back to the same value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad(path, value, "a text or a number")
    return repr(value)


def _by_name(cells: Mapping[str, str], path: str) -> dict[str, str]:
    named = {name_of(key): cell for key, cell in cells.items()}
    if len(named) < len(cells) or "" in named:
        raise bad(path, list(cells), "names that differ")
    return named


# --- CSV


def _records(name: Any, data: Path) -> list[dict[str, str]]:
    """Each line below the header as column → trimmed cell; empty lines are none."""
    if not isinstance(name, str) or not _CSV_NAME.fullmatch(name):
        raise bad("input.csv", name, "the name of a CSV file")
    try:
        with (data / name).open(encoding="utf-8-sig", newline="") as file:
            lines = [[cell.strip() for cell in line] for line in csv.reader(file, strict=True)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnableToAnswer(Status.BAD_INPUT, f"{name} cannot be read: {type(error).__name__}.") from error
    lines = [line for line in lines if any(line)]
    if not lines:
        raise UnableToAnswer(Status.BAD_INPUT, f"{name} is empty.")
    header = lines[0]
    named = [column for column in header if column]
    if len(set(named)) < len(named):
        raise UnableToAnswer(Status.BAD_INPUT, f"{name} has a column twice.")
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            reason = f"Line {number} of {name} has {len(line)} cells; the header has {len(header)}."
            raise UnableToAnswer(Status.BAD_INPUT, reason)
    return [dict(zip(header, line, strict=True)) for line in lines[1:]]


def _columns(columns: Any, roles: Mapping[str, Role]) -> dict[str, Cell]:
    """Role → column name, list of column names or names by name, in the shape the role has."""
    if not isinstance(columns, dict):
        raise bad("input.columns", columns, "an object")
    _refuse_roles(columns, roles, "input.columns")
    return {role: _cell(value, roles[role].shape, f"input.columns.{role}") for role, value in columns.items()}


def _take(record: Mapping[str, str], column: Cell) -> Cell:
    if isinstance(column, list):
        return [_value(record, item) for item in column]
    if isinstance(column, dict):
        return {name: _value(record, item) for name, item in column.items()}
    return _value(record, column)


def _value(record: Mapping[str, str], column: str) -> str:
    if column not in record:
        raise UnableToAnswer(Status.BAD_INPUT, f"There is no column {column!r}.")
    return record[column]


def _where(records: list[dict[str, str]], where: Any) -> list[dict[str, str]]:
    if where is None:
        return records
    if not isinstance(where, dict):
        raise bad("input.where", where, "an object")
    for column, texts in where.items():
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise bad(f"input.where.{column}", texts, "a list of texts")
        records = [record for record in records if _value(record, column) in texts]
    return records


def _group_names(records: list[dict[str, str]], column: Any) -> list[str | None]:
    """The group of each record; None for all where the case asks for no groups."""
    if column is None:
        return [None] * len(records)
    if not isinstance(column, str):
        raise bad("input.group_by", column, "the name of a column")
    names = [name_of(_value(record, column)) for record in records]
    if "" in names:
        raise UnableToAnswer(Status.BAD_INPUT, f"A row has no {column}.")
    return list(names)
