from dataclasses import replace
from decimal import Decimal

import pytest

from assays.kernel import VERSION
from assays.kernel.fourpl import Curve
from assays.kernel.ifng import Role
from assays.kernel.missing import Missing
from tests.kernel.bench import STIMULATED, criterion, is_standard, sample_bench


def test_a_valid_run_shows_every_criterion_with_value_and_limit():
    outcome = sample_bench().control(400, [390, 410]).compute()

    assert outcome.is_valid
    assert outcome.kernel_version == VERSION
    assert isinstance(outcome.curve, Curve)
    assert (outcome.lloq_pg_per_ml, outcome.uloq_pg_per_ml) == (Decimal("15.625"), Decimal(1000))
    assert [found.name for found in outcome.criteria] == [
        "Blank",
        "Standard curve",
        "Standard levels",
        "Standard levels within limits",
        "Lowest standard (LLOQ)",
        "Highest standard (ULOQ)",
        "Control CTL1",
    ]
    assert criterion(outcome, "Control CTL1").value == pytest.approx(100, rel=1e-6)
    assert criterion(outcome, "Control CTL1").limit == "recovery 80–120 %, CV at most 20 %"
    assert all(level.recovery_percent == pytest.approx(100, rel=1e-5) for level in outcome.standards)


def test_an_invalid_run_has_no_result_for_any_sample():
    bench = sample_bench().sample(STIMULATED, [300, 300], 10, name="S2").control(400, [600, 600])
    outcome = bench.compute()

    assert not outcome.is_valid
    assert [sample.net for sample in outcome.samples] == [
        Missing("run invalid: Control CTL1: 150 %, allowed: recovery 80–120 %, CV at most 20 %")
    ] * 2
    assert outcome.samples[0].stimulated.measured.pg_per_ml == pytest.approx(2500, rel=1e-6)


def test_control_replicates_that_scatter_fail_the_run():
    outcome = sample_bench().control(400, [300, 500]).compute()

    assert criterion(outcome, "Control CTL1").value == pytest.approx(100, rel=1e-6)
    assert not outcome.is_valid


def test_a_high_blank_fails_the_run():
    bench = sample_bench()
    bench.wells = [replace(well, response=well.response + Decimal("0.5")) for well in bench.wells]
    outcome = bench.compute()

    assert criterion(outcome, "Blank").value == pytest.approx(0.56)
    assert [found.name for found in outcome.criteria if not found.passed] == ["Blank"]


def test_without_a_readable_blank_there_is_no_result():
    bench = sample_bench()
    bench.wells = [
        replace(well, mask_reason="spilled") if well.role is Role.BLANK else well for well in bench.wells
    ]
    outcome = bench.compute()

    assert criterion(outcome, "Blank").value == Missing("no value")
    assert outcome.samples[0].net == Missing("run invalid: Blank: no value")


def test_five_levels_are_too_few_for_the_method():
    bench = sample_bench()
    bench.wells = [w for w in bench.wells if w.nominal_pg_per_ml not in (Decimal(250), Decimal("31.25"))]
    outcome = bench.compute()

    assert criterion(outcome, "Standard levels").value == 5
    assert not criterion(outcome, "Standard levels").passed


def test_one_bad_level_in_the_middle_is_tolerated_and_shown():
    outcome = sample_bench().scatter(125).compute()
    level = next(level for level in outcome.standards if level.nominal_pg_per_ml == 125)

    assert not level.passed
    assert level.concentration.cv_percent > 20
    assert criterion(outcome, "Standard levels within limits").value == pytest.approx(100 * 6 / 7)
    assert outcome.is_valid


def test_two_bad_levels_of_seven_fail_the_run():
    outcome = sample_bench().spoil(is_standard(125), 180).spoil(is_standard(250), 170).compute()

    assert not criterion(outcome, "Standard levels within limits").passed
    assert isinstance(outcome.samples[0].net, Missing)


@pytest.mark.parametrize(
    ("nominal", "name"), [(15.625, "Lowest standard (LLOQ)"), (1000, "Highest standard (ULOQ)")]
)
def test_a_bad_limit_fails_the_run_though_only_one_level_is_bad(nominal, name):
    outcome = sample_bench().scatter(nominal).compute()

    assert criterion(outcome, "Standard levels within limits").passed
    assert not criterion(outcome, name).passed
    assert not outcome.is_valid


def test_limits_are_wider_at_lloq_and_uloq_and_anchors_are_exempt():
    outcome = sample_bench().compute(lloq_pg_per_ml=Decimal("31.25"), minimum_levels=6)
    tolerances = {
        level.nominal_pg_per_ml: (level.recovery_tolerance_percent, level.is_anchor)
        for level in outcome.standards
    }

    assert tolerances[Decimal("15.625")] == (20, True)
    assert tolerances[Decimal("31.25")] == (25, False)
    assert tolerances[Decimal("62.5")] == (20, False)
    assert tolerances[Decimal(1000)] == (25, False)
    assert criterion(outcome, "Standard levels").value == 6
