"""Plate, standard curve and charts as SVG that carries its own colours, for paper and for pages alike."""

from collections.abc import Iterable, Sequence

from django.utils.html import escape

from tilmfg.shell.drawings import axis
from tilmfg.shell.drawings.control_chart import ControlChartShape
from tilmfg.shell.drawings.plate import PlateShape, plate_shape
from tilmfg.shell.drawings.standard_curve import CurveShape, standard_curve_shape
from tilmfg.shell.numbers import readable
from tilmfg.shell.pictures import Fit, Measured, Well

from .kernel.missing import Missing
from .residuals import PER_CENT, residuals_of, unit_of

SHADES = ("#eef4f8", "#d3e4ef", "#b0d0e3", "#85b7d3", "#4f93ba", "#2a6f9a", "#15486c")
RINGS = {"standard": "#14232c", "control": "#8a3fb5", "blank": "#77858f", "sample": "#c8560f"}
INK, QUIET, LINE, BAD, ACCENT = "#14232c", "#56606b", "#cfd6dd", "#9d121b", "#17456b"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 500, 300, 62, 482, 22, 250
RESIDUALS = 104  # of height
MARKS = ("#17456b", "#c8560f", "#8a3fb5", "#12652b", "#77858f")


def plate_svg(wells: Sequence[Well]) -> str:
    """The plate as a heat map; masked wells are crossed."""
    shape: PlateShape = plate_shape(wells)
    parts = [_text(x, 16, number) for number, x in shape.columns]
    parts += [_text(10, y + 4, letter) for letter, y in shape.rows]
    for well in shape.wells:
        dark = well.shade.isdigit() and int(well.shade) > 3 and not well.masked
        fill = "#ffffff" if well.masked or not well.shade.isdigit() else SHADES[int(well.shade)]
        ring = RINGS.get(well.role, LINE)
        parts.append(
            f'<circle cx="{well.x}" cy="{well.y}" r="{shape.radius}" fill="{fill}" stroke="{ring}" stroke-width="2"/>'
        )
        ink = "#ffffff" if dark else INK
        if well.label and not shape.crowded:
            parts.append(_text(well.x, well.y - 6, well.label, size=9, ink=ink))
        parts.append(_text(well.x, well.y + 9, well.value, size=9 if shape.crowded else 12, ink=ink))
        if well.masked:
            cross = f"M{well.x - 13} {well.y - 13}l26 26m0 -26l-26 26"
            parts.append(f'<path d="{cross}" stroke="{BAD}" stroke-width="2.5" fill="none"/>')
    return _svg(shape.width, shape.height, parts)


def curve_svg(fit: Fit | None, points: Sequence[Measured], *, unit_x: str, unit_y: str) -> str:
    """The standards around the curve, their residuals underneath; nothing where there is no point to place."""
    shape: CurveShape | None = standard_curve_shape(fit, points, unit_x=unit_x, unit_y=unit_y)
    if shape is None:
        return ""
    parts = [_line(shape.left, tick.at, shape.right, tick.at) for tick in shape.response_ticks]
    parts += [_text(shape.left - 8, tick.at + 4, tick.text, anchor="end") for tick in shape.response_ticks]
    for tick in shape.concentration_ticks:
        parts.append(_line(tick.at, shape.curve_top, tick.at, shape.curve_bottom))
        parts.append(_text(tick.at, shape.residual_bottom + 18, tick.text))
    if shape.curve:
        parts.append(f'<polyline points="{shape.curve}" fill="none" stroke="{ACCENT}" stroke-width="2"/>')
        parts += [
            _text(shape.left - 8, tick.at + 4, tick.text, anchor="end") for tick in shape.residual_ticks
        ]
        zero = shape.zero_residual_y
        parts.append(_line(shape.left, zero, shape.right, zero, ink=QUIET))
        parts.append(_text(shape.left, shape.residual_top - 8, "residual", anchor="start"))
    for point in shape.points:
        parts.append(_mark(point.x, point.y, masked=point.masked))
        if point.residual_y is not None:
            parts.append(_line(point.x, shape.zero_residual_y, point.x, point.residual_y, ink=QUIET))
            parts.append(_mark(point.x, point.residual_y, masked=point.masked))
    parts.append(_text(shape.left, 12, unit_y, anchor="start"))
    parts.append(_text(shape.right, shape.height - 6, f"{unit_x}, logarithmic", anchor="end"))
    return _svg(shape.width, shape.height, parts)


def chart_svg(chart: dict) -> str:
    """A chart as a calculation keeps it: series of points and lines over one pair of axes."""
    series = chart["series"]
    spots = [(point["x"], point["y"]) for one in series for point in one["points"]]
    spots += [tuple(spot) for one in series for spot in one["line"]]
    log_x, log_y = chart["x_is_logarithmic"], chart["y_is_logarithmic"]
    spots = [(x, y) for x, y in spots if (x > 0 or not log_x) and (y > 0 or not log_y)]
    if not spots:
        return ""
    across = (axis.logarithmic if log_x else axis.linear)([x for x, _ in spots], LEFT, RIGHT)
    up = (axis.logarithmic if log_y else axis.linear)([y for _, y in spots], BOTTOM, TOP)
    parts = []
    names_at, anchor = (LEFT + 8, "start") if _ends_high(spots) else (RIGHT, "end")
    for tick in up.ticks():
        parts += [_line(LEFT, tick.at, RIGHT, tick.at), _text(LEFT - 8, tick.at + 4, tick.text, anchor="end")]
    for tick in across.ticks():
        parts += [_line(tick.at, TOP, tick.at, BOTTOM), _text(tick.at, BOTTOM + 18, tick.text)]
    for number, one in enumerate(series):
        ink = MARKS[number % len(MARKS)]
        placed = [
            f"{across.place(x)},{up.place(y)}"
            for x, y in one["line"]
            if (x > 0 or not log_x) and (y > 0 or not log_y)
        ]
        if placed:
            parts.append(
                f'<polyline points="{" ".join(placed)}" fill="none" stroke="{ink}" stroke-width="2"/>'
            )
        for point in one["points"]:
            if (point["x"] > 0 or not log_x) and (point["y"] > 0 or not log_y):
                parts.append(_mark(across.place(point["x"]), up.place(point["y"]), ink=ink))
        parts.append(_text(names_at, TOP + 14 + 14 * number, one["name"], anchor=anchor, ink=ink))
    parts.append(_text(LEFT, 12, titled(chart["y"]), anchor="start"))
    parts.append(_text(RIGHT, HEIGHT - 8, titled(chart["x"]), anchor="end"))
    beside = residuals_of(chart)
    parts += _residuals(beside, across, unit=unit_of(chart))
    return _svg(WIDTH, HEIGHT + RESIDUALS if beside else HEIGHT, parts)


def _residuals(found: Sequence[tuple[int, float, float]], across: axis.Axis, *, unit: str) -> Iterable[str]:
    """Underneath the chart, on its own x axis; a line through its points exactly has a scale of one all the same."""
    if not found:
        return
    most = max(1.1 * max(abs(apart) for *_, apart in found), 1.0 if unit == PER_CENT else 0.01)
    up = axis.Axis(-most, most, HEIGHT + RESIDUALS - 12, HEIGHT + 14)
    for tick in up.ticks():
        ink = QUIET if tick.text == "0" else LINE
        yield _line(LEFT, tick.at, RIGHT, tick.at, ink=ink)
        yield _text(LEFT - 8, tick.at + 4, tick.text, anchor="end")
    yield _text(LEFT, HEIGHT + 4, f"residual, {unit}" if unit else "residual", anchor="start")
    for number, x, apart in found:
        ink = MARKS[number % len(MARKS)]
        yield _line(across.place(x), up.place(0), across.place(x), up.place(apart), ink=QUIET)
        yield _mark(across.place(x), up.place(apart), ink=ink)


def control_chart_svg(shape: ControlChartShape, *, unit: str) -> str:
    """Values of a control around its mean and 1, 2 and 3 SD; a ring is a run that is invalid."""
    inks = {"mean": INK, "one": LINE, "two": MARKS[1], "three": BAD}
    parts = []
    for line in shape.lines:
        parts.append(_line(shape.left, line.at, shape.right, line.at, ink=inks[line.tone]))
        parts.append(_text(shape.left - 8, line.at + 6, line.value, anchor="end", size=18))
        parts.append(_text(shape.right + 8, line.at + 6, line.name, anchor="start", size=18))
    for points, ink in ((shape.path, QUIET), (shape.average, MARKS[2])):
        if points:
            parts.append(f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="1.5"/>')
    for point in shape.points:
        ink = {"bad": BAD, "caution": MARKS[1]}.get(point.tone, ACCENT)
        parts.append(_mark(point.x, point.y, masked=not point.is_valid, ink=ink))
    parts.append(_text(shape.left, 14, unit, anchor="start", size=18))
    return _svg(shape.width, shape.height, parts)


def _ends_high(spots: Sequence[tuple[float, float]]) -> bool:
    """Whether the right of the chart is the higher side; names stand in the other upper corner."""
    across = sorted(spots)
    return across[-1][1] > across[0][1]


def chart_in_words(chart: dict) -> str:
    points = sum(len(one["points"]) for one in chart["series"])
    names = ", ".join(one["name"] for one in chart["series"])
    return f"{chart['title']}: {titled(chart['y'])} over {titled(chart['x'])}; {points} points of {names}"


def cell_in_words(cell: object) -> str:
    """A cell of a table: a text, a number as people read it, yes or no, or why it is missing."""
    if isinstance(cell, Missing):
        return f"missing: {cell.reason}"
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return readable(cell) if isinstance(cell, int | float) else str(cell)


def titled(column: dict) -> str:
    """Name and unit of a column or an axis."""
    return f"{column['name']}, {column['unit']}" if column["unit"] else column["name"]


def _svg(width: float, height: float, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'{head} font-family="Source Sans 3" role="presentation">{"".join(parts)}</svg>'


def _line(x1: float, y1: float, x2: float, y2: float, *, ink: str = LINE) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{ink}" stroke-width="1"/>'


def _mark(x: float, y: float, *, masked: bool = False, ink: str = INK) -> str:
    fill, stroke = ("#ffffff", BAD) if masked else (ink, ink)
    return f'<circle cx="{x}" cy="{y}" r="4" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'


def _text(
    x: float, y: float, words: object, *, anchor: str = "middle", size: int = 12, ink: str = QUIET
) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{ink}">{escape(words)}</text>'
    )
