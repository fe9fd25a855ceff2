"""A chart places what can be placed and says every point in words."""

from tilmfg.shell.drawings.chart import BOTTOM, LEFT, TOP, WIDTH, chart_shape
from tilmfg.shell.pictures import ChartPoint, ChartSeries


def series(*points, line=()):
    return [ChartSeries(name="S", points=tuple(ChartPoint(x=x, y=y) for x, y in points), line=line)]


def test_every_point_lies_within_the_axes():
    shape = chart_shape(
        series((0.005, 2880), (5, 725), line=((0.005, 2880), (5, 725))), x_is_logarithmic=True
    )
    assert all(LEFT <= p.x <= WIDTH and TOP <= p.y <= BOTTOM for p in shape.points)
    assert shape.points[0].x < shape.points[1].x
    assert shape.points[0].y < shape.points[1].y  # up the page is more
    [line] = shape.lines
    assert line == " ".join(f"{p.x},{p.y}" for p in shape.points)


def test_what_has_no_logarithm_has_no_place():
    shape = chart_shape(series((0, 1), (1, 0), (1, 2)), x_is_logarithmic=True, y_is_logarithmic=True)
    assert [point.words for point in shape.points] == ["standard: 1, 2"]


def test_without_a_point_there_is_no_chart():
    assert chart_shape(series()) is None
