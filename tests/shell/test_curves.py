"""Axes, growth curve and standard curve."""

import pytest

from assays.kernel.fourpl import Weighting, fit_curve
from tilmfg.shell.drawings import axis
from tilmfg.shell.drawings.growth import growth_shape
from tilmfg.shell.drawings.standard_curve import four_parameter_response, standard_curve_shape
from tilmfg.shell.pictures import Fit, Measured, Reading

FIT = Fit(a=0.05, b=1.2, c=300.0, d=3.0)


def test_it_rounds_a_linear_axis_to_numbers_people_like():
    scale = axis.linear([0.04, 2.97], 0, 100, from_zero=True)
    assert (scale.low, scale.high) == (0, 3)
    assert [tick.text for tick in scale.ticks()] == ["0", "1", "2", "3"]


def test_it_gives_one_value_an_axis_to_stand_on():
    scale = axis.linear([5, 5], 0, 100)
    assert scale.low < 5 < scale.high


def test_it_never_shows_less_than_a_decade_on_a_logarithmic_axis():
    scale = axis.logarithmic([100, 120], 0, 100)
    assert scale.high / scale.low >= 9.999
    assert scale.place(scale.low) == 0


def test_it_writes_powers_of_ten_on_a_logarithmic_axis():
    texts = [tick.text for tick in axis.logarithmic([1e6, 1e10], 0, 100).ticks() if tick.text]
    assert texts == ["10⁶", "10⁷", "10⁸", "10⁹", "10¹⁰"]


def test_it_draws_growth_upwards_and_prediction_from_the_last_count():
    shape = growth_shape(
        [
            Reading(day=0, cells=3e6),
            Reading(day=11, cells=6e7),
            Reading(day=22, cells=2e10, predicted=True, low=1e10, high=4e10),
        ],
        lower=7.5e9,
    )
    assert shape.points[0].y > shape.points[1].y > shape.points[2].y
    assert shape.predicted_line.startswith(shape.recorded_line.split()[-1])
    assert "predicted 2 × 10¹⁰" in shape.words.replace("\u00a0", " ")
    assert [limit.text.replace("\u00a0", " ") for limit in shape.limits] == ["lower limit 7.5 × 10⁹"]


def test_it_draws_no_growth_without_a_count():
    assert growth_shape([Reading(day=0, cells=None), Reading(day=11, cells=0)]) is None


@pytest.mark.parametrize("dose", [0.1, 31.3, 300.0, 9000.0])
def test_it_draws_the_curve_that_the_kernel_fitted(dose):
    doses = [7.8, 15.6, 31.3, 62.5, 125, 250, 500, 1000, 2000, 4000]
    curve = fit_curve(doses, [four_parameter_response(x, FIT) for x in doses], weighting=Weighting.NONE)
    assert four_parameter_response(dose, curve) == pytest.approx(curve.response_at(dose))


def test_it_puts_a_standard_above_the_curve_above_its_zero_residual():
    high = Measured(concentration=300, response=1.6, label="S4")
    shape = standard_curve_shape(FIT, [high, Measured(concentration=30, response=0.2)])
    assert shape.points[0].residual_y < shape.zero_residual_y
    assert "residual +4.9 %" in shape.words


def test_it_keeps_a_masked_outlier_out_of_the_residuals():
    points = [
        Measured(concentration=300, response=1.55),
        Measured(concentration=62.5, response=2.9, masked=True),
    ]
    shape = standard_curve_shape(FIT, points)
    assert [tick.text for tick in shape.residual_ticks] == ["-10 %", "+10 %"]
    assert shape.points[1].residual_y is None


def test_it_draws_points_without_a_fit_and_leaves_out_the_zero_standard():
    points = [Measured(concentration=0, response=0.04), Measured(concentration=31.3, response=0.3)]
    shape = standard_curve_shape(None, points)
    assert (len(shape.points), shape.curve, shape.points[0].residual_y) == (1, "", None)
    assert standard_curve_shape(FIT, points[:1]) is None
