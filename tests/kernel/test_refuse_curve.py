from dataclasses import replace

import numpy as np
import pytest

from assays.kernel.fourpl import Curve, FitStatus, Refused, Weighting, fit_curve
from assays.kernel.logistic import Family
from assays.kernel.projection import project
from assays.kernel.refusal import refuse_condition, refuse_unconverged
from tests.kernel.shared import (
    ELISA_LEVELS,
    four_pl,
    level_means,
    needs_reference,
    simulated_plate,
    softmax_standards,
)

WELLS = np.repeat(ELISA_LEVELS, 2)
# A real protein assay, absorbance at 630 nm of three wells per dose: instruments/gen5_elisa_standard_curve.txt, which
# tests/readers reads. Its curve is a straight line.
PROTEIN = {
    2000.0: (3.337, 3.394, 3.378),
    666.67: (1.112, 1.131, 1.126),
    222.22: (0.371, 0.377, 0.375),
    74.074: (0.124, 0.126, 0.125),
    24.691: (0.041, 0.042, 0.042),
    8.2305: (0.014, 0.014, 0.014),
    2.7435: (0.005, 0.005, 0.005),
}
PROTEIN_BLANK = 0.001
SOFTMAX = [("open", "02"), ("open", "03"), ("unanswered", "04"), ("unanswered", "11"), ("unanswered", "12")]


def refusal(doses, responses, weighting=Weighting.NONE):
    refused = fit_curve(doses, responses, weighting=weighting)
    assert isinstance(refused, Refused), refused
    return refused


def noise(seed, size=16):
    return np.random.default_rng(seed).standard_normal(size)


def test_four_levels_are_too_few_however_many_wells():
    doses = np.repeat([1.0, 10.0, 100.0, 1000.0], 6)
    refused = refusal(doses, four_pl(doses, 0.1, 1, 50, 3))

    assert (refused.status, refused.reason) == (FitStatus.TOO_FEW_LEVELS, "too few levels")
    assert "4 distinct doses; at least 5" in refused.detail


def test_no_well_at_all_is_too_few_levels():
    assert refusal([], []).status is FitStatus.TOO_FEW_LEVELS


def test_one_and_the_same_response_everywhere_is_flat():
    assert refusal(WELLS, np.full(len(WELLS), 0.5)).status is FitStatus.FLAT


def test_noise_alone_is_never_a_curve():
    outcomes = [fit_curve(WELLS, 0.5 + 0.02 * noise(seed), weighting=Weighting.NONE) for seed in range(20)]

    assert all(isinstance(outcome, Refused) for outcome in outcomes)
    assert sum(outcome.status is FitStatus.FLAT for outcome in outcomes) > 16


def test_a_hook_at_the_top_is_non_monotone_and_names_the_doses():
    responses = four_pl(WELLS, 0.05, 1.2, 100, 3)
    responses[WELLS == 2000] = 1.9
    refused = refusal(WELLS, responses)

    assert (refused.status, refused.reason) == (FitStatus.NON_MONOTONE, "non-monotone")
    assert "from dose 800 to 2000" in refused.detail


def test_replicates_that_scatter_widely_may_dip_further():
    responses = four_pl(WELLS, 0.05, 1.2, 100, 3)
    responses[WELLS == 2000] = [1.7, 3.1]
    together = responses.copy()
    together[WELLS == 2000] = 2.4

    assert isinstance(fit_curve(WELLS, responses, weighting=Weighting.NONE), Curve)
    assert refusal(WELLS, together).status is FitStatus.NON_MONOTONE


def test_a_plateau_that_wobbles_within_its_noise_is_monotone():
    doses = np.repeat(2000.0 / 2 ** np.arange(10), 2)
    responses = four_pl(doses, 0.05, 2.0, 60, 3) * (1 + 0.04 * noise(5, len(doses)))

    assert isinstance(fit_curve(doses, responses, weighting=Weighting.NONE), Curve)


@pytest.mark.parametrize("weighting", Weighting)
def test_a_straight_line_has_no_upper_asymptote(weighting):
    refused = refusal(WELLS, 0.002 * WELLS * (1 + 0.01 * noise(2)), weighting)

    assert (refused.status, refused.reason) == (FitStatus.NOT_ESTIMABLE, "upper asymptote not estimable")


def test_straight_lines_with_real_noise_are_refused_with_few_exceptions():
    """Noise can bend a line; the share that passes for a curve must stay at a few percent."""
    outcomes = [
        fit_curve(WELLS, 0.0015 * WELLS * (1 + 0.03 * noise(seed)) + 0.02, weighting=Weighting.ONE_OVER_Y2)
        for seed in range(50)
    ]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]

    assert len(refused) >= 47
    assert {outcome.reason for outcome in refused} == {"upper asymptote not estimable"}


def test_a_bend_that_noise_explains_is_no_asymptote():
    """This line bends far enough by chance; one parameter fewer describes it as well."""
    refused = refusal(WELLS, 0.0015 * WELLS * (1 + 0.1 * noise(55)) + 0.02)

    assert refused.reason == "upper asymptote not estimable"
    assert "47.4 % of the way" in refused.detail
    assert "F = 0.35" in refused.detail


def test_a_straight_line_through_a_measured_zero_is_refused_with_finite_numbers():
    doses = np.append(WELLS, [0.0, 0.0])
    responses = np.append(0.002 * WELLS * (1 + 0.01 * noise(2)), [0.001, 0.001])

    for weighting in Weighting:
        refused = refusal(doses, responses, weighting)
        assert refused.reason == "upper asymptote not estimable"
        assert "inf" not in refused.detail
        assert "nan" not in refused.detail


@pytest.mark.parametrize("spread", [0.0, 0.01])
def test_a_step_between_two_plateaus_has_no_slope(spread):
    refused = refusal(WELLS, np.where(WELLS > 100, 3.0, 0.1) * (1 + spread * noise(1)))

    assert (refused.status, refused.reason) == (FitStatus.NOT_ESTIMABLE, "slope not estimable")
    assert "at least 2 are needed" in refused.detail


def test_a_fit_that_did_not_converge_or_cannot_be_told_apart_is_refused():
    doses, responses, _ = simulated_plate(1)
    fit = project(Family(), np.log(doses), responses[None, :])

    assert refuse_unconverged(fit) is None
    assert refuse_unconverged(replace(fit, converged=np.array([False]))).reason == "not converged"
    assert refuse_condition(1e13).reason == "parameters not estimable"


def test_standards_that_all_lie_on_the_upper_plateau_have_no_lower_asymptote():
    doses = np.repeat(1e5 / 2 ** np.arange(8), 2)
    refused = refusal(doses, 3 - 40 / doses**0.5 + 0.001 * noise(4))

    assert refused.reason == "lower asymptote not estimable"


def test_a_falling_line_has_no_lower_asymptote():
    refused = refusal(WELLS, 5 - 0.002 * WELLS * (1 + 0.005 * noise(6)))

    assert refused.reason == "lower asymptote not estimable"


def test_a_refusal_carries_the_numbers_it_rests_on():
    detail = refusal(WELLS, 0.002 * WELLS).detail

    assert "% of the way to the fitted upper asymptote (20 % is needed)" in detail
    assert "F = " in detail


def test_no_simulated_elisa_plate_is_refused():
    outcomes = [fit_curve(*simulated_plate(seed)[:2], weighting=Weighting.ONE_OVER_Y2) for seed in range(200)]

    assert all(isinstance(outcome, Curve) for outcome in outcomes)


@pytest.mark.parametrize("weighting", Weighting)
def test_the_real_protein_plate_is_refused(weighting):
    doses = [dose for dose, readings in PROTEIN.items() for _ in readings]
    responses = [reading - PROTEIN_BLANK for readings in PROTEIN.values() for reading in readings]

    assert refusal(doses, responses, weighting).reason == "upper asymptote not estimable"


@needs_reference
@pytest.mark.parametrize("weighting", Weighting)
@pytest.mark.parametrize(("folder", "number"), SOFTMAX)
def test_real_elisa_plates_that_do_not_quite_saturate_are_accepted(folder, number, weighting):
    standards = softmax_standards(folder, f"softmax_assay{number}")

    assert isinstance(fit_curve(*standards, weighting=weighting), Curve)
    assert isinstance(fit_curve(*level_means(*standards), weighting=weighting), Curve)


@needs_reference
def test_four_of_the_five_real_plates_warn_of_an_extrapolated_asymptote():
    warnings = {
        number: fit_curve(
            *level_means(*softmax_standards(folder, f"softmax_assay{number}")), weighting=Weighting.NONE
        ).warnings
        for folder, number in SOFTMAX
    }

    assert {number for number, given in warnings.items() if given} == {"02", "03", "04", "12"}
    assert warnings["02"] == ("upper asymptote 6.39 is 2.6 × the highest mean response: extrapolated",)
