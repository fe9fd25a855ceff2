"""How far the points of a chart lie from the line that was computed through them."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

Spot = tuple[float, float]
PER_CENT = "%"


def residuals_of(chart: dict[str, Any]) -> list[tuple[int, float, float]]:
    """Number of the series, x and residual of each point beside a line: in per cent of the line where the response is
    logarithmic, else in its own unit. Points beyond the line's ends have none."""
    log_x, log_y = chart["x_is_logarithmic"], chart["y_is_logarithmic"]
    found = []
    for number, one in enumerate(chart["series"]):
        line = sorted(tuple(spot) for spot in one["line"])
        for point in one["points"]:
            on_line = _response(line, point["x"], log_x=log_x, log_y=log_y)
            if on_line is not None:
                apart = 100 * (point["y"] / on_line - 1) if log_y else point["y"] - on_line
                found.append((number, point["x"], apart))
    return found


def unit_of(chart: dict[str, Any]) -> str:
    return PER_CENT if chart["y_is_logarithmic"] else chart["y"]["unit"]


def _response(line: Sequence[Spot], x: float, *, log_x: bool, log_y: bool) -> float | None:
    """Between the line's own spots it is straight on the chart's axes."""
    if len(line) < 2 or not line[0][0] <= x <= line[-1][0]:
        return None
    after = max(bisect_left(line, (x, -math.inf)), 1)
    (x1, y1), (x2, y2) = line[after - 1], line[after]
    spots = (x1, x2, x, *((y1, y2) if log_y else ()))
    if x1 == x2 or ((log_x or log_y) and min(spots if log_x else (y1, y2)) <= 0):
        return None
    if log_x:
        x1, x2, x = math.log(x1), math.log(x2), math.log(x)
    share = (x - x1) / (x2 - x1)
    if log_y:
        return math.exp(math.log(y1) + share * (math.log(y2) - math.log(y1)))
    return y1 + share * (y2 - y1)
