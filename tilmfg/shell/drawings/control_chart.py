"""A Levey-Jennings chart: values of a control in the order they were measured, around the mean and 1, 2 and 3 SD."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from ..numbers import readable
from ..pictures import ControlPoint
from . import axis

WIDTH, HEIGHT = 920, 360
LEFT, RIGHT, TOP, BOTTOM = 66, 74, 26, 322
REACH = 4  # SD on either side of the mean that are always shown


@dataclass(frozen=True)
class Line:
    at: float
    name: str
    value: str
    tone: str


@dataclass(frozen=True)
class Placed:
    x: float
    y: float
    tone: str
    is_valid: bool
    words: str
    url: str


@dataclass(frozen=True)
class ControlChartShape:
    lines: list[Line]
    points: list[Placed]
    path: str
    average: str  # the moving average; nothing where none is given
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = BOTTOM


def control_chart_shape(
    points: Sequence[ControlPoint],
    *,
    mean: float | None = None,
    sd: float | None = None,
    average: Sequence[float] = (),
) -> ControlChartShape | None:
    """None where nothing was measured; without a mean and SD the values stand alone. `average`: one for each point."""
    if not points:
        return None
    ends = [point.value for point in points]
    if mean is not None and sd is not None:
        ends += [mean - REACH * sd, mean + REACH * sd]
    upward = axis.linear(ends, BOTTOM, TOP)
    step = (WIDTH - RIGHT - LEFT) / max(len(points), 2)
    placed = [
        Placed(
            x=round(LEFT + step * (place + 0.5), 2),
            y=upward.place(point.value),
            tone=point.tone,
            is_valid=point.is_valid,
            words=point.words,
            url=point.url,
        )
        for place, point in enumerate(points)
    ]
    lines = []
    if mean is not None and sd is not None:
        decimals = max(0, 1 - floor(log10(sd)))  # two digits of the SD
        for k in (3, 2, 1, 0, -1, -2, -3):
            value = mean + k * sd
            name = "mean" if k == 0 else f"{'+' if k > 0 else '−'}{abs(k)} SD"
            tone = {0: "mean", 1: "one", 2: "two", 3: "three"}[abs(k)]
            lines.append(Line(at=upward.place(value), name=name, value=readable(value, decimals), tone=tone))
    else:
        lines = [Line(at=tick.at, name="", value=tick.text, tone="one") for tick in upward.ticks()]
    return ControlChartShape(
        lines=lines,
        points=placed,
        path=" ".join(f"{point.x},{point.y}" for point in placed),
        average=" ".join(
            f"{point.x},{upward.place(one)}" for point, one in zip(placed, average, strict=False)
        ),
    )
