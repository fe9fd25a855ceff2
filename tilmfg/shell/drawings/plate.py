"""A plate as a heat map: one circle per well, coloured by value, ringed by role."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..numbers import compact, exact, readable, why_missing
from ..pictures import Well

FORMATS = ((2, 3), (3, 4), (4, 6), (6, 8), (8, 12), (16, 24), (32, 48))
ROWS, COLUMNS = FORMATS[-1]
SHADES = 7
KNOWN_ROLES = ("standard", "control", "sample", "blank", "empty")
POSITION = re.compile(r"([A-Z]|A[A-F])0*(\d{1,2})\Z")
MARGIN = 26


@dataclass(frozen=True)
class WellShape:
    position: str
    x: float
    y: float
    shade: str
    role: str
    label: str
    value: str
    words: str
    masked: bool
    url: str


@dataclass(frozen=True)
class PlateShape:
    wells: list[WellShape]
    rows: list[tuple[str, float]]
    columns: list[tuple[int, float]]
    width: float
    height: float
    radius: float
    crowded: bool
    lowest: str
    highest: str
    roles: list[tuple[str, int]]
    masked_count: int
    shades: range = range(SHADES)


def plate_shape(wells: Sequence[Well], unit: str = "") -> PlateShape:
    """Places the wells on the smallest plate that has room for all of them."""
    placed = [(well, *row_and_column(well.position)) for well in wells]
    row_count, column_count = _format_of(placed)
    crowded = row_count > 8
    is_legible = row_count <= 16  # else the table alone says the values
    pitch = 34 if crowded else 52
    amounts = [float(exact(well.value)) for well in wells if not why_missing(well.value)]
    low, high = (min(amounts), max(amounts)) if amounts else (0.0, 0.0)

    def shape(well, row: int, column: int) -> WellShape:
        missing = why_missing(well.value)
        shown = missing or f"{readable(well.value)} {unit}".strip()
        words = [well.position, well.role, well.label, shown, "masked" if well.masked else ""]
        return WellShape(
            position=well.position,
            x=MARGIN + (column + 0.5) * pitch,
            y=MARGIN + (row + 0.5) * pitch,
            shade="none" if missing else str(_shade(float(exact(well.value)), low, high)),
            role=well.role if well.role in KNOWN_ROLES else "other",
            label=well.label[:7],
            value=compact(well.value) if is_legible and not missing else "",
            words=", ".join(word for word in words if word),
            masked=well.masked,
            url=well.url,
        )

    shapes = [shape(*place) for place in placed]
    return PlateShape(
        wells=shapes,
        rows=[(row_name(row), MARGIN + (row + 0.5) * pitch) for row in range(row_count)],
        columns=[(column + 1, MARGIN + (column + 0.5) * pitch) for column in range(column_count)],
        width=MARGIN + column_count * pitch + 6,
        height=MARGIN + row_count * pitch + 6,
        radius=pitch / 2 - 2,
        crowded=crowded,
        lowest=readable(low) if amounts else "",
        highest=readable(high) if amounts else "",
        roles=_counted_roles(wells),
        masked_count=sum(well.masked for well in shapes),
    )


def row_and_column(position: str) -> tuple[int, int]:
    """From 0. Rows are A to Z, then AA to AF."""
    match = POSITION.match(position)
    if not match or not 1 <= int(match[2]) <= COLUMNS:
        raise ValueError(f"“{position}” is not a well position; A1 to {row_name(ROWS - 1)}{COLUMNS} are.")
    return ord(match[1][-1]) - 65 + 26 * (len(match[1]) - 1), int(match[2]) - 1


def row_name(row: int) -> str:
    return "A" * (row // 26) + chr(65 + row % 26)


def _format_of(placed) -> tuple[int, int]:
    rows = max((row for _, row, _ in placed), default=0) + 1
    columns = max((column for _, _, column in placed), default=0) + 1
    return next(size for size in FORMATS if rows <= size[0] and columns <= size[1])


def _shade(value: float, low: float, high: float) -> int:
    if high == low:
        return 0
    return min(math.floor((value - low) / (high - low) * SHADES), SHADES - 1)


def _counted_roles(wells: Sequence[Well]) -> list[tuple[str, int]]:
    """Nothing where no well has a role yet: a plate that is read and not laid out is not empty."""
    counted = Counter(well.role for well in wells)
    return sorted(counted.items(), key=_by_known_role) if set(counted) != {"empty"} else []


def _by_known_role(entry: tuple[str, int]) -> int:
    return KNOWN_ROLES.index(entry[0]) if entry[0] in KNOWN_ROLES else len(KNOWN_ROLES)
