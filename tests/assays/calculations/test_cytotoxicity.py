"""Lysis by the formula of Brunner et al. 1968, from wells made by code, and by a whole run of a luminescence plate."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.catalogue import CYTOTOXICITY
from assays.rules.calculations import UnableToCompute
from assays.rules.calculations.cytotoxicity import refusal_of
from assays.services import import_run, store_file
from tests.assays import bench
from tests.assays.calculations.sheets import computed, failed, gen5_luminescence, material, value, wells
from tests.cast import person, sign_in

RELEASE = {"readout": "signal released by lysis", "highest_ratio": "25", "reported_ratio": "12.5"}
CHROMIUM = {25: (1450, 1380, 1502), 12.5: (1110, 1054, 1175), 6.25: (820, 856, 803), 3.125: (610, 598, 634)}


def chromium_release(**settings):
    """Counts of a release assay in triplicate; lysis and LU30 computed by hand with the formula of Brunner:
    mean spontaneous 305, mean maximum 2101.67, so 25 : 1 is 100·(1444 − 305)/1796.67 = 63.395 %."""
    samples = [
        wells("sample", "SPL1", *counts, dilution=25 / ratio, start=f"{row}1")
        for row, (ratio, counts) in zip("CDEF", CHROMIUM.items(), strict=True)
    ]
    return material(
        CYTOTOXICITY,
        wells("control", "CTL1", 312, 298, 305, start="A1"),
        wells("control", "CTL2", 2105, 2060, 2140, start="B1"),
        *samples,
        names={"SPL1": "S1"},
        **(RELEASE | settings),
    )


def luciferase(*, targets=(100000, 98000), medium=(500, 520), sample=(40000, 41000), **settings):
    return material(
        CYTOTOXICITY,
        wells("control", "CTL1", *targets, start="A1"),
        wells("control", "CTL2", *medium, start="B1"),
        wells("sample", "SPL1", *sample, dilution=2, start="C1"),
        wells("sample", "SPL1", 20000, 21000, dilution=1, start="D1"),
        names={"SPL1": "S1"},
        **settings,
    )


def test_it_computes_lysis_and_lytic_units_of_a_release_assay():
    outcome = computed(chromium_release(), CYTOTOXICITY)
    assert failed(outcome) == []
    assert float(value(outcome, "cytotoxicity").raw) == pytest.approx(44.9721706864564, rel=1e-12)
    assert float(value(outcome, "lytic_units").raw) == pytest.approx(153.30917058697574, rel=1e-9)
    assert value(outcome, "lytic_units").notes == "30 % lysis at E:T 6.52 : 1"


def test_a_signal_of_living_targets_falls_with_lysis():
    """100·(1 − (40 500 − 510)/(99 000 − 510)), by hand 59.397 %."""
    outcome = computed(luciferase(), CYTOTOXICITY)
    assert float(value(outcome, "cytotoxicity").raw) == pytest.approx(100 * (1 - 39990 / 98490))


def test_more_than_thirty_percent_at_every_ratio_is_more_units_than_can_be_told():
    found = value(computed(luciferase(), CYTOTOXICITY), "lytic_units")
    assert (found.qualifier, found.raw) == (">", Decimal("100.0"))  # 10⁷ / (10 × 10⁴)


def test_less_than_thirty_percent_at_every_ratio_is_fewer_units_than_can_be_told():
    outcome = computed(chromium_release(reported_ratio="3.125"), CYTOTOXICITY)
    assert value(outcome, "lytic_units").qualifier == "="
    weak = luciferase(sample=(95000, 96000))
    weak = replace(weak, wells=tuple(w for w in weak.wells if w.dilution != 1))
    assert "fewer than two" in value(computed(weak, CYTOTOXICITY), "lytic_units").missing
    both = [*weak.wells, *wells("sample", "SPL1", 90000, 91000, dilution=1, start="E1")]
    found = value(computed(replace(weak, wells=tuple(both)), CYTOTOXICITY), "lytic_units")
    assert (found.qualifier, found.raw) == ("<", Decimal("50.0"))  # 10⁷ / (20 × 10⁴)


@pytest.mark.parametrize(
    ("given_wells", "criterion"),
    [
        ({"targets": (100000, 40000)}, "CTL1, CV"),
        ({"targets": (100000, "overflow")}, "CTL1, CV"),
        ({"targets": (1900, 2000)}, "Window between the controls"),
        ({"medium": (0, 0)}, "CTL2, CV"),
        ({"targets": (500, 520), "medium": (100000, 98000)}, "Window between the controls"),
        ({"readout": "signal released by lysis"}, "Window between the controls"),
    ],
)
def test_a_plate_that_tells_nothing_is_invalid_and_gives_no_result(given_wells, criterion):
    outcome = computed(luciferase(**given_wells), CYTOTOXICITY)
    assert criterion in failed(outcome)
    assert value(outcome, "cytotoxicity").missing.startswith("run invalid: ")
    assert all(found.raw is None for found in outcome.values["S1"])


def test_effectors_of_a_known_lot_prove_the_run():
    made = luciferase(effectors="CTL3", effectors_minimum_percent="40", effectors_maximum_percent="70")
    good = replace(made, wells=(*made.wells, *wells("control", "CTL3", 50000, 51000, start="G1")))
    dull = replace(made, wells=(*made.wells, *wells("control", "CTL3", 90000, 91000, start="G1")))
    assert failed(computed(good, CYTOTOXICITY)) == []
    assert failed(computed(dull, CYTOTOXICITY)) == ["CTL3, lysis"]
    with pytest.raises(UnableToCompute, match="no well called CTL3"):
        computed(made, CYTOTOXICITY)


def test_a_masked_well_leaves_one_replicate_which_is_no_answer():
    made = luciferase()
    masked = tuple(replace(w, masked="bubble") if w.position == "C1" else w for w in made.wells)
    found = value(computed(replace(made, wells=masked), CYTOTOXICITY), "cytotoxicity")
    assert found.missing == "a single value has no spread"


def test_replicates_that_do_not_agree_are_no_answer():
    found = value(computed(luciferase(sample=(40000, 80000)), CYTOTOXICITY), "cytotoxicity")
    assert found.missing == "replicate CV 47.1 %, above 20 %"


def test_a_plate_without_a_control_of_the_method_is_not_imported():
    made = luciferase()
    assert refusal_of(made) == ""
    missing = replace(made, wells=tuple(w for w in made.wells if w.instrument_name != "CTL2"))
    assert refusal_of(missing) == "The plate has no well called CTL2, which the method asks for."


@given(factor=st.decimals("0.01", 100, places=2), offset=st.decimals(0, 1000, places=1))
def test_lysis_does_not_depend_on_the_scale_of_the_signal(factor, offset):
    made = luciferase()
    scaled = replace(
        made,
        wells=tuple(replace(w, signal=(w.signal + offset) * factor) for w in made.wells),
        settings=replace(made.settings, window=Decimal(1), cv_limit_percent=Decimal(100)),
    )
    one, other = (float(value(computed(m, CYTOTOXICITY), "cytotoxicity").raw) for m in (made, scaled))
    assert one == pytest.approx(other, rel=1e-9)


@pytest.mark.django_db
def test_a_luminescence_plate_becomes_results_of_its_sample(client):
    """By hand: 60.503 % at 10 : 1 and 20.699 % at 5 : 1, so 30 % at 10·½^0.76635 = 5.879 : 1 and 10⁷/58 790 units."""
    sample = bench.received_sample()
    layout = {
        **{f"A{c}": ("CTL1", "", 100000 + 500 * c) for c in (1, 2, 3)},
        **{f"B{c}": ("CTL2", "", 500 + 5 * c) for c in (1, 2, 3)},
        **{f"C{c}": ("SPL1:1", "1", 20000 + 100 * c) for c in (1, 2, 3)},
        **{f"D{c}": ("SPL1:2", "0.5", 40000 + 100 * c) for c in (1, 2, 3)},
        **{f"E{c}": ("SPL1:3", "0.25", 80000 + 100 * c) for c in (1, 2, 3)},
    }
    method = bench.method_of(CYTOTOXICITY)
    reader = bench.instrument("plate_reader").code
    file = store_file(
        filename="lysis.txt",
        content=gen5_luminescence(layout, read_at=bench.an_hour_ago()),
        instrument_code=reader,
        by=person("ana"),
    )
    run = import_run(
        file=file,
        method=method,
        instrument_code=reader,
        choices={"1": bench.Choice(sample_name=str(sample))},
        reads=bench.Reads(signal="Lum"),
        lots=bench.lots_of(method),
        by=person("ana"),
    )
    bench.compute(run)
    assert run.state == "computed", run.outcome["criteria"]
    lysis, units = run.results.order_by("attribute")
    assert (lysis.in_words, lysis.notes) == ("60.5 %", "at E:T 10 : 1")
    assert (units.in_words, units.decimals) == ("170 LU/10⁷ cells", 0)
    sign_in(client, "ana")
    page = client.get(run.get_absolute_url()).content.decode()
    for words in ("Lysis, ratio by ratio", "Window between the controls", "Lysis over effectors", "10 : 1"):
        assert words in page
