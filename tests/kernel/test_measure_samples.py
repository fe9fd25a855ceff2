from dataclasses import replace
from decimal import Decimal

import pytest

from assays.kernel.backcalculation import RangeStatus
from assays.kernel.ifng import Normalisation, Qualifier
from assays.kernel.missing import Missing
from assays.kernel.replicates import Mean
from tests.kernel.bench import STIMULATED, UNSTIMULATED, Bench, net_of, response_of


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
