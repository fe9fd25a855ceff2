import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.status import Status, UnableToAnswer
from assays.kernel.trend import predict_level, predict_on_line

HISTORY = st.lists(st.floats(50, 150), min_size=3, max_size=12)


def test_a_level_is_predicted_with_the_t_of_its_history():
    found = predict_level([9, 10, 11], confidence=0.95)

    half = 4.302652729696142 * (4 / 3) ** 0.5
    assert (found.expected, found.upper) == pytest.approx((10, 10 + half))


def test_a_line_is_predicted_wider_the_farther_ahead():
    times, history = [0, 3, 6, 9], [100.1, 98.9, 98.2, 96.8]

    near, far = (predict_on_line(times, history, at=at, confidence=0.95) for at in (12, 24))

    assert far.upper - far.lower > near.upper - near.lower
    assert near.expected == pytest.approx(np.polyval(np.polyfit(times, history, 1), 12))


def test_a_new_value_falls_outside_as_often_as_stated():
    rng = np.random.default_rng(7)
    times = np.arange(6.0)

    def falls_out():
        *history, new = 100 - 0.5 * np.arange(7) + rng.normal(0, 1, 7)
        return predict_on_line(times, history, at=6, confidence=0.9).is_out_of_trend(new)

    assert np.mean([falls_out() for _ in range(4000)]) == pytest.approx(0.1, abs=0.02)


@given(HISTORY, st.floats(-50, 50), st.floats(0.1, 10))
def test_predictions_move_with_origin_and_unit(history, shift, scale):
    times = list(range(len(history)))
    moved = [value * scale + shift for value in history]

    for predict, at in ((predict_level, {}), (predict_on_line, {"at": len(history)})):
        arguments = (times,) if at else ()
        plain = predict(*arguments, history, confidence=0.95, **at)
        other = predict(*arguments, moved, confidence=0.95, **at)
        assert other.upper == pytest.approx(plain.upper * scale + shift, abs=1e-6)
        assert other.lower == pytest.approx(plain.lower * scale + shift, abs=1e-6)


def test_a_value_on_its_limit_is_in_trend():
    found = predict_level([9, 10, 11], confidence=0.95)

    assert not found.is_out_of_trend(found.upper)
    assert found.is_out_of_trend(found.upper + 1e-9)


@pytest.mark.parametrize(
    ("predict", "status"),
    [
        (lambda: predict_level([1], confidence=0.95), Status.TOO_FEW_VALUES),
        (lambda: predict_on_line([1, 2], [1, 2], at=3, confidence=0.95), Status.TOO_FEW_VALUES),
        (lambda: predict_on_line([1, 1, 1], [1, 2, 3], at=3, confidence=0.95), Status.NOT_ESTIMABLE),
    ],
)
def test_too_little_history_predicts_nothing(predict, status):
    with pytest.raises(UnableToAnswer) as refused:
        predict()

    assert refused.value.status is status
