"""A four-parameter standard curve on a logarithmic concentration axis, its residuals underneath."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..numbers import readable, why_missing
from ..pictures import Fit, Measured
from . import axis
from .axis import Axis, Tick

WIDTH, HEIGHT = 500, 430
LEFT, RIGHT = 62, 18
CURVE_TOP, CURVE_BOTTOM = 18, 278
RESIDUAL_TOP, RESIDUAL_BOTTOM = 306, 384
STEPS = 80


@dataclass(frozen=True)
class CurvePoint:
    x: float
    y: float
    role: str
    masked: bool
    words: str
    residual_y: float | None


@dataclass(frozen=True)
class CurveShape:
    points: list[CurvePoint]
    curve: str
    concentration_ticks: list[Tick]
    response_ticks: list[Tick]
    residual_ticks: list[Tick]
    zero_residual_y: float
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    curve_top: int = CURVE_TOP
    curve_bottom: int = CURVE_BOTTOM
    residual_top: int = RESIDUAL_TOP
    residual_bottom: int = RESIDUAL_BOTTOM
    plot_width: int = WIDTH - RIGHT - LEFT
    residual_height: int = RESIDUAL_BOTTOM - RESIDUAL_TOP


def four_parameter_response(concentration: float, fit: Fit) -> float:
    return fit.d + (fit.a - fit.d) / (1 + (concentration / fit.c) ** fit.b)


def standard_curve_shape(
    fit: Fit | None, points: Sequence[Measured], *, unit_x: str = "", unit_y: str = ""
) -> CurveShape | None:
    """Places the points around the fit, which is None where no curve could be fitted.

    A zero standard has no place on a logarithmic axis. None where there is no point to place.
    """
    placed = [point for point in points if not why_missing(point.response) and float(point.concentration) > 0]
    if not placed:
        return None
    concentrations = axis.logarithmic([float(p.concentration) for p in placed], LEFT, WIDTH - RIGHT)
    curve = [(x, four_parameter_response(x, fit)) for x in _steps(concentrations)] if fit else []
    heights = [float(point.response) for point in placed] + [y for _, y in curve]
    responses = axis.linear(heights, CURVE_BOTTOM, CURVE_TOP, from_zero=True)
    # A masked outlier must not squeeze the others against the zero line.
    residuals = {id(point): _residual(point, fit) for point in placed if not point.masked} if fit else {}
    farthest = max([10.0, *(abs(residual) for residual in residuals.values())])
    residual_axis = axis.linear([-farthest, farthest], RESIDUAL_BOTTOM, RESIDUAL_TOP)

    def shape(point) -> CurvePoint:
        residual = residuals.get(id(point))
        return CurvePoint(
            x=concentrations.place(float(point.concentration)),
            y=responses.place(float(point.response)),
            role=point.role,
            masked=point.masked,
            words=_in_words(point, residual, unit_x, unit_y),
            residual_y=None if residual is None else residual_axis.place(residual),
        )

    shapes = [shape(point) for point in placed]
    return CurveShape(
        points=shapes,
        curve=" ".join(f"{concentrations.place(x)},{responses.place(y)}" for x, y in curve),
        concentration_ticks=concentrations.ticks(),
        response_ticks=responses.ticks(),
        residual_ticks=[
            Tick(residual_axis.place(v), f"{v:+.0f} %") for v in (residual_axis.low, residual_axis.high)
        ],
        zero_residual_y=residual_axis.place(0),
        words="; ".join(point.words for point in shapes),
    )


def _steps(concentrations: Axis) -> list[float]:
    low, high = math.log10(concentrations.low), math.log10(concentrations.high)
    return [10 ** (low + (high - low) * step / STEPS) for step in range(STEPS + 1)]


def _residual(point: Measured, fit: Fit) -> float:
    expected = four_parameter_response(float(point.concentration), fit)
    return (float(point.response) - expected) / abs(expected) * 100 if expected else 0.0


def _in_words(point: Measured, residual: float | None, unit_x: str, unit_y: str) -> str:
    response = f"{readable(point.response)} {unit_y}".rstrip()
    words = f"{point.label or point.role}: {readable(point.concentration)} {unit_x}, {response}"
    if residual is not None:
        words += f", residual {residual:+.1f} %"
    return words + (", masked" if point.masked else "")
