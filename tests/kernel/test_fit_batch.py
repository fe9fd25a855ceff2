import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from assays.kernel.batch import CurveStatus, Engine, fit_batch
from assays.kernel.forms import Form, Model, fit_form
from assays.kernel.status import Status, UnableToAnswer
from tests.kernel.shared import ELISA_LEVELS, four_pl, simulated_plate

DOSES = np.repeat(ELISA_LEVELS, 2)
ENGINES = pytest.mark.parametrize("engine", Engine)


def plates(count, first=0):
    return np.stack([simulated_plate(seed)[1] for seed in range(first, first + count)])


@ENGINES
@pytest.mark.parametrize("power", [0, 1, 2])
def test_it_agrees_with_scipy_at_tight_tolerance_in_values_and_covariances(engine, power):
    responses = plates(25)
    weights = responses**-power

    batch = fit_batch(DOSES, responses, weights, engine=engine)

    def logistic(x, a, d, b, mu):
        return d + (a - d) / (1 + np.exp(b * (np.log(x) - mu)))

    assert (batch.status == CurveStatus.FITTED).all()
    for theta, covariance, y, w in zip(batch.theta, batch.covariance, responses, weights, strict=True):
        theirs, their_covariance = curve_fit(
            logistic, DOSES, y, p0=theta, sigma=w**-0.5, ftol=1e-15, xtol=1e-15, gtol=1e-15, method="trf",
            x_scale=np.abs(theta),
        )  # fmt: skip
        scale = np.array([np.ptp(y), np.ptp(y), theirs[2], 1.0])
        assert (np.abs(theta - theirs) / scale).max() < 1e-6
        assert np.sqrt(np.diag(covariance)) == pytest.approx(np.sqrt(np.diag(their_covariance)), rel=1e-4)


def test_both_engines_find_the_same_curves_and_the_same_refusals():
    responses = plates(300)
    responses[7], responses[11] = 0.5, 0.002 * DOSES
    responses[19] = np.where(DOSES > 100, 3.0, 0.1)
    weights = np.ones_like(responses)
    weights[5, 3] = 0
    responses[5, 3] = 1e5

    one, other = (fit_batch(DOSES, responses, weights, engine=engine) for engine in Engine)

    sound = one.status == CurveStatus.FITTED
    assert (one.status == other.status).all()
    assert sound.sum() >= 297
    assert one.theta[sound] == pytest.approx(other.theta[sound], rel=1e-7, abs=1e-8)
    assert one.covariance[sound] == pytest.approx(other.covariance[sound], rel=1e-6, abs=1e-15)
    assert one.rss[sound] == pytest.approx(other.rss[sound], rel=1e-11)
    assert (one.df == np.where(np.arange(300) == 5, 11, 12)).all()


def test_one_curve_of_a_batch_is_the_curve_fitted_alone():
    responses = plates(5)
    for model, asymmetric in ((Model.FOUR, False), (Model.FIVE, True)):
        batch = fit_batch(DOSES, responses, asymmetric=asymmetric)
        for index in np.flatnonzero(batch.status == CurveStatus.FITTED):
            alone = fit_form(DOSES, responses[index], np.ones(16), model=model, form=Form.ABCD)
            assert batch.rss[index] == pytest.approx(alone.rss, rel=1e-9)
            own = np.sqrt(np.diag(alone.inverse) * alone.variance)[:3]
            assert batch.standard_errors[index, :3] == pytest.approx(own, rel=1e-4)


def test_no_bit_of_a_compiled_curve_depends_on_the_curves_beside_it():
    responses = plates(40)

    together = fit_batch(DOSES, responses, engine=Engine.COMPILED)

    for index in range(0, 40, 7):
        alone = fit_batch(DOSES, responses[index : index + 1], engine=Engine.COMPILED)
        assert np.array_equal(alone.theta[0], together.theta[index])
        assert np.array_equal(alone.covariance[0], together.covariance[index])


def test_the_compiled_minimum_is_the_one_that_newtons_method_polishes_to_the_last_digits():
    responses = plates(25, first=500)

    batch = fit_batch(DOSES, responses, engine=Engine.COMPILED)

    for theta, y in zip(batch.theta, responses, strict=True):
        polished = fit_form(DOSES, y, np.ones(16), model=Model.FOUR, form=Form.ABCD).theta
        assert theta == pytest.approx(polished, rel=1e-11)


def test_doses_that_differ_between_curves_and_masks_make_ragged_batches():
    responses, doses = plates(6), np.stack([DOSES * factor for factor in (1, 2, 3, 5, 7, 11)])
    weights = np.ones_like(responses)
    weights[2, 4:6] = 0

    batch = fit_batch(doses, responses, weights)

    common = fit_batch(DOSES, responses, weights)
    assert batch.theta[:, 3] - np.log([1, 2, 3, 5, 7, 11]) == pytest.approx(common.theta[:, 3], abs=1e-8)
    assert batch.df.tolist() == common.df.tolist() == [12, 12, 10, 12, 12, 12]


@ENGINES
def test_each_curve_that_cannot_be_used_says_why(engine):
    responses = np.stack([plates(1)[0], np.full(16, 0.7), 0.002 * DOSES, plates(1)[0]])
    weights = np.ones_like(responses)
    weights[3, 8:] = 0

    batch = fit_batch(DOSES, responses, weights, engine=engine)

    assert batch.status[0] == CurveStatus.FITTED
    assert batch.status[1] == CurveStatus.FLAT
    assert batch.status[2] in (CurveStatus.NOT_ESTIMABLE, CurveStatus.NOT_CONVERGED)
    assert batch.status[3] == CurveStatus.TOO_FEW_LEVELS
    assert np.isnan(batch.doses_at(np.full((4, 1), 1.0))[1:]).all()


@ENGINES
def test_dose_zero_is_a_dose(engine):
    doses = np.append(DOSES, [0.0, 0.0])
    responses = np.column_stack([plates(3), np.full((3, 2), [0.06, 0.08])])

    batch = fit_batch(doses, responses, engine=engine)

    for index in range(3):
        alone = fit_form(doses, responses[index], np.ones(18), model=Model.FOUR, form=Form.ABCD)
        assert batch.theta[index] == pytest.approx(alone.theta, rel=1e-7)


@ENGINES
@given(
    seed=st.integers(0, 300), factor=st.floats(1e-3, 1e3), shift=st.floats(-5, 5), unit=st.floats(1e-4, 1e4)
)
@settings(max_examples=25, deadline=None)
def test_units_of_response_and_dose_do_not_matter(engine, seed, factor, shift, unit):
    y = simulated_plate(seed)[1][None, :]
    plain = fit_batch(DOSES, y, engine=engine)
    moved = fit_batch(DOSES * unit, shift + factor * y, engine=engine)

    assert moved.theta[0, 2] == pytest.approx(plain.theta[0, 2], rel=1e-6)
    assert moved.theta[0, 3] - np.log(unit) == pytest.approx(plain.theta[0, 3], abs=1e-6)
    assert moved.theta[0, :2] == pytest.approx(
        shift + factor * plain.theta[0, :2], rel=1e-6, abs=1e-6 * factor
    )


@ENGINES
@given(seed=st.integers(0, 300), order=st.permutations(range(16)))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_wells_does_not_matter(engine, seed, order):
    y = simulated_plate(seed)[1]
    one = fit_batch(DOSES, y[None, :], engine=engine)
    other = fit_batch(DOSES[list(order)], y[list(order)][None, :], engine=engine)

    assert other.theta == pytest.approx(one.theta, rel=1e-8)


@ENGINES
def test_reading_back_is_monotone_and_inverts_the_curve(engine):
    batch = fit_batch(DOSES, plates(20), engine=engine)
    wanted = np.geomspace(4, 1500, 30)
    responses = np.stack([four_pl(wanted, a, b, np.exp(mu), d) for a, d, b, mu in batch.theta])

    found = batch.doses_at(responses)

    assert found == pytest.approx(np.tile(wanted, (20, 1)), rel=1e-9)
    assert (np.diff(found, axis=1) > 0).all()


@pytest.mark.parametrize(
    ("doses", "responses", "weights", "engine", "status"),
    [
        (DOSES[:5], plates(2), None, Engine.NUMPY, Status.BAD_INPUT),
        (-DOSES, plates(2), None, Engine.NUMPY, Status.BAD_INPUT),
        (DOSES, plates(2) * np.nan, None, Engine.NUMPY, Status.BAD_INPUT),
        (DOSES, plates(2), np.ones(3), Engine.NUMPY, Status.BAD_INPUT),
        (DOSES, plates(2), -np.ones(16), Engine.NUMPY, Status.BAD_INPUT),
        (np.tile(DOSES, (2, 1)), plates(2), None, Engine.COMPILED, Status.UNSUPPORTED),
    ],
)
def test_input_that_is_no_batch_is_refused(doses, responses, weights, engine, status):
    with pytest.raises(UnableToAnswer) as refused:
        fit_batch(doses, responses, weights, engine=engine)

    assert refused.value.status is status


def test_the_compiler_is_loaded_only_when_it_is_asked_for():
    code = "import sys, assays.kernel.batch, assays.kernel.dose_response; print('numba' in sys.modules)"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "False"
