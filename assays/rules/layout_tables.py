"""Layouts as people keep them in a spreadsheet: one row per well, or the plate as a grid. Both as CSV."""

import csv
import io
from collections.abc import Iterable

from assays.readers.positions import PLATES, place_of, position_at, row_name

from .layouts import PARTS, Layout, UnableToLayOut, WellProblem, read_layout, texts_of

HEADER = ("well", *PARTS)
LARGEST_TEXT = 200_000


def as_list(layout: Layout) -> str:
    """well,role,name,nominal,dilution,condition — a row for each well that holds something."""
    rows = [(position, *texts_of(cell).values()) for position, cell in layout.cells.items()]
    return _written([HEADER, *rows])


def as_grid(layout: Layout) -> str:
    """The plate as it lies; in each well “standard STD1 =1000” or “sample SPL1 /20 stimulated”."""
    rows, columns = layout.size
    written: list[list[str]] = [["", *(str(column + 1) for column in range(columns))]]
    for row in range(rows):
        cells = [layout.cells.get(position_at(row, column)) for column in range(columns)]
        written.append([row_name(row), *(_short(texts_of(cell)) if cell else "" for cell in cells)])
    return _written(written)


def read_table(text: str, *, wells: int) -> Layout:
    """Either of both, separated by commas, semicolons or tabs. Raises UnableToLayOut."""
    if len(text) > LARGEST_TEXT:
        raise UnableToLayOut(
            WellProblem(f"The table has {len(text):,} letters; at most {LARGEST_TEXT:,} are read.")
        )
    if wells not in PLATES:
        return read_layout({"wells": wells, "cells": {}})
    rows = [[part.strip() for part in row] for row in _rows(text) if any(part.strip() for part in row)]
    if not rows:
        return Layout(wells)
    head = [part.lower() for part in rows[0]]
    cells = _listed(head, rows[1:]) if "well" in head else _gridded(rows)
    return read_layout({"wells": wells, "cells": cells})


def _rows(text: str) -> list[list[str]]:
    text = text.removeprefix("\ufeff")
    first = text.strip("\r\n").partition("\n")[0]
    separator = max("\t;,", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise UnableToLayOut(WellProblem(f"The table cannot be read: {error}.")) from None


def _listed(head: list[str], rows: list[list[str]]) -> dict[str, dict[str, str]]:
    if unknown := [name for name in head if name not in HEADER]:
        allowed = ", ".join(HEADER)
        raise UnableToLayOut(WellProblem(f"The column “{unknown[0]}” is not known; allowed: {allowed}."))
    if twice := [name for name in head if head.count(name) > 1]:
        raise UnableToLayOut(WellProblem(f"The column “{twice[0]}” is there twice."))
    cells: dict[str, dict[str, str]] = {}
    problems: list[WellProblem] = []
    for row in rows:
        given = dict(zip(head, row, strict=False))
        position = _canonical(given.pop("well", ""))
        if len(row) > len(head):
            problems.append(WellProblem(f"The row has {len(row)} parts, the head {len(head)}.", position))
        elif position in cells:
            problems.append(WellProblem("The well is given twice.", position))
        cells[position] = given
    if problems:
        raise UnableToLayOut(*problems)
    return cells


def _canonical(position: str) -> str:
    """A01 is A1; what names no well stays as it was typed, to be refused by that."""
    try:
        return position_at(*place_of(position))
    except ValueError:
        return position


def _gridded(rows: list[list[str]]) -> dict[str, dict[str, str]]:
    columns = rows[0][1:]
    if rows[0][0] or columns != [str(number + 1) for number in range(len(columns))]:
        raise UnableToLayOut(
            WellProblem(
                "The first row is neither “well,role,name,nominal,dilution,condition” nor the columns of a "
                "grid “,1,2,3 …”."
            )
        )
    cells: dict[str, dict[str, str]] = {}
    problems: list[WellProblem] = []
    for row in rows[1:]:
        for column, text in enumerate(row[1:], start=1):
            position = f"{row[0].upper()}{column}"
            if not text:
                continue
            if position in cells:
                problems.append(WellProblem("The well is given twice.", position))
            try:
                cells[position] = _long(text)
            except ValueError as refusal:
                problems.append(WellProblem(str(refusal), position))
    if problems:
        raise UnableToLayOut(*problems)
    return cells


def _short(texts: dict[str, str]) -> str:
    parts = [texts["role"], texts["name"]]
    parts += [f"={texts['nominal']}"] if texts["nominal"] else []
    parts += [f"/{texts['dilution']}"] if texts["dilution"] != "1" else []
    return " ".join([*parts, *filter(None, [texts["condition"]])])


def _long(text: str) -> dict[str, str]:
    role, *rest = text.split()
    cell = {"role": role}
    for word in rest:
        part = {"=": "nominal", "/": "dilution"}.get(word[0]) or ("condition" if "name" in cell else "name")
        if part in cell:
            raise ValueError(f"“{text}” gives the {part} twice.")
        cell[part] = word.lstrip("=/")
    return cell


def _written(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
