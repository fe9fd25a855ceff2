import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assays.kernel.fieller import fieller_limits
from assays.kernel.status import Status, Unanswered

VALUES = st.floats(-50, 50)
VARIANCES = st.floats(0.01, 20)


@given(VALUES, st.floats(0.5, 50), VARIANCES, VARIANCES, st.floats(-0.9, 0.9), st.floats(0.1, 4))
def test_each_limit_is_a_ratio_that_the_data_just_do_not_reject(a, b, v11, v22, correlation, t):
    v12 = correlation * np.sqrt(v11 * v22)
    limits = fieller_limits(a, b, v11=v11, v22=v22, v12=v12, quantile=t)
    assume(isinstance(limits, tuple))

    assert limits[0] <= a / b <= limits[1]
    for m in limits:
        distance, variance = (a - m * b) ** 2, v11 - 2 * m * v12 + m**2 * v22
        assert distance == pytest.approx(t**2 * variance, rel=1e-6, abs=1e-6)


@given(VALUES, st.floats(1, 50), st.floats(0.01, 1), st.floats(0.01, 0.1), st.floats(0.1, 100))
def test_they_scale_with_the_numerator(a, b, v11, v22, factor):
    plain = fieller_limits(a, b, v11=v11, v22=v22, v12=0, quantile=1.96)
    scaled = fieller_limits(a * factor, b, v11=v11 * factor**2, v22=v22, v12=0, quantile=1.96)
    assume(isinstance(plain, tuple))

    assert scaled == pytest.approx([limit * factor for limit in plain], rel=1e-7, abs=1e-9)


def test_a_denominator_without_error_gives_the_usual_interval():
    assert fieller_limits(6, 2, v11=4, v22=0, v12=0, quantile=3) == pytest.approx((0, 6))


@pytest.mark.parametrize("b", [0.0, 1.0, -1.0, 1e-300])
def test_there_are_none_if_the_denominator_is_not_significant(b):
    limits = fieller_limits(3, b, v11=1, v22=1, v12=0, quantile=2)

    assert isinstance(limits, Unanswered)
    assert limits.status is Status.LIMITS_DO_NOT_EXIST
