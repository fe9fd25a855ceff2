import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as t_distribution

from assays.kernel.backcalculation import RangeStatus, backcalculate
from assays.kernel.fourpl import Weighting, fit_curve
from assays.kernel.missing import Missing
from tests.kernel.shared import ELISA_LEVELS, expected_of, four_pl, needs_reference, simulated_plate, table

LLOQ, ULOQ = ELISA_LEVELS[-1], ELISA_LEVELS[0]


def plate_curve(seed=1, weighting=Weighting.ONE_OVER_Y2):
    doses, responses, _ = simulated_plate(seed)
    return fit_curve(doses, responses, weighting=weighting)


def read_back(response, curve=None, **options):
    return backcalculate(curve or plate_curve(), response, lloq=LLOQ, uloq=ULOQ, **options)


@given(seed=st.integers(0, 50), share=st.floats(0.02, 0.98), weighting=st.sampled_from(list(Weighting)))
@settings(max_examples=60, deadline=None)
def test_a_response_in_range_reads_back_to_its_dose_inside_its_interval(seed, share, weighting):
    curve = plate_curve(seed, weighting)
    dose = LLOQ * (ULOQ / LLOQ) ** share
    found = read_back(curve.response_at(dose), curve)

    assert found.status is RangeStatus.IN_RANGE
    assert found.concentration == pytest.approx(dose, rel=1e-9)
    for limit, side in ((found.lower, -1), (found.upper, 1)):
        assert isinstance(limit, Missing) or side * (limit - dose) > 0


def test_a_response_just_outside_the_range_gives_a_status_and_no_number():
    curve = plate_curve()
    below = read_back(curve.response_at(LLOQ * 0.99), curve)
    above = read_back(curve.response_at(ULOQ * 1.01), curve)

    assert (below.status, below.is_below, below.is_above) == (RangeStatus.BELOW, True, False)
    assert (above.status, above.is_below, above.is_above) == (RangeStatus.ABOVE, False, True)
    assert below.concentration == Missing("below the LLOQ of 3.2768")
    assert above.lower == Missing("above the ULOQ of 2000")


@pytest.mark.parametrize("offset", [0.0, 0.5])
def test_a_response_at_or_beyond_an_asymptote_has_no_solution_but_a_side(offset):
    curve = plate_curve()
    low, high = read_back(curve.a - offset, curve), read_back(curve.d + offset, curve)

    assert (low.status, low.is_below) == (RangeStatus.NO_SOLUTION, True)
    assert low.concentration == Missing("no solution: the response is at or beyond the lower asymptote")
    assert (high.status, high.is_above) == (RangeStatus.NO_SOLUTION, True)
    assert high.concentration == Missing("no solution: the response is at or beyond the upper asymptote")


def test_on_a_falling_curve_a_high_response_is_below_the_range():
    doses = np.repeat(ELISA_LEVELS, 2)
    curve = fit_curve(doses, four_pl(doses, 3.0, 1.2, 100, 0.05), weighting=Weighting.NONE)

    assert read_back(3.2, curve).is_below
    assert read_back(0.01, curve).is_above


def test_the_standard_error_is_that_of_the_delta_method_by_numbers():
    """Derivatives of x₀ by finite differences in each parameter and in the reading."""
    curve = plate_curve()
    response = curve.response_at(100.0)

    def dose(a, d, b, log_c, y):
        return math.exp(log_c) * ((a - d) / (y - d) - 1) ** (1 / b)

    at = np.array([curve.a, curve.d, curve.b, math.log(curve.c), response])
    gradient = np.array([(dose(*(at + h)) - dose(*(at - h))) / (2e-6) for h in 1e-6 * np.eye(5)])
    reading = curve.residual_sd**2 / (3 * curve.weight_of(response))
    variance = gradient[:4] @ np.array(curve.covariance) @ gradient[:4] + gradient[4] ** 2 * reading

    assert read_back(response, curve, readings=3).standard_error == pytest.approx(
        math.sqrt(variance), rel=1e-6
    )


def test_the_interval_ends_where_the_response_leaves_the_prediction_band():
    curve = plate_curve()
    response = curve.response_at(100.0)
    found = read_back(response, curve, readings=2)
    t_value = t_distribution.ppf(0.975, curve.degrees_of_freedom)
    reading = curve.residual_sd**2 / (2 * curve.weight_of(response))

    for limit in (found.lower, found.upper):
        h = np.array(curve.tangent_at(limit))
        band = t_value * math.sqrt(h @ np.array(curve.covariance) @ h + reading)
        assert abs(response - curve.response_at(limit)) == pytest.approx(band, rel=1e-9)


def test_more_readings_and_less_confidence_narrow_the_interval():
    curve = plate_curve()
    response = curve.response_at(100.0)

    def width(**options):
        found = read_back(response, curve, **options)
        return found.upper - found.lower

    assert width(readings=4) < width(readings=1)
    assert width(confidence=0.8) < width(confidence=0.95)


def test_a_limit_that_does_not_exist_is_missing():
    doses, responses, _ = simulated_plate(1, cv=0.12)
    curve = fit_curve(doses, responses, weighting=Weighting.NONE)
    found = read_back(curve.response_at(ULOQ * 0.999), curve)

    assert found.upper == Missing("the interval has no limit on this side")
    assert found.lower < found.concentration


@needs_reference
def test_it_reproduces_the_published_inverse_and_its_error_on_logarithms():
    """drLumi, FGF on plate 1: log₁₀ MFI against dose; errors of the curve alone, on the log₁₀ scale."""
    expected = expected_of("drlumi_FGF_invest")
    rows = table("open", "drlumi_FGF_invest")
    dose, mfi = (next(name for name in rows[0] if key in name) for key in ("conc", "mfi"))
    curve = fit_curve(
        [float(row[dose]) for row in rows],
        [math.log10(float(row[mfi])) for row in rows],
        weighting=Weighting.NONE,
    )
    readings = (2902, 3173.5, 440, 435, 40, 36)

    for index, response in enumerate(map(math.log10, readings), start=1):
        x = curve.dose_at(response)
        h = np.array(curve.tangent_at(x))
        error = math.sqrt(h @ np.array(curve.covariance) @ h) / abs(curve.slope_at(x)) / (x * math.log(10))
        assert math.log10(x) == pytest.approx(expected[f"items.{index}.x"]["value"], rel=1e-6)
        assert error == pytest.approx(expected[f"items.{index}.curve_only.se"]["value"], rel=1e-5)


@needs_reference
def test_it_reproduces_every_concentration_the_instrument_printed():
    from tests.kernel.shared import level_means, softmax_standards

    for case in ("softmax_assay02", "softmax_assay03"):
        curve = fit_curve(*level_means(*softmax_standards("open", case)), weighting=Weighting.NONE)
        expected = expected_of(case)
        for row in table("open", case):
            reference = expected.get(f"wells.{row['well']}.concentration", {}).get("value")
            if isinstance(reference, float):
                response = float(row["od450"]) - float(row["od620"])
                assert curve.dose_at(response) == pytest.approx(reference, rel=1e-5), row["well"]
