"""Measured points and the lines computed through them, on axes that are linear or logarithmic."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..numbers import readable
from ..pictures import ChartPoint, ChartSeries
from . import axis
from .axis import Tick

WIDTH, HEIGHT = 500, 340
LEFT, RIGHT, TOP, BOTTOM = 62, 18, 24, 284


@dataclass(frozen=True)
class PlacedPoint:
    x: float
    y: float
    role: str
    words: str


@dataclass(frozen=True)
class ChartShape:
    points: list[PlacedPoint]
    lines: list[str]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = BOTTOM


def chart_shape(
    series: Sequence[ChartSeries], *, x_is_logarithmic: bool = False, y_is_logarithmic: bool = False
) -> ChartShape | None:
    """None where there is no point to place; what has no place on a logarithmic axis is left out."""

    def has_place(x: float, y: float) -> bool:
        return (x > 0 or not x_is_logarithmic) and (y > 0 or not y_is_logarithmic)

    points = [point for one in series for point in one.points if has_place(point.x, point.y)]
    lines = [[(x, y) for x, y in one.line if has_place(x, y)] for one in series if one.line]
    if not points:
        return None
    ends = [(point.x, point.y) for point in points] + [end for line in lines for end in line]
    across = axis.logarithmic if x_is_logarithmic else axis.linear
    upward = axis.logarithmic if y_is_logarithmic else axis.linear
    x_axis = across([x for x, _ in ends], LEFT, WIDTH - RIGHT)
    y_axis = upward([y for _, y in ends], BOTTOM, TOP)
    placed = [
        PlacedPoint(x=x_axis.place(p.x), y=y_axis.place(p.y), role=p.role, words=_in_words(p)) for p in points
    ]
    return ChartShape(
        points=placed,
        lines=[" ".join(f"{x_axis.place(x)},{y_axis.place(y)}" for x, y in line) for line in lines],
        x_ticks=x_axis.ticks(),
        y_ticks=y_axis.ticks(),
        words="; ".join(point.words for point in placed),
    )


def _in_words(point: ChartPoint) -> str:
    return f"{point.label or point.role}: {readable(point.x)}, {readable(point.y)}"
