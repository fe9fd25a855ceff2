import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.cytotoxicity import et_ratio_at, lytic_units, specific_lysis_percent
from assays.kernel.status import Status, UnableToAnswer

SIGNALS = st.floats(1, 1e4)


def test_lysis_is_the_share_of_what_can_be_released():
    assert specific_lysis_percent(experimental=700, spontaneous=200, maximum=1200) == 50


@given(SIGNALS, SIGNALS, st.floats(10, 1e4), st.floats(0.1, 10), st.floats(-100, 100))
def test_neither_gain_nor_background_of_the_reader_matters(experimental, spontaneous, span, gain, offset):
    def lysis(gain, offset):
        return specific_lysis_percent(
            experimental=experimental * gain + offset,
            spontaneous=spontaneous * gain + offset,
            maximum=(spontaneous + span) * gain + offset,
        )

    assert lysis(gain, offset) == pytest.approx(lysis(1, 0), rel=1e-6, abs=1e-6)


def test_without_a_window_there_is_no_lysis():
    none = specific_lysis_percent(experimental=5, spontaneous=7, maximum=7)

    assert none.status is Status.NOT_EVALUABLE


def test_the_ratio_is_read_on_the_logarithm():
    assert et_ratio_at(60, [40, 10], [80, 40]) == pytest.approx(20)


def test_it_takes_the_first_pair_from_the_highest_ratio_down():
    assert et_ratio_at(50, [5, 10, 20, 40], [60, 40, 40, 60]) == pytest.approx(40 / 2**0.5)


def test_equal_ratios_count_with_their_mean():
    assert et_ratio_at(60, [40, 40, 10], [70, 90, 40]) == pytest.approx(20)


@pytest.mark.parametrize("percent", [39.9, 80.1])
def test_what_is_not_bracketed_is_not_reached(percent):
    assert et_ratio_at(percent, [40, 10], [80, 40]).status is Status.NOT_REACHED


@pytest.mark.parametrize(("percent", "ratio"), [(80, 40), (40, 10)])
def test_a_measured_percent_has_its_own_ratio(percent, ratio):
    assert et_ratio_at(percent, [40, 10], [80, 40]) == pytest.approx(ratio)


def test_lytic_units_count_the_effectors_that_are_needed():
    assert lytic_units(et_ratio=5, effectors=1e7, targets=1e4) == 200


def test_a_ratio_must_be_above_zero():
    with pytest.raises(UnableToAnswer, match="above zero"):
        et_ratio_at(50, [0, 10], [60, 40])


KILLING = [(40.0, 82.0), (20.0, 63.0), (10.0, 41.0), (5.0, 22.0)]


@given(st.permutations(KILLING), st.floats(0.01, 100), st.floats(22, 82))
def test_the_ratio_has_the_unit_of_the_ratios_and_no_order(wells, unit, percent):
    plain = et_ratio_at(percent, *zip(*KILLING, strict=True))

    found = et_ratio_at(percent, [unit * ratio for ratio, _ in wells], [lysis for _, lysis in wells])

    assert found == pytest.approx(unit * plain, rel=1e-9)


@given(st.floats(22, 81), st.floats(0.01, 1))
def test_more_lysis_takes_more_effectors_and_makes_fewer_units(percent, more):
    less, ratio = (et_ratio_at(p, *zip(*KILLING, strict=True)) for p in (percent, percent + more))

    assert ratio > less
    assert lytic_units(et_ratio=ratio, effectors=1e7, targets=1e4) < lytic_units(
        et_ratio=less, effectors=1e7, targets=1e4
    )
    assert lytic_units(et_ratio=ratio, effectors=3e7, targets=1e4) == pytest.approx(
        3 * lytic_units(et_ratio=ratio, effectors=1e7, targets=1e4)
    )
