import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assays.kernel import VERSION
from assays.kernel.backcalculation import RangeStatus
from assays.kernel.fourpl import Curve
from assays.kernel.ifng import (
    AssayWell,
    Condition,
    Method,
    Normalisation,
    Qualifier,
    Role,
    UnableToCompute,
    compute_run,
)
from assays.kernel.missing import Missing
from assays.kernel.plain import to_plain
from assays.kernel.replicates import Mean
from assays.readers import LayoutKind, read
from assays.readers.specimen_files import AssayedSample, gen5_plate
from tests.kernel.shared import INSTRUMENTS, four_pl, needs_instruments
from tests.readers.shared import OWN

STANDARDS = (1000, 500, 250, 125, 62.5, 31.25, 15.625)
BLANK = 0.06
STIMULATED, UNSTIMULATED = Condition.STIMULATED, Condition.UNSTIMULATED


def response_of(pg_per_ml):
    """Of wells without noise: an exact curve above the blank."""
    return Decimal(repr(float(BLANK + four_pl(pg_per_ml, 0.0, 1.2, 400.0, 3.2))))


class Bench:
    """Pipettes a plate well by well, every concentration in duplicate unless said otherwise."""

    def __init__(self):
        self.wells = []
        for nominal in STANDARDS:
            self.add(Role.STANDARD, [nominal] * 2, nominal_pg_per_ml=Decimal(repr(nominal)))
        self.add(Role.BLANK, [0, 0])

    def add(self, role, in_wells, **facts):
        for pg_per_ml in in_wells:
            response = pg_per_ml if isinstance(pg_per_ml, Missing) else response_of(pg_per_ml)
            position = f"W{len(self.wells) + 1}"
            self.wells.append(AssayWell(position=position, role=role, response=response, **facts))
        return self

    def sample(self, condition, in_wells, dilution=1, name="S1"):
        return self.add(
            Role.SAMPLE, in_wells, name=name, condition=condition, dilution_factor=Decimal(dilution)
        )

    def control(self, nominal, in_wells, name="CTL1"):
        return self.add(Role.CONTROL, in_wells, name=name, nominal_pg_per_ml=Decimal(nominal))

    def compute(self, **method):
        return compute_run(wells=self.wells, method=Method(**method))

    def net(self, **method):
        outcome = self.compute(**method)
        assert outcome.is_valid, [c for c in outcome.criteria if not c.passed]
        return outcome.samples[0].net

    def spoil(self, pick, pg_per_ml):
        """Another concentration in the wells that `pick` chooses."""
        self.wells = [
            replace(well, response=response_of(pg_per_ml)) if pick(well) else well for well in self.wells
        ]
        return self

    def scatter(self, nominal):
        """The two wells of a standard level at 0.5 and 1.5 times its concentration."""
        factors = iter((0.5, 1.5))
        pick = is_standard(nominal)
        self.wells = [
            replace(well, response=response_of(next(factors) * nominal)) if pick(well) else well
            for well in self.wells
        ]
        return self


def is_standard(nominal):
    return lambda well: well.role is Role.STANDARD and well.nominal_pg_per_ml == Decimal(repr(nominal))


def criterion(outcome, name):
    return next(found for found in outcome.criteria if found.name == name)


def net_of(stimulated, unstimulated, **method):
    """Of one sample: each part a list of (dilution, concentrations in its wells)."""
    bench = Bench()
    for dilution, in_wells in stimulated:
        bench.sample(STIMULATED, in_wells, dilution)
    for dilution, in_wells in unstimulated:
        bench.sample(UNSTIMULATED, in_wells, dilution)
    return bench.net(**method)


# -- the reportable value ------------------------------------------------------------------------------


def test_net_is_stimulated_minus_unstimulated_times_their_dilutions():
    net = net_of(stimulated=[(20, [250, 250])], unstimulated=[(2, [60, 60])])

    assert (net.value, net.qualifier, net.unit) == (Decimal(4880), Qualifier.EXACT, "pg/mL")
    assert net.raw == pytest.approx(20 * 250 - 2 * 60, rel=1e-6)
    assert str(net) == "4880 pg/mL"


def test_a_negative_net_is_reported_as_it_is():
    assert net_of([(1, [50, 50])], [(1, [90, 90])]).value == Decimal(-40)


def test_dilutions_in_range_are_averaged_and_the_others_ignored():
    outcome = (
        Bench()
        .sample(STIMULATED, [980, 1100], 5)  # one well in range, one above
        .sample(STIMULATED, [260, 260], 20)  # 5200
        .sample(STIMULATED, [60, 60], 80)  # 4800
        .sample(STIMULATED, [12, 12], 400)  # below
        .sample(UNSTIMULATED, [100, 100])
        .compute()
    )
    dilutions = outcome.samples[0].stimulated.dilutions

    assert [(d.dilution_factor, d.used, d.reason) for d in dilutions] == [
        (5, False, "its wells lie partly in and partly out of range"),
        (20, True, ""),
        (80, True, ""),
        (400, False, "<LLOQ"),
    ]
    assert outcome.samples[0].stimulated.measured.pg_per_ml == pytest.approx(5000, rel=1e-6)


def test_the_geometric_mean_is_used_when_the_method_says_so():
    dilutions = [(10, [260, 260]), (40, [75, 75])]  # 2600 and 3000

    arithmetic = net_of(dilutions, [(1, [100, 100])])
    geometric = net_of(dilutions, [(1, [100, 100])], combination=Mean.GEOMETRIC)

    assert arithmetic.raw == pytest.approx(2800 - 100, rel=1e-6)
    assert geometric.raw == pytest.approx((2600 * 3000) ** 0.5 - 100, rel=1e-6)


def test_it_is_rounded_once_half_up_and_the_raw_value_is_kept():
    net = net_of([(10, [250, 250])], [(1, [60, 60])], decimals=-2)

    assert net.value == Decimal("2.4E+3")
    assert net.raw == pytest.approx(2440, rel=1e-6)


def test_per_million_viable_cells_is_net_times_volume_over_cells():
    net = net_of(
        [(10, [250, 250])],
        [(1, [100, 100])],
        normalisation=Normalisation(culture_volume_ml=Decimal("0.2"), viable_cells_per_well=Decimal("1e5")),
    )

    assert net.raw == pytest.approx(2400 * 0.2 / 1e5 * 1e6, rel=1e-6)
    assert str(net) == "4800 pg/10⁶ viable cells"


# -- censored parts and what is missing ------------------------------------------------------------------


def test_an_unstimulated_value_below_the_range_counts_as_lloq_times_dilution():
    outcome = (
        Bench()
        .sample(STIMULATED, [100, 100], 10)
        .sample(UNSTIMULATED, [3, 0], 2)
        .sample(UNSTIMULATED, [1, 0], 4)
        .compute()
    )
    sample = outcome.samples[0]

    assert sample.unstimulated.measured.qualifier is Qualifier.BELOW
    assert sample.net.raw == pytest.approx(1000 - 2 * 15.625, rel=1e-6)
    assert sample.net.qualifier is Qualifier.EXACT
    assert sample.notes == ("Unstimulated value below the range: counted as LLOQ × dilution = 31.25 pg/mL.",)


def test_an_unstimulated_response_under_the_blank_is_below_the_range_too():
    bench = Bench().sample(STIMULATED, [100, 100], 10).sample(UNSTIMULATED, [0, 0])
    bench.wells[-2:] = [replace(well, response=Decimal("0.041")) for well in bench.wells[-2:]]
    sample = bench.compute().samples[0]

    assert [w.back_calculation.status for w in sample.unstimulated.dilutions[0].wells] == [
        RangeStatus.NO_SOLUTION
    ] * 2
    assert sample.net.raw == pytest.approx(1000 - 15.625, rel=1e-6)


def test_a_stimulated_value_above_the_range_gives_a_greater_than_result():
    outcome = (
        Bench()
        .sample(STIMULATED, [2000, 2000], 10)
        .sample(STIMULATED, [1500, 1500], 40)
        .sample(UNSTIMULATED, [100, 100])
        .compute()
    )
    sample = outcome.samples[0]

    assert sample.net.qualifier is Qualifier.ABOVE
    assert str(sample.net) == ">39900 pg/mL"
    assert sample.notes == ("Stimulated value above the range: more than ULOQ × dilution = 40000 pg/mL.",)


@pytest.mark.parametrize(
    ("stimulated", "unstimulated", "reason"),
    [
        ([(10, [3, 3])], [(1, [3, 3])], "stimulated value below the range (<156.25 pg/mL)"),
        ([(10, [300, 300])], [(1, [1500, 1500])], "unstimulated value above the range (>1000 pg/mL)"),
        ([(10, [300, 300])], [], "no unstimulated wells"),
        ([], [(1, [30, 30])], "no stimulated wells"),
        (
            [(10, [300, 300]), (40, [120, 120])],
            [(1, [30, 30])],
            "stimulated dilutions disagree: CV 32.6 %, above 20 %",
        ),
        (
            [(10, [300, 600])],
            [(1, [30, 30])],
            "no stimulated dilution can be used (dilution 10: replicate CV 47.1 %, above 20 %)",
        ),
        (
            [(10, [300])],
            [(1, [30, 30])],
            "no stimulated dilution can be used (dilution 10: a single value has no spread)",
        ),
        (
            [(10, [1500, 1500]), (400, [9, 9])],
            [(1, [30, 30])],
            "no stimulated dilution can be used (dilution 10: >ULOQ; dilution 400: <LLOQ)",
        ),
        (
            [(10, [Missing("'OVRFLW' is not a number")] * 2)],
            [(1, [30, 30])],
            "no stimulated dilution can be used (dilution 10: no readable well)",
        ),
        (
            [("2.500000000000", [300])],  # as the column of a well gives it back
            [(1, [30, 30])],
            "no stimulated dilution can be used (dilution 2.5: a single value has no spread)",
        ),
    ],
)
def test_anything_else_that_cannot_be_computed_is_missing_with_its_reason(stimulated, unstimulated, reason):
    assert net_of(stimulated, unstimulated) == Missing(reason)


def test_a_masked_well_is_left_out_and_still_listed_with_its_reason():
    bench = Bench().sample(STIMULATED, [250, 250, 700], 10).sample(UNSTIMULATED, [60, 60])
    assert isinstance(bench.net(), Missing)

    at = next(i for i, well in enumerate(bench.wells) if well.response == response_of(700))
    bench.wells[at] = replace(bench.wells[at], mask_reason="bubble")
    sample = bench.compute().samples[0]

    assert sample.net.value == Decimal(2440)
    assert sample.stimulated.dilutions[0].wells[2].back_calculation == Missing("masked: bubble")


# -- validity of the run ---------------------------------------------------------------------------------


def sample_bench():
    return Bench().sample(STIMULATED, [250, 250], 10).sample(UNSTIMULATED, [60, 60])


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


@needs_instruments
def test_the_real_protein_plate_gives_no_result_because_its_upper_asymptote_is_not_estimable():
    filename = "gen5_elisa_standard_curve.txt"
    plate = read(filename, (INSTRUMENTS / filename).read_bytes(), timezone="UTC")
    outcome = compute_run(wells=wells_of(plate, lambda well: well.readings["630"]), method=Method())

    assert criterion(outcome, "Standard curve").value == Missing("upper asymptote not estimable")
    assert {sample.net for sample in outcome.samples} == {
        Missing("run invalid: Standard curve: upper asymptote not estimable")
    }


# -- from a file to a result -----------------------------------------------------------------------------


def wells_of(plate, response):
    """SPL1 and UNS1 are the two conditions of one sample."""
    roles = {
        LayoutKind.STANDARD: Role.STANDARD,
        LayoutKind.BLANK: Role.BLANK,
        LayoutKind.CONTROL: Role.CONTROL,
        LayoutKind.SAMPLE: Role.SAMPLE,
        LayoutKind.UNSTIMULATED: Role.SAMPLE,
    }
    conditions = {LayoutKind.SAMPLE: STIMULATED, LayoutKind.UNSTIMULATED: UNSTIMULATED}
    return [
        AssayWell(
            position=well.position,
            role=roles[well.kind],
            response=response(well),
            nominal_pg_per_ml=well.nominal_concentration,
            name=well.group.replace("UNS", "SPL"),
            condition=conditions.get(well.kind),
            dilution_factor=well.dilution_factor or Decimal(1),
        )
        for well in plate.wells
        if well.kind in roles
    ]


def run_of(text):
    plate = read("plate.txt", text.encode(), timezone="America/New_York")
    return compute_run(wells=wells_of(plate, lambda well: well.difference("450", "620")), method=Method())


def test_the_committed_plate_passes_one_sample_and_fails_the_other():
    outcome = run_of((OWN / "gen5_ifng_elisa.txt").read_text())
    passing, failing = outcome.samples

    assert outcome.is_valid
    assert outcome.curve.warnings == ()
    assert passing.net.value > 4500
    assert 150 < failing.net.value < 210
    assert [d.used for d in passing.stimulated.dilutions] == [True, True]


@pytest.mark.parametrize("seed", range(8))
def test_every_plate_of_the_demonstration_is_a_valid_run(seed):
    text = gen5_plate(
        samples=[AssayedSample(name="", net_pg_per_ml=3000)],
        read_at=datetime(2026, 11, 20, tzinfo=UTC),
        timezone="America/New_York",
        seed=seed,
    )
    outcome = run_of(text)

    assert outcome.is_valid
    assert outcome.samples[0].net.raw == pytest.approx(3000, rel=0.1)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_the_order_of_the_wells_changes_no_bit(seed):
    bench = sample_bench().sample(STIMULATED, [300, 310], 10, name="S0").control(400, [390, 410])
    shuffled = bench.wells.copy()
    random.Random(seed).shuffle(shuffled)

    one, other = (compute_run(wells=wells, method=Method()) for wells in (bench.wells, shuffled))

    assert one.curve == other.curve
    assert [sample.net for sample in one.samples] == [sample.net for sample in other.samples]
    assert one.criteria == other.criteria


def test_an_outcome_can_be_stored_as_json_without_losing_a_digit():
    outcome = sample_bench().compute()
    stored = json.loads(json.dumps(to_plain(outcome)))

    assert stored["samples"][0]["net"]["raw"] == outcome.samples[0].net.raw
    assert stored["curve"]["c"] == outcome.curve.c
    assert stored["lloq_pg_per_ml"] == "15.625"


# -- wells that are no run -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"role": Role.STANDARD}, "Well X is a standard without a nominal concentration."),
        (
            {"role": Role.STANDARD, "nominal_pg_per_ml": Decimal(-1)},
            "Well X has the nominal concentration -1, below zero.",
        ),
        ({"role": Role.CONTROL, "nominal_pg_per_ml": Decimal(1)}, "Well X is a control without a name."),
        ({"role": Role.SAMPLE}, "Well X is a sample without a name."),
        ({"role": Role.SAMPLE, "name": "S"}, "Well X is neither stimulated nor unstimulated."),
        (
            {"role": Role.BLANK, "dilution_factor": Decimal("0.5")},
            "Well X has the dilution factor 0.5; it must be at least 1.",
        ),
        ({"role": Role.BLANK, "position": "W1"}, "Well W1 is given twice."),
    ],
)
def test_wells_that_do_not_make_sense_are_named(facts, message):
    bench = sample_bench()
    bench.wells.append(AssayWell(**{"position": "X", "response": Decimal("0.1"), **facts}))

    with pytest.raises(UnableToCompute) as refused:
        bench.compute()
    assert str(refused.value) == message


def test_a_plate_without_standards_is_no_run():
    with pytest.raises(UnableToCompute, match="There is no standard well above 0 pg/mL"):
        compute_run(wells=sample_bench().wells[14:], method=Method())
