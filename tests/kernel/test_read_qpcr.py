import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress

from assays.kernel.qpcr import DeltaCt, copies_per_cell, delta_ct, fit_ct, fold_change
from assays.kernel.status import Status, UnableToAnswer

CTS = st.floats(10, 40)


def test_a_reaction_that_doubles_is_fully_efficient():
    line = fit_ct([1000, 500, 250, 125], [20, 21, 22, 23])

    assert line.efficiency_percent == pytest.approx(100)
    assert line.r2 == pytest.approx(1)
    assert line.input_at(21) == pytest.approx(500)


@given(st.lists(CTS, min_size=3, max_size=6, unique=True))
def test_the_line_is_that_of_ordinary_least_squares(cts):
    inputs = [10.0**i for i in range(len(cts))]
    expected = linregress(range(len(cts)), cts)

    line = fit_ct(inputs, cts)

    assert (line.slope, line.intercept) == pytest.approx((expected.slope, expected.intercept), abs=1e-9)
    assert line.r2 == pytest.approx(expected.rvalue**2, abs=1e-9)


def test_a_flat_line_has_neither_efficiency_nor_input():
    line = fit_ct([1, 10, 100], [20, 20, 20])

    assert line.efficiency_percent.status is Status.NOT_EVALUABLE
    assert line.r2.status is Status.NOT_EVALUABLE
    assert line.input_at(20).status is Status.NO_SOLUTION


@pytest.mark.parametrize(
    ("inputs", "status"),
    [([1, 0], Status.BAD_INPUT), ([1], Status.TOO_FEW_VALUES), ([5, 5], Status.NOT_ESTIMABLE)],
)
def test_inputs_that_give_no_line_are_refused(inputs, status):
    with pytest.raises(UnableToAnswer) as refused:
        fit_ct(inputs, [20.0] * len(inputs))

    assert refused.value.status is status


def test_three_cycles_fewer_are_eight_times_as_much():
    change = fold_change(DeltaCt(5, 1), DeltaCt(8, 2), efficiency=2)

    assert (change.ddct, change.fold, change.lower, change.upper) == (-3, 8, 4, 16)


@given(st.lists(CTS, min_size=2, max_size=6), st.floats(-5, 5))
def test_the_sd_of_one_tube_knows_that_its_readings_belong_together(cts, shift):
    moved = [ct + shift for ct in cts]

    assert delta_ct(moved, cts, same_tube=True).sd == pytest.approx(0, abs=1e-9)
    apart = delta_ct(moved, cts, same_tube=False)
    assert apart.value == pytest.approx(shift, abs=1e-9)
    assert apart.sd == pytest.approx(2**0.5 * delta_ct(cts, [0, 0], same_tube=False).sd, abs=1e-9)


def test_a_single_reading_gives_a_fold_without_interval():
    delta = delta_ct([25], [20, 21], same_tube=False)

    change = fold_change(delta, DeltaCt(5, 1), efficiency=2)

    assert change.fold == pytest.approx(2**0.5)
    assert change.lower.status is Status.TOO_FEW_VALUES


def test_copies_are_counted_per_diploid_genome():
    assert copies_per_cell(transgene=300, reference=200) == 3
    with pytest.raises(UnableToAnswer, match="reference"):
        copies_per_cell(transgene=300, reference=0)


@given(st.permutations(range(5)), st.floats(0.01, 100), st.floats(-5, 5))
def test_the_unit_of_the_input_and_a_delay_of_all_cycles_leave_the_efficiency(order, unit, delay):
    inputs, cts = [1e5, 1e4, 1e3, 1e2, 1e1], [18.1, 21.5, 24.8, 28.3, 31.6]
    plain = fit_ct(inputs, cts)

    moved = fit_ct([unit * inputs[i] for i in order], [cts[i] + delay for i in order])

    assert moved.efficiency_percent == pytest.approx(plain.efficiency_percent, rel=1e-8)
    assert moved.input_at(25 + delay) == pytest.approx(unit * plain.input_at(25), rel=1e-8)
    assert moved.input_at(25 + delay) > moved.input_at(26 + delay)
