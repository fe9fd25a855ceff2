import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, least_squares
from scipy.stats import linregress
from scipy.stats import t as student

from assays.kernel.blank_limits import detection_of_lot, limit_of_blank
from assays.kernel.expressions import parse
from assays.kernel.forms import Form, Model, fit_form
from assays.kernel.inverse import ExpressionCalibration, LineCalibration, LogisticCalibration, to_scale, wald
from assays.kernel.inverse_profile import profile_limits
from assays.kernel.least_squares import fit_expression
from assays.kernel.lines import fit_line, line_limits
from assays.kernel.status import Status, UnableToAnswer
from assays.kernel.weights import WeightRule, Weights, points_of
from tests.kernel.shared import simulated_plate

# DIN 32645: the example data and results as printed by Dintest (R package chemCal, data din32645).
DIN_X = np.arange(1, 11) * 0.05
DIN_Y = np.array([3060, 3522, 3707, 4280, 5058, 5510, 5703, 6205, 7156, 7178.0])
# Massart et al. 1997, Handbook of Chemometrics, example 3 of chapter 8: five results at six levels; results of the R
# package chemCal for 1/s² weights from rounded SDs.
MASSART_X = np.tile(np.arange(0, 60, 10.0), 5)
MASSART_Y = np.array(
    [4, 22, 44, 60, 75, 104, 3, 20, 46, 63, 81, 109, 4, 21, 45, 60, 79, 107, 5, 22, 44, 63, 78, 101, 4, 21, 44, 63, 77,
     105.0]
)  # fmt: skip


def test_the_line_of_din_32645_has_its_printed_limits():
    line = fit_line(DIN_X, DIN_Y)
    limits = line_limits(line, alpha=0.01, m=1, k=3, confidence=0.99)

    assert (line.slope, line.intercept) == pytest.approx((9661.939, 2480.867), abs=5e-4)
    assert line.variance**0.5 == pytest.approx(192.2939, abs=5e-5)
    assert (limits.critical_value, limits.detection_limit, limits.quantitation_limit) == pytest.approx(
        (0.0698, 0.1396, 0.212), abs=5e-4
    )
    t = student.ppf(0.995, 8)
    found = wald(
        LineCalibration(line),
        (3500 - line.intercept) / line.slope,
        reading=line.variance,
        variance=line.variance,
        t=t,
        scale="x",
    )
    assert found.half_width == pytest.approx(0.07434, abs=5e-6)


def test_a_quantitation_limit_solves_its_own_equation_for_any_setting():
    line = fit_line(DIN_X, DIN_Y)
    for m, k, confidence in ((1, 3, 0.95), (5, 10 / 3, 0.99)):
        x = line_limits(line, alpha=0.05, m=m, k=k, confidence=confidence).quantitation_limit
        u = line.variance**0.5 / line.slope * np.sqrt(1 / m + 0.1 + (x - line.centre) ** 2 / line.sxx)
        assert x == pytest.approx(k * student.ppf((1 + confidence) / 2, 8) * u, rel=1e-12)


def test_a_line_too_uncertain_to_quantify_still_detects():
    y = 100 * DIN_X + 60 * (-1.0) ** np.arange(10)

    limits = line_limits(fit_line(DIN_X, y), alpha=0.05, m=1, k=3, confidence=0.95)

    assert limits.quantitation_limit.status is Status.LIMITS_DO_NOT_EXIST
    line = linregress(DIN_X, y)
    s = np.sqrt(((y - line.intercept - line.slope * DIN_X) ** 2).sum() / 8)
    u = s / line.slope * np.sqrt(1.1 + DIN_X.mean() ** 2 / ((DIN_X - DIN_X.mean()) ** 2).sum())
    assert limits.critical_value == pytest.approx(student.ppf(0.95, 8) * u, rel=1e-12)


def test_a_weighted_line_reads_back_as_massart_and_chemcal_print_it():
    points = points_of(MASSART_X, MASSART_Y, weights=Weights(WeightRule.LEVEL_SD, 2, 3), level_means=True)
    line = fit_line(points.x, points.y, points.weights)
    t = student.ppf(0.975, 4)
    for y0, weight, x, se in ((15, 1.67, 5.865367, 0.8926109), (90, 0.145, 44.06025, 2.829162)):
        calibration = LineCalibration(line)
        found = wald(
            calibration,
            calibration.dose_at(y0),
            reading=line.variance / weight,
            variance=line.variance,
            t=t,
            scale="x",
        )
        assert (found.x, found.se) == pytest.approx((x, se), rel=5e-7)


# NIST Statistical Reference Datasets, linear regression, Norris: calibration of ozone monitors, y against x; certified.
NORRIS = [
    (0.1, 0.2), (338.8, 337.4), (118.1, 118.2), (888.0, 884.6), (9.2, 10.1), (228.1, 226.5), (668.5, 666.3),
    (998.5, 996.3), (449.1, 448.6), (778.9, 777.0), (559.2, 558.2), (0.3, 0.4), (0.1, 0.6), (778.1, 775.5),
    (668.8, 666.9), (339.3, 338.0), (448.9, 447.5), (10.8, 11.6), (557.7, 556.0), (228.3, 228.1), (998.0, 995.8),
    (888.8, 887.6), (119.6, 120.2), (0.3, 0.3), (0.6, 0.3), (557.6, 556.8), (339.3, 339.1), (888.0, 887.2),
    (998.5, 999.0), (778.9, 779.0), (10.2, 11.1), (117.6, 118.3), (228.9, 229.2), (668.4, 669.1), (449.2, 448.9),
    (0.2, 0.5),
]  # fmt: skip


def test_a_line_has_the_certified_digits_of_norris():
    y, x = np.array(NORRIS).T
    line = fit_line(x, y)
    errors = np.sqrt(line.variance * np.diag(line.inverse))

    assert (line.intercept, line.slope) == pytest.approx((-0.262323073774029, 1.00211681802045), rel=1e-11)
    assert errors == pytest.approx((0.232818234301152, 0.429796848199937e-3), rel=1e-11)
    assert (line.variance**0.5, line.df) == (pytest.approx(0.884796396144373, rel=1e-11), 34)


def brute_force_limits(response, variance, y0, x0, low, high):
    """Where the prediction band crosses y0, from functions of x alone."""

    def excess(x):
        return (y0 - response(x)) ** 2 - variance(x)

    return brentq(excess, low, x0, xtol=1e-12), brentq(excess, x0, high, xtol=1e-12)


def test_the_inversion_of_a_line_is_where_its_band_crosses_the_reading():
    rng = np.random.default_rng(1)
    x = np.linspace(0, 10, 12)
    w = 1 / (1 + x)
    y = 3 + 2 * x + rng.standard_normal(12)
    line = fit_line(x, y, w)
    design = np.column_stack([np.ones(12), x])
    inverse = np.linalg.inv(design.T @ (design * w[:, None]))

    found = LineCalibration(line).limits(
        12.0, (12 - line.intercept) / line.slope, reading=0.4, variance=line.variance, t=2.2
    )

    expected = brute_force_limits(
        lambda v: line.intercept + line.slope * v,
        lambda v: 2.2**2 * (0.4 + line.variance * np.array([1, v]) @ inverse @ np.array([1, v])),
        12.0, (12 - line.intercept) / line.slope, -10, 20,
    )  # fmt: skip
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("model", [Model.FOUR, Model.FIVE])
def test_a_logistic_curve_and_the_same_expression_read_back_alike(model):
    doses, y, _ = simulated_plate(4, replicates=3)
    fit = fit_form(doses, y, np.ones(len(y)), model=model, form=Form.ABCD)
    text = "d+(a-d)/(1+exp(b*(ln(x)-c)))" + ("^exp(g)" if model is Model.FIVE else "")
    names = ["a", "d", "b", "c", *(["g"] if model is Model.FIVE else [])]
    same = fit_expression(parse(text, names), doses, y, np.ones(len(y)), starts=[fit.theta.tolist()])
    one, other = LogisticCalibration(fit), ExpressionCalibration(same, doses.min(), doses.max())

    for y0 in (0.3, 1.0, 2.0):
        x = one.dose_at(y0)
        assert other.dose_at(y0) == pytest.approx(x, rel=1e-7)
        for reading in (0.0, fit.variance / 2):
            settings = {"reading": reading, "variance": fit.variance, "t": 2.1}
            mine, his = wald(one, x, scale="ln", **settings), wald(other, x, scale="ln", **settings)
            assert (mine.x, mine.se) == pytest.approx((his.x, his.se), rel=1e-6)
            assert mine.half_width == pytest.approx(2.1 * mine.se)
            limits = one.limits(y0, x, **settings)
            assert limits == pytest.approx(other.limits(y0, x, **settings), rel=1e-6)
            assert limits[0] < x < limits[1]


@pytest.mark.parametrize("asymmetric", [False, True])
def test_a_profile_ends_where_a_fit_with_the_reading_as_a_point_is_too_much_worse(asymmetric):
    doses, y, _ = simulated_plate(4, replicates=3)
    model = Model.FIVE if asymmetric else Model.FOUR
    fit = fit_form(doses, y, np.ones(len(y)), model=model, form=Form.ABCD)
    y0, reading, t, log_x = 1.5, fit.variance / 2, 2.1, np.log(doses)
    begin = [fit.a, fit.d, fit.b, float(fit.gamma[0]), *([fit.log_g] if asymmetric else [])]

    def too_much_worse(x):
        def residual(p):
            g = np.exp(p[4]) if asymmetric else 1.0
            f = p[1] + (p[0] - p[1]) * (1 + np.exp(p[2] * (np.append(log_x, np.log(x)) - p[3]))) ** -g
            return (np.append(y, y0) - f) * np.append(np.ones(len(y)), np.sqrt(2))

        theirs = least_squares(residual, begin, method="lm", x_scale=np.abs(begin), ftol=1e-15, xtol=1e-15)
        return 2 * theirs.cost - fit.rss - t**2 * fit.variance

    low, high = profile_limits(fit, y0, reading=reading, t=t)

    dose = LogisticCalibration(fit).dose_at(y0)
    assert low == pytest.approx(brentq(too_much_worse, dose / 2, dose, xtol=1e-9), rel=1e-6)
    assert high == pytest.approx(brentq(too_much_worse, dose, dose * 2, xtol=1e-9), rel=1e-6)
    inversion = LogisticCalibration(fit).limits(y0, dose, reading=reading, variance=fit.variance, t=t)
    assert (low, high) == pytest.approx(inversion, rel=0.02)  # both are good where the curve is well known
    assert (low, high) != pytest.approx(inversion, rel=1e-7)


def test_a_profile_does_not_depend_on_units_or_on_the_way_the_curve_is_written():
    doses, y, _ = simulated_plate(7)
    plain = fit_form(doses, y, np.ones(len(y)), model=Model.FOUR, form=Form.ABCD)
    limits = profile_limits(plain, 1.0, reading=plain.variance, t=2.2)

    for form, unit, gain, offset in ((Form.PHEUR, 1e3, 2.0, 5.0), (Form.LL, 1e-4, -3.0, 1.0)):
        moved = fit_form(unit * doses, gain * y + offset, np.ones(len(y)), model=Model.FOUR, form=form)
        found = profile_limits(moved, gain + offset, reading=moved.variance, t=2.2)
        assert np.array(found) / unit == pytest.approx(limits, rel=1e-7)


def test_a_profile_that_does_not_exist_is_refused():
    doses, y, _ = simulated_plate(4)
    fit = fit_form(doses, y, np.ones(len(y)), model=Model.FOUR, form=Form.ABCD)

    for y0, reading, status in (
        (fit.d - 0.3 * fit.variance**0.5, fit.variance, Status.LIMITS_DO_NOT_EXIST),
        (fit.d + 0.1, fit.variance, Status.NO_SOLUTION),
        (1.0, 0.0, Status.BAD_INPUT),
    ):
        with pytest.raises(UnableToAnswer) as refused:
            profile_limits(fit, y0, reading=reading, t=2.2)
        assert refused.value.status is status


def test_limits_that_the_curve_does_not_bound_do_not_exist():
    doses, y, _ = simulated_plate(4)
    fit = fit_form(doses, y, np.ones(len(y)), model=Model.FOUR, form=Form.ABCD)
    near_the_top = fit.d - 0.3 * fit.variance**0.5
    with pytest.raises(UnableToAnswer) as refused:
        LogisticCalibration(fit).limits(
            near_the_top,
            LogisticCalibration(fit).dose_at(near_the_top),
            reading=fit.variance,
            variance=fit.variance,
            t=2.2,
        )
    assert refused.value.status is Status.LIMITS_DO_NOT_EXIST

    noise = fit_line(np.arange(6.0), np.array([1, 3, 0, 2, 4, 1.0]))
    with pytest.raises(UnableToAnswer) as refused:
        LineCalibration(noise).limits(2.0, 1.0, reading=noise.variance, variance=noise.variance, t=2.8)
    assert refused.value.status is Status.LIMITS_DO_NOT_EXIST


def test_a_scale_carries_its_derivative():
    assert to_scale(5.0, "x") == (5.0, 1.0)
    assert to_scale(100.0, "log10") == pytest.approx((2.0, 1 / (100 * np.log(10))))
    with pytest.raises(UnableToAnswer):
        to_scale(-1.0, "ln")


def test_limits_of_blank_and_detection_are_those_of_ep17():
    blanks = [0.1, 0.4, 0.2, 0.3, 0.6, 0.2]
    assert limit_of_blank(blanks, percentile=0.8) == pytest.approx(0.46)  # rank 5.3
    found = detection_of_lot({"l1": [1.1, 1.5, 1.2], "l2": [2.0, 2.6, 2.2]}, lob=0.46, z=1.645)
    assert (found.sd_low, found.c_p, found.lod) == pytest.approx(
        (0.261406452, 1.75466667, 0.918681188), rel=1e-8
    )
    with pytest.raises(UnableToAnswer):
        limit_of_blank(blanks, percentile=0.95)  # rank 6.2 of 6
    with pytest.raises(UnableToAnswer):
        detection_of_lot({"l1": [1.0], "l2": [2.0]}, lob=0, z=1.645)


@given(
    st.permutations(range(10)), st.floats(1e-3, 1e3), st.floats(0.1, 10), st.floats(-500, 500), st.booleans()
)
@settings(deadline=None, max_examples=20)
def test_the_limits_of_a_line_have_the_unit_of_the_doses_alone(order, unit, gain, offset, falls):
    plain = line_limits(fit_line(DIN_X, DIN_Y), alpha=0.01, m=1, k=3, confidence=0.99)
    y = (-gain if falls else gain) * DIN_Y[order] + offset

    found = line_limits(fit_line(unit * DIN_X[order], y), alpha=0.01, m=1, k=3, confidence=0.99)

    for name in ("critical_value", "detection_limit", "quantitation_limit"):
        assert getattr(found, name) == pytest.approx(unit * getattr(plain, name), rel=1e-7)


@given(
    st.lists(st.floats(0, 10), min_size=4, max_size=12), st.floats(0.1, 10), st.floats(-5, 5), st.randoms()
)
def test_limits_of_blank_and_detection_move_with_origin_and_unit(values, unit, shift, random):
    moved = [unit * value + shift for value in values]
    random.shuffle(moved)
    low = limit_of_blank(values, percentile=0.8)

    assert limit_of_blank(moved, percentile=0.8) == pytest.approx(unit * low + shift, abs=1e-9)
    assert limit_of_blank(values, percentile=0.6) <= low
    plain, other = (detection_of_lot({"l": sample}, lob=0, z=1.645) for sample in (values, moved))
    assert other.lod == pytest.approx(unit * plain.lod, abs=1e-6)


@given(st.floats(0.15, 2.0), st.floats(0.01, 0.2))
@settings(deadline=None, max_examples=20)
def test_a_higher_response_is_a_higher_dose_on_a_rising_curve(response, more):
    doses, y, _ = simulated_plate(4)
    rising = LogisticCalibration(fit_form(doses, y, np.ones(len(y)), model=Model.FOUR, form=Form.ABCD))

    assert rising.dose_at(response + more) > rising.dose_at(response)
