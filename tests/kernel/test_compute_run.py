import json
import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assays.kernel.ifng import AssayWell, Method, Role, UnableToCompute, compute_run
from assays.kernel.missing import Missing
from assays.kernel.plain import to_plain
from assays.readers import LayoutKind, read
from assays.readers.specimen_files import AssayedSample, gen5_plate
from tests.kernel.bench import STIMULATED, UNSTIMULATED, criterion, sample_bench
from tests.kernel.shared import INSTRUMENTS, needs_instruments
from tests.readers.shared import OWN


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


@needs_instruments
def test_the_real_protein_plate_gives_no_result_because_its_upper_asymptote_is_not_estimable():
    filename = "gen5_elisa_standard_curve.txt"
    plate = read(filename, (INSTRUMENTS / filename).read_bytes(), timezone="UTC")
    outcome = compute_run(wells=wells_of(plate, lambda well: well.readings["630"]), method=Method())

    assert criterion(outcome, "Standard curve").value == Missing("upper asymptote not estimable")
    assert {sample.net for sample in outcome.samples} == {
        Missing("run invalid: Standard curve: upper asymptote not estimable")
    }


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
