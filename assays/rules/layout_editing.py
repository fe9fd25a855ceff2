"""What the layout editor asks: a table read, a dilution series filled in; the answer is plain JSON."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from assays.readers.positions import position_at

from .dilution_series import Series, fill_series
from .layout_tables import read_table
from .layouts import PARTS, Cell, Layout, UnableToLayOut, WellProblem, is_of_use, read_layout


def answer_to(asked: Mapping[str, str]) -> dict[str, Any]:
    """`wells` and `table`, and with `at` the first well of a series: `role` … `condition`, `factor`, `steps`,
    `direction`, `replicates`. The layout that comes of it, or what is wrong with which well."""
    try:
        layout = read_table(asked.get("table", ""), wells=_whole(asked, "wells"))
        if asked.get("at"):
            layout = fill_series(layout, at=asked["at"], series=_series(asked))
    except UnableToLayOut as refusal:
        problems = [{"well": problem.well, "sentence": problem.sentence} for problem in refusal.problems]
        return {"problems": problems}
    return layout.content | {"problems": []}


def _series(asked: Mapping[str, str]) -> Series:
    return Series(
        cell=_first(asked),
        factor=_number(asked, "factor"),
        steps=_whole(asked, "steps"),
        direction=asked.get("direction", ""),
        replicates=_whole(asked, "replicates"),
    )


def _first(asked: Mapping[str, str]) -> Cell:
    """The first well, checked as any other."""
    at = position_at(0, 0)
    try:
        layout = read_layout({"wells": 6, "cells": {at: {part: asked.get(part, "") for part in PARTS}}})
    except UnableToLayOut as refusal:
        raise UnableToLayOut(WellProblem(refusal.problems[0].sentence, asked["at"])) from None
    return _some(layout, at)


def _some(layout: Layout, at: str) -> Cell:
    if at not in layout.cells:
        raise UnableToLayOut(WellProblem("A series needs a role: standard, control, sample or blank."))
    return layout.cells[at]


def _whole(asked: Mapping[str, str], name: str) -> int:
    text = asked.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise UnableToLayOut(WellProblem(f"{name.capitalize()}: “{text}” is no whole number."))
    return int(text)


def _number(asked: Mapping[str, str], name: str) -> Decimal:
    text = asked.get(name, "").strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not is_of_use(number):
        raise UnableToLayOut(WellProblem(f"{name.capitalize()}: “{text}” is no number."))
    return number
