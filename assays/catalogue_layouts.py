"""How the plates of the shipped methods are laid out: groups of replicates side by side, down the rows, then on to the
right. A plate with fewer samples leaves their wells empty."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from .readers.positions import PLATES, position_at

WELLS = 96
Held = dict[str, str]


def elisa() -> dict[str, Any]:
    """Standards from 1000 pg/mL down and a blank, two controls, nine samples at 1 : 10 and 1 : 40, unstimulated
    undiluted and 1 : 2."""
    samples = (
        {"role": "sample", "name": f"{kind}{number}", "dilution": dilution, "condition": condition}
        for number in range(1, 10)
        for kind, condition, dilutions in (
            ("SPL", "stimulated", ("10", "40")),
            ("UNS", "unstimulated", ("1", "2")),
        )
        for dilution in dilutions
    )
    return _side_by_side([*_standards("1000", by=2), BLANK, *_controls("400", "50"), *samples], replicates=2)


def panel() -> dict[str, Any]:
    """Standards from 10 000 pg/mL down by 4 and a blank, a control with room for others below it, then sixteen
    samples undiluted in each condition."""
    samples = (
        {"role": "sample", "name": f"{kind}{number}", "condition": condition}
        for number in range(1, 17)
        for kind, condition in (("SPL", "stimulated"), ("UNS", "unstimulated"))
    )
    controls = [*_controls("500"), *[NOTHING] * 7]
    return _side_by_side([*_standards("10000", by=4), BLANK, *controls, *samples], replicates=2)


def cytotoxicity() -> dict[str, Any]:
    """Targets alone, their maximum, then ten samples at the highest ratio and two twofold steps below it."""
    samples = (
        {"role": "sample", "name": f"SPL{number}", "dilution": dilution}
        for number in range(1, 11)
        for dilution in ("1", "2", "4")
    )
    alone = ({"role": "control", "name": name} for name in ("CTL1", "CTL2"))
    return _side_by_side([*alone, *samples], replicates=3)


def three_series() -> dict[str, Any]:
    """The reference in columns 1 to 3, three samples beside it, each in eight twofold steps from row A down."""
    samples = (
        {"role": "sample", "name": f"SPL{number}", "dilution": str(2**step)}
        for number in range(1, 4)
        for step in range(8)
    )
    return _side_by_side([*_standards("100", by=2, levels=8), *samples], replicates=3)


BLANK: Held = {"role": "blank", "name": "BLK"}
NOTHING: Held = {}


def _standards(highest: str, *, by: int, levels: int = 7) -> Iterator[Held]:
    for step in range(levels):
        nominal = Decimal(highest) / by**step
        yield {"role": "standard", "name": f"STD{step + 1}", "nominal": f"{nominal.normalize():f}"}


def _controls(*nominals: str) -> Iterator[Held]:
    for number, nominal in enumerate(nominals, start=1):
        yield {"role": "control", "name": f"CTL{number}", "nominal": nominal}


def _side_by_side(groups: Iterable[Held], *, replicates: int) -> dict[str, Any]:
    rows, _ = PLATES[WELLS]
    cells = {}
    for place, held in enumerate(groups):
        block, row = divmod(place, rows)
        for replicate in range(replicates if held else 0):
            cells[position_at(row, block * replicates + replicate)] = held
    return {"wells": WELLS, "cells": cells}
