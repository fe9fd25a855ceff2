"""Curves that several calculations draw are shown with their residuals, as the report asks of every curve."""

import pytest

from assays.drawn import chart_svg
from assays.residuals import residuals_of, unit_of


def chart(points, line, *, is_log):
    spots = [{"x": x, "y": y, "label": "", "role": "standard"} for x, y in points]
    return {
        "title": "Curve",
        "formula": "",
        "x": {"name": "Dose", "unit": "pg/mL"},
        "y": {"name": "Onset", "unit": "s"},
        "x_is_logarithmic": is_log,
        "y_is_logarithmic": is_log,
        "series": [{"name": "Standards", "points": spots, "line": line}],
    }


def test_on_logarithmic_axes_they_are_per_cent_of_the_line():
    found = chart([(1, 10), (10, 121), (100, 900)], [(1, 10), (100, 1000)], is_log=True)  # y = 10 x
    assert [apart for *_, apart in residuals_of(found)] == pytest.approx([0, 21, -10])
    assert unit_of(found) == "%"
    assert "residual, %" in chart_svg(found)


def test_on_linear_axes_they_have_the_unit_of_the_response():
    found = chart([(0, 5), (2, 8)], [(0, 4), (4, 12)], is_log=False)  # y = 4 + 2 x
    assert [apart for *_, apart in residuals_of(found)] == pytest.approx([1, 0])
    assert "residual, s" in chart_svg(found)


def test_a_point_beyond_the_line_or_without_one_has_none():
    assert residuals_of(chart([(5, 8)], [(0, 4), (4, 12)], is_log=False)) == []
    without = chart([(1, 10)], [], is_log=True)
    assert residuals_of(without) == []
    assert "residual" not in chart_svg(without)
