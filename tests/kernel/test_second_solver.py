"""Two solvers that share nothing but the model come to the same curve."""

import random
from math import isclose

import pytest

from assays.kernel.fourpl import Curve, Weighting, fit_curve
from assays.kernel.missing import Missing
from assays.kernel.second_solver import SecondCurve, fit_again

DOSES = [dose for dose in (1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 15.625) for _ in range(2)]


def plate(seed, *, a=0.06, b=1.2, c=400.0, d=3.3):
    dice = random.Random(seed)
    return [(d + (a - d) / (1 + (dose / c) ** b)) * dice.gauss(1, 0.015) for dose in DOSES]


def weights_of(curve, responses):
    means = {dose: sum(y for x, y in zip(DOSES, responses, strict=True) if x == dose) / 2 for dose in DOSES}
    return [curve.weight_of(means[dose]) for dose in DOSES]


@pytest.mark.parametrize("weighting", list(Weighting))
@pytest.mark.parametrize("seed", range(8))
def test_both_solvers_agree(seed, weighting):
    responses = plate(seed)
    first = fit_curve(DOSES, responses, weighting=weighting)
    assert isinstance(first, Curve)
    second = fit_again(DOSES, responses, weights_of(first, responses))
    assert isinstance(second, SecondCurve)
    for name, value in second.parameters.items():
        assert abs(value - getattr(first, name)) <= 1e-6 * max(abs(getattr(first, name)), first.d - first.a)
    assert isclose(second.dose_at(1.0), first.dose_at(1.0), rel_tol=1e-6)


def test_it_finds_a_curve_without_noise_exactly_with_a_dose_of_zero():
    doses = [0.0, 0.0, *DOSES]
    responses = [0.06, 0.06, *(3.3 + (0.06 - 3.3) / (1 + (dose / 400) ** 1.2) for dose in DOSES)]
    second = fit_again(doses, responses, [1.0] * len(doses))
    assert isinstance(second, SecondCurve)
    assert second.parameters == pytest.approx({"a": 0.06, "b": 1.2, "c": 400, "d": 3.3}, rel=1e-8)


def test_a_response_beyond_an_asymptote_has_no_dose():
    curve = SecondCurve(a=0.1, span=3.0, ln_b=0.0, log10_c=2.0)
    assert all(isinstance(curve.dose_at(response), Missing) for response in (0.1, 0.0, 3.1, 4.0))


def test_it_says_so_when_it_comes_to_no_end(monkeypatch):
    monkeypatch.setattr("assays.kernel.second_solver.PATIENCE", 2)
    found = fit_again(DOSES, plate(1), [1.0] * len(DOSES))
    assert isinstance(found, Missing)
    assert "did not come to an end" in found.reason
