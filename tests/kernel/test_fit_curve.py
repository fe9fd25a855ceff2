import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from assays.kernel.fourpl import Weighting, fit_curve
from assays.kernel.logistic import Family
from assays.kernel.points import arrange
from assays.kernel.projection import project
from tests.kernel.shared import (
    ELISA_LEVELS,
    expected_of,
    four_pl,
    level_means,
    needs_reference,
    simulated_plate,
    softmax_standards,
    table,
)

# Inderjit, Streibig & Olofsdotter 2002: ryegrass root length (cm) at ferulic acid concentrations (mM); the
# estimates are those printed for `drm(rootl ~ conc, fct = LL.4())` in Ritz & Streibig 2005, J Stat Softw 12(5).
RYEGRASS = {
    0: (7.58, 8.0, 8.328571429, 7.25, 7.375, 7.9625),
    0.94: (8.355555556, 6.914285714, 7.75),
    1.88: (6.871428571, 6.45, 5.922222222),
    3.75: (1.925, 2.885714286, 4.233333333),
    7.5: (1.1875, 0.857142857, 1.057142857),
    15: (0.6875, 0.525, 0.825),
    30: (0.25, 0.22, 0.44),
}


def wells(levels):
    pairs = [(dose, response) for dose, responses in levels.items() for response in responses]
    return [dose for dose, _ in pairs], [response for _, response in pairs]


def parameters(curve):
    return np.array([curve.a, curve.b, curve.c, curve.d])


def standard_errors(curve):
    """Of (a, b, c, d)."""
    a, d, b, log_c = np.sqrt(np.diag(curve.covariance))
    return np.array([a, b, curve.c * log_c, d])


def test_it_finds_the_published_curve_of_a_falling_response_with_dose_zero():
    curve = fit_curve(*wells(RYEGRASS), weighting=Weighting.NONE)

    assert parameters(curve) == pytest.approx([7.79296, 2.98222, 3.05795, 0.48141], abs=1e-5)
    assert curve.residual_sd == pytest.approx(0.5196256, abs=1e-7)
    assert curve.degrees_of_freedom == 20


def test_it_recovers_a_curve_without_noise_to_the_last_digits():
    doses = np.repeat(ELISA_LEVELS, 2)
    curve = fit_curve(doses, four_pl(doses, 0.07, 1.2, 150.0, 3.0), weighting=Weighting.ONE_OVER_Y2)

    assert parameters(curve) == pytest.approx([0.07, 1.2, 150.0, 3.0], rel=1e-8)


@pytest.mark.parametrize("weighting", Weighting)
@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_scipy_at_tight_tolerance_in_values_and_errors(seed, weighting):
    doses, responses, true = simulated_plate(seed)
    weights = arrange(doses, responses, weighting=weighting).weights
    by_dose = np.lexsort((responses, doses))
    sigma = np.empty_like(weights)
    sigma[by_dose] = weights**-0.5
    theirs, covariance = curve_fit(
        four_pl,
        doses,
        responses,
        p0=true,
        sigma=sigma,
        method="trf",
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
        x_scale=np.abs(true),
        max_nfev=5000,
    )

    curve = fit_curve(doses, responses, weighting=weighting)

    scale = np.array([np.ptp(responses), theirs[1], theirs[2], np.ptp(responses)])
    assert (np.abs(parameters(curve) - theirs) / scale).max() < 1e-6
    assert standard_errors(curve) == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-4)


def test_a_second_start_finds_the_curve_when_the_first_loses_its_way():
    """Seven of nine levels lie on the lower plateau, which pulls the logit line far from the slope."""
    doses = 2000 / 4.0 ** np.arange(9)
    responses = four_pl(doses, 0.05, 3, 800, 3) * (1 + 0.02 * (-1.0) ** np.arange(9))

    curve = fit_curve(doses, responses, weighting=Weighting.NONE)

    assert (curve.b, curve.c) == pytest.approx((3, 800), rel=0.05)


def test_many_curves_at_once_are_the_same_curves():
    plates = [simulated_plate(seed) for seed in range(40)]
    doses = plates[0][0]
    responses = np.stack([responses for _, responses, _ in plates])
    together = project(Family(), np.log(doses), responses)

    assert together.converged.all()
    for index, (_, response, _) in enumerate(plates):
        alone = fit_curve(doses, response, weighting=Weighting.NONE)
        batched = [together.a[index], together.b[index], np.exp(together.mu[0, index]), together.d[index]]
        assert batched == pytest.approx(parameters(alone), rel=1e-7, abs=1e-9)


def test_a_point_of_weight_zero_is_as_if_it_were_not_there():
    doses, responses, _ = simulated_plate(3)
    weights = np.ones((1, len(doses)))
    weights[0, 5] = 0
    spoiled = responses.copy()
    spoiled[5] = 1e6

    with_weight = project(Family(), np.log(doses), spoiled[None, :], weights)
    without = fit_curve(np.delete(doses, 5), np.delete(responses, 5), weighting=Weighting.NONE)

    assert with_weight.b[0] == pytest.approx(without.b, rel=1e-8)


@given(order=st.permutations(range(16)), seed=st.integers(0, 20))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_wells_changes_no_bit(order, seed):
    doses, responses, _ = simulated_plate(seed)

    one = fit_curve(doses, responses, weighting=Weighting.ONE_OVER_Y2)
    other = fit_curve(doses[list(order)], responses[list(order)], weighting=Weighting.ONE_OVER_Y2)

    assert one == other


@given(seed=st.integers(0, 200), factor=st.floats(1e-3, 1e4), shift=st.floats(-3, 3))
@settings(max_examples=40, deadline=None)
def test_scaling_and_shifting_the_responses_scales_and_shifts_the_asymptotes_only(seed, factor, shift):
    doses, responses, _ = simulated_plate(seed)

    plain = fit_curve(doses, responses, weighting=Weighting.NONE)
    moved = fit_curve(doses, factor * (responses + shift), weighting=Weighting.NONE)

    assert (moved.b, moved.c) == pytest.approx((plain.b, plain.c), rel=1e-6)
    assert moved.a / factor - shift == pytest.approx(plain.a, abs=1e-6)
    assert moved.d / factor - shift == pytest.approx(plain.d, rel=1e-6)


@given(seed=st.integers(0, 200), factor=st.floats(1e-4, 1e4), weighting=st.sampled_from(list(Weighting)))
@settings(max_examples=40, deadline=None)
def test_another_unit_of_dose_changes_c_only(seed, factor, weighting):
    doses, responses, _ = simulated_plate(seed)

    plain = fit_curve(doses, responses, weighting=weighting)
    scaled = fit_curve(factor * doses, responses, weighting=weighting)

    assert scaled.c / factor == pytest.approx(plain.c, rel=1e-6)
    assert (scaled.a, scaled.b, scaled.d) == pytest.approx((plain.a, plain.b, plain.d), rel=1e-6, abs=1e-8)


def test_weightings_give_different_answers_and_say_which_they_are():
    doses, responses, _ = simulated_plate(1)
    curves = [fit_curve(doses, responses, weighting=weighting) for weighting in Weighting]

    assert len({curve.c for curve in curves}) == 3
    assert [curve.weighting for curve in curves] == list(Weighting)


def test_the_curve_reads_back_what_it_predicts():
    doses, responses, _ = simulated_plate(2)
    curve = fit_curve(doses, responses, weighting=Weighting.NONE)

    for dose in (3.0, 42.0, 777.0):
        assert curve.dose_at(curve.response_at(dose)) == pytest.approx(dose, rel=1e-10)
    assert curve.response_at(0) == curve.a


@pytest.mark.parametrize(
    ("doses", "responses", "message"),
    [
        ([1, 2, 3], [1, 2], "3 doses and 2 responses"),
        ([1, 2, -3], [1, 2, 3], "-3 is below zero"),
        ([1, 2, 3], [1, float("nan"), 3], "finite"),
    ],
)
def test_input_that_is_no_curve_is_an_error(doses, responses, message):
    with pytest.raises(ValueError, match=message):
        fit_curve(doses, responses, weighting=Weighting.NONE)


@needs_reference
@pytest.mark.parametrize("case", ["softmax_assay02", "softmax_assay03"])
def test_it_reproduces_the_instruments_own_fit_to_level_means(case):
    expected = expected_of(case)
    curve = fit_curve(*level_means(*softmax_standards("open", case)), weighting=Weighting.NONE)

    for name in "abcd":
        reference = expected[f"fit.{name.upper()}"]
        assert getattr(curve, name) == pytest.approx(reference["value"], rel=reference["tol_rel"])
    assert curve.rss == pytest.approx(expected["fit.rss"]["value"], rel=1e-6)


@needs_reference
def test_it_reproduces_the_dnase_curve_with_its_standard_errors():
    expected = expected_of("dnase_run1")
    rows = table("open", "dnase_run1")
    curve = fit_curve(
        [float(row["conc_ng_ml"]) for row in rows],
        [float(row["od"]) for row in rows],
        weighting=Weighting.NONE,
    )
    a, d, b, log_c = np.sqrt(np.diag(curve.covariance))
    ours = {
        "A": curve.a,
        "B": curve.d,
        "xmid": np.log(curve.c),
        "scal": 1 / curve.b,
        "se.A": a,
        "se.B": d,
        "se.xmid": log_c,
        "se.scal": b / curve.b**2,
    }
    for name, value in ours.items():
        reference = expected[f"four_parameter.fit.{name}"]
        assert value == pytest.approx(reference["value"], rel=reference.get("tol_rel", 1e-6)), name


@needs_reference
def test_the_two_tetanus_curves_leave_the_pharmacopoeias_residual():
    rows = table("open", "pheur_5_4_1_tetanus_4pl")
    rss = 0.0
    for sample in ("S", "T"):
        own = [row for row in rows if row["sample"] == sample]
        doses = [1 / float(row["reciprocal_dilution"]) for row in own]
        rss += fit_curve(doses, [float(row["od"]) for row in own], weighting=Weighting.NONE).rss

    assert rss == pytest.approx(expected_of("pheur_5_4_1_tetanus_4pl")["free.rss"]["value"], rel=1e-6)
