"""Westgard's rules over the readings of one lot and of the controls beside it; values from readings."""

import json
from decimal import Decimal

import pytest

from assays.kernel.control_rules import Target, Westgard
from assays.rules.control_statistics import statistics
from assays.rules.controls import Judged, Standing, bridged_target, judge, target_of

ONE, TWO = 1, 2
BEYOND = Judged(z=Decimal("2.15"), broken=(Westgard.R_1_2S,))
TARGETS = {ONE: Target(mean=Decimal(100), sd=Decimal(10)), TWO: Target(mean=Decimal(500), sd=Decimal(20))}


def broken(runs, lot=ONE):
    return [one and set(one.broken) for one in judge(runs, TARGETS, lot)]


def of(*values):
    return [{ONE: Decimal(value)} for value in values]


def test_a_value_on_a_limit_breaks_nothing():
    assert broken(of(120, 80)) == [set(), set()]


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ((121,), Westgard.R_1_2S),
        ((131,), Westgard.R_1_3S),
        ((121, 125), Westgard.R_2_2S_WITHIN),
        ((111, 112, 113, 114), Westgard.R_4_1S_WITHIN),
        ((101,) * 10, Westgard.R_10_X_WITHIN),
    ],
)
def test_the_rule_is_broken_by_the_reading_that_completes_it(values, rule):
    *before, last = broken(of(*values))
    assert rule in last
    assert not any(rule in one for one in before)


def test_two_controls_of_one_run_break_a_rule_together_and_a_third_has_no_part_in_it():
    three = TARGETS | {3: Target(mean=Decimal(1), sd=Decimal(1))}
    run = [{ONE: Decimal(125), TWO: Decimal(545), 3: Decimal(1)}]
    assert [Westgard.R_2_2S_ACROSS in judge(run, three, lot)[0].broken for lot in three] == [
        True,
        True,
        False,
    ]
    run = [{ONE: Decimal(125), TWO: Decimal(455), 3: Decimal(1)}]
    assert [Westgard.R_4S in judge(run, three, lot)[0].broken for lot in three] == [True, True, False]


def test_a_warning_alone_rejects_nothing():
    [found] = judge(of(121), TARGETS, ONE)
    assert (found.state, found.in_words, found.z) == ("warning", "1-2s: beyond 2 SD", Decimal("2.1"))
    [found] = judge(of(131), TARGETS, ONE)
    assert found.state == "rejected"
    [found] = judge(of(119), TARGETS, ONE)
    assert found.state == "within"


def test_a_run_without_the_control_has_nothing_to_judge_and_interrupts_nothing():
    assert broken([{ONE: Decimal(121)}, {TWO: Decimal(500)}, {ONE: Decimal(122)}]) == [
        {Westgard.R_1_2S},
        None,
        {Westgard.R_1_2S, Westgard.R_2_2S_WITHIN},
    ]


def test_a_value_is_the_mean_and_sd_of_its_readings():
    """Mean 5 and SD √(32/7) of 2, 4, 4, 4, 5, 5, 7, 9."""
    target = target_of([Decimal(value) for value in (2, 4, 4, 4, 5, 5, 7, 9)])
    assert target.mean == 5
    assert abs(target.sd**2 - Decimal(32) / 7) < Decimal("1e-10")


def test_a_bridged_value_keeps_the_relative_sd():
    target = bridged_target([Decimal(190), Decimal(210)], TARGETS[ONE])
    assert (target.mean, target.sd) == (200, 20)


def test_statistics_of_readings_against_the_assigned_value():
    found = statistics([Decimal(value) for value in (98, 102, 106)], TARGETS[ONE])
    assert (found.count, found.mean, found.sd, found.bias_percent) == (3, 102, 4, 2)
    assert found.cv_percent == pytest.approx(Decimal(400) / 102)
    assert found.average.means == pytest.approx(
        (99.6, 100.08, 101.264)
    )  # 0.2·x + 0.8·the one before, from 100
    assert (found.average.lower, found.average.upper) == pytest.approx((90, 110))  # 100 ± 3·10·√(0.2/1.8)
    assert found.average.is_within


def test_statistics_say_nothing_that_they_do_not_know():
    alone = statistics([Decimal(98)], None)
    assert (alone.mean, alone.sd, alone.cv_percent, alone.bias_percent, alone.average) == (98, *[None] * 4)
    assert statistics([], TARGETS[ONE]).mean is None
    assert statistics([Decimal(0), Decimal(0)], None).cv_percent is None


def test_capability_needs_twenty_readings_and_a_range_that_the_method_allows():
    values = [Decimal(100 + step % 5) for step in range(20)]
    allowed = (Decimal(90), Decimal(110))
    found = statistics(values, None, allowed).capability
    sd = statistics(values, None).sd
    assert found.ppk == pytest.approx(float((110 - 102) / (3 * sd)))
    assert found.pp == pytest.approx(float(20 / (6 * sd)))
    assert found.ppk_limits[0] < found.ppk < found.ppk_limits[1]
    assert statistics(values[1:], None, allowed).capability is None
    assert statistics(values, None).capability is None
    assert statistics([Decimal(1)] * 20, None, allowed).capability is None


def test_a_drift_is_a_pattern_and_leaves_the_limits_of_the_average():
    rising = [Decimal(value) for value in (101, 104, 107, 110, 113, 116, 119, 118)]
    [pattern] = statistics(rising, TARGETS[ONE]).patterns
    assert (pattern.rule, pattern.at) == (3, 6), "at the last reading that completes it"
    assert not statistics([Decimal(119)] * 12, TARGETS[ONE]).average.is_within


@pytest.mark.parametrize(
    "standing",
    [
        {"value": Decimal("121.5"), "target": TARGETS[ONE], "judged": BEYOND},
        {"value": Decimal("121.5")},
        {"value": None, "missing": "above the curve", "target": TARGETS[ONE]},
    ],
)
def test_what_a_review_kept_reads_as_it_stood(standing):
    given = {"name": "CTL1", "lot_id": 1, "lot_number": "A1", "missing": "", "unit": "pg/mL"} | standing
    before = Standing(**given)
    assert Standing.revived(json.loads(json.dumps(before.facts))) == before
