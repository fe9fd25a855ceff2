from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.kernel.control_rules import Target, Westgard, nelson, westgard
from assays.kernel.status import Status, UnableToAnswer

UNIT = Target(Decimal(0), Decimal(1))
SCORES = st.lists(st.decimals(-4, 4, places=1), max_size=40)


def decimals(*values):
    return [Decimal(str(value)) for value in values]


def fires(rule, *runs):
    """Which runs break the rule; a run is a score or a pair of scores of two levels."""
    levels = [run if isinstance(run, tuple) else (run,) for run in runs]
    given = [dict(zip("ab", decimals(*run), strict=False)) for run in levels]
    return westgard(given, {"a": UNIT, "b": UNIT}, Westgard(rule))


@pytest.mark.parametrize(
    ("rule", "runs", "fired"),
    [
        ("1_2s", [2, 2.1, -2.1, 0], [1, 2]),
        ("1_3s", [3, 3.1, -3.01], [1, 2]),
        ("1_2s", [(0, 2.1), (2.1, 2.1)], [0, 1]),
        ("2_2s_within", [2.1, 2.2, 2, 2.1], [1]),
        ("2_2s_within", [2.1, -2.1, -2.2], [2]),
        ("2_2s_within", [(2.1, 0), (0, 2.1)], []),
        ("2_2s_across", [(2.1, 2.2), (2.1, -2.2), (-2.1, -2.1), (2, 2.1)], [0, 2]),
        ("R_4s", [(2.1, -2.1), (2, -2.1), (-2.2, 2.2), (4.5, 0)], [0, 2]),
        ("R_4s", [(2.1, 0), (0, -2.1)], []),  # within one run only
        ("4_1s_within", [1.1, 1.2, 1.3, 1.4, 1.5, 1], [3, 4]),
        ("10_x_within", [0.1] * 11 + [0], [9, 10]),
        ("10_x_within", [-0.1] * 9 + [0.1], []),
    ],
)
def test_a_rule_of_westgard_fires_where_it_is_broken(rule, runs, fired):
    assert fires(rule, *runs) == fired


def test_a_level_that_was_not_measured_keeps_its_earlier_values():
    runs = [{"a": Decimal("2.1")}, {"b": Decimal(0)}, {"a": Decimal("2.1")}]

    assert westgard(runs, {"a": UNIT, "b": UNIT}, Westgard.R_2_2S_WITHIN) == [2]


def test_a_value_exactly_on_a_limit_does_not_fire():
    target = Target(Decimal("0.3"), Decimal("0.1"))  # in binary (0.5 − 0.3)/0.1 > 2

    assert westgard([{"a": Decimal("0.5")}], {"a": target}, Westgard.R_1_2S) == []
    assert nelson(decimals(0.6), target, 1) == []
    assert nelson([Decimal("0.60000000000000000001")], target, 1) == [0]


def test_a_control_without_target_is_refused():
    with pytest.raises(UnableToAnswer, match="b"):
        westgard([{"b": Decimal(1)}], {"a": UNIT}, Westgard.R_1_2S)


def test_a_target_needs_a_spread():
    with pytest.raises(UnableToAnswer, match="SD"):
        Target(Decimal(1), Decimal(0))


@pytest.mark.parametrize(
    ("rule", "values", "completing"),
    [
        (1, [3, 3.1, -3.1], [1, 2]),
        (2, [0.1] * 10, [8, 9]),
        (2, [0.1] * 8 + [0], []),
        (3, [1, 2, 3, 4, 5, 6, 7], [5, 6]),
        (3, [6, 5, 4, 3, 2, 1], [5]),
        (3, [1, 2, 3, 3, 4, 5, 6], []),
        (4, [0, 1] * 7 + [0], [13, 14]),
        (4, [0, 1] * 6 + [0, 0], []),
        (5, [2.1, 0, 2.2, 0], [2]),
        (5, [2.1, 0, -2.2, 2.1], []),
        (5, [0, 2.1, 2.2], [2]),
        (5, [2.1, 2.2, 0], []),  # the third completes nothing
        (6, [1.1, 1.1, 0, 1.1, 1.1], [4]),
        (6, [-1.1, -1.1, -1.1, -1.1, 0], []),
        (7, [0.9, -0.9, 0] * 5, [14]),
        (7, [0.9] * 14 + [1], []),
        (8, [1.1, -1.1] * 4, [7]),
        (8, [1.1] * 8, []),
    ],
)
def test_a_rule_of_nelson_names_the_points_that_complete_it(rule, values, completing):
    assert nelson(decimals(*values), UNIT, rule) == completing


@given(SCORES, st.integers(1, 8))
def test_both_sides_of_the_mean_are_treated_alike(scores, rule):
    assert nelson([-score for score in scores], UNIT, rule) == nelson(scores, UNIT, rule)


@given(SCORES, st.integers(1, 8), st.integers(-50, 50), st.integers(1, 9))
def test_neither_origin_nor_unit_matters(scores, rule, mean, sd):
    moved = [mean + sd * score for score in scores]

    assert nelson(moved, Target(Decimal(mean), Decimal(sd)), rule) == nelson(scores, UNIT, rule)


@given(SCORES, st.integers(1, 8))
def test_later_values_change_nothing_that_was_found(scores, rule):
    found = nelson(scores, UNIT, rule)

    assert nelson(scores[:-1], UNIT, rule) == [i for i in found if i < len(scores) - 1]


def test_there_is_no_ninth_rule():
    with pytest.raises(UnableToAnswer) as refused:
        nelson([], UNIT, 9)

    assert refused.value.status is Status.UNSUPPORTED


@given(SCORES, st.sampled_from(Westgard), st.integers(-50, 50), st.integers(1, 9))
def test_neither_side_nor_origin_nor_unit_matters_to_westgard(scores, rule, mean, sd):
    pairs = list(zip(scores[::2], scores[1::2], strict=False))
    target = Target(Decimal(mean), Decimal(sd))
    moved = [{"a": mean - sd * a, "b": mean - sd * b} for a, b in pairs]

    assert westgard(moved, {"a": target, "b": target}, rule) == fires(rule, *pairs)
    # Which of two levels is called the first does not matter either.
    assert fires(rule, *((b, a) for a, b in pairs)) == fires(rule, *pairs)
