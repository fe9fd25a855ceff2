"""Plates of the standard sizes, and how their wells are called: rows A to Z, then AA to AF, columns from 1."""

import re

PLATES = {6: (2, 3), 12: (3, 4), 24: (4, 6), 48: (6, 8), 96: (8, 12), 384: (16, 24), 1536: (32, 48)}
SIZES = tuple(PLATES.values())  # rows and columns, the smallest first
POSITION = re.compile(r"([A-Z]{1,2})0?([1-9]\d?)\Z", re.ASCII)


def row_name(row: int) -> str:
    """Of a row counted from 0."""
    return "A" * (row // 26) + chr(ord("A") + row % 26)


def position_at(row: int, column: int) -> str:
    """Both counted from 0."""
    return f"{row_name(row)}{column + 1}"


def place_of(position: str) -> tuple[int, int]:
    """Row and column of “A1” or “A01”, both counted from 0; ValueError if it names no well."""
    found = POSITION.match(position.strip().upper())
    if not found:
        raise ValueError(position)
    letters, column = found.groups()
    row = ord(letters[-1]) - ord("A") + 26 * (len(letters) - 1)
    if row_name(row) != letters:
        raise ValueError(position)
    return row, int(column) - 1
