"""Viable cells over the days of a batch, on a logarithmic axis, with the limits and a prediction."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..numbers import readable, why_missing
from ..pictures import Reading
from . import axis
from .axis import Tick

WIDTH, HEIGHT = 500, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 18, 18, 46


@dataclass(frozen=True)
class GrowthPoint:
    x: float
    y: float
    words: str
    predicted: bool
    whisker: tuple[float, float] | None


@dataclass(frozen=True)
class LimitLine:
    y: float
    text: str


@dataclass(frozen=True)
class GrowthShape:
    points: list[GrowthPoint]
    recorded_line: str
    predicted_line: str
    limits: list[LimitLine]
    day_ticks: list[Tick]
    cell_ticks: list[Tick]
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def growth_shape(
    points: Sequence[Reading], *, lower=None, upper=None, unit: str = "viable cells"
) -> GrowthShape | None:
    """Places the readings; None where there is none to place."""
    counted = sorted(
        (point for point in points if not why_missing(point.cells) and float(point.cells) > 0),
        key=lambda point: point.day,
    )
    if not counted:
        return None
    limits = [
        (float(limit), word) for limit, word in ((lower, "lower limit"), (upper, "upper limit")) if limit
    ]
    spread = [float(value) for point in counted for value in (point.cells, *_interval(point))]
    days = axis.linear([0, *(point.day for point in counted)], LEFT, WIDTH - RIGHT)
    cells = axis.logarithmic([*spread, *(limit for limit, _ in limits)], HEIGHT - BOTTOM, TOP)

    def shape(point) -> GrowthPoint:
        interval = _interval(point)
        words = f"day {point.day}: {'predicted ' if point.predicted else ''}{readable(point.cells)} {unit}"
        if interval:
            words += f", {readable(interval[0])} to {readable(interval[1])}"
        whisker = (cells.place(interval[0]), cells.place(interval[1])) if interval else None
        return GrowthPoint(
            days.place(point.day), cells.place(float(point.cells)), words, point.predicted, whisker
        )

    shapes = [shape(point) for point in counted]
    recorded = [point for point in shapes if not point.predicted]
    predicted = [point for point in shapes if point.predicted]
    return GrowthShape(
        points=shapes,
        recorded_line=_line(recorded),
        predicted_line=_line([*recorded[-1:], *predicted]) if predicted else "",
        limits=[LimitLine(cells.place(limit), f"{word} {readable(limit)}") for limit, word in limits],
        day_ticks=days.ticks(),
        cell_ticks=cells.ticks(),
        words="; ".join(point.words for point in shapes),
    )


def _interval(point: Reading) -> tuple[float, float] | tuple[()]:
    if point.low is None or point.high is None:
        return ()
    return float(point.low), float(point.high)


def _line(points) -> str:
    return " ".join(f"{point.x},{point.y}" for point in points)
