from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assays.kernel.forms import Form, Model
from assays.kernel.logit_plate import Arithmetic, Averaging, LimitFormat, LogitWell, read_logit_plate
from assays.kernel.plates import PlateRole, PlateWell, read_plate
from assays.kernel.rounding import Ties
from assays.kernel.status import Status, UnableToAnswer, Unanswered
from assays.kernel.weights import Weights
from tests.kernel.shared import four_pl

LEVELS = (0.0, 1.5625, 6.25, 25.0, 100.0, 400.0)


def well(position, role, response, *, nominal=None, sample="", dilution=None):
    return PlateWell(position, PlateRole(role), response, nominal, sample, dilution)


def plate(*others, means=False):
    standards = [
        well(
            f"A{i}",
            "standard",
            float(four_pl(level, 0.05, 1.1, 60, 2.8)) * (1 + 0.004 * (-1) ** i),
            nominal=level,
        )
        for i, level in enumerate((*LEVELS, *LEVELS))
    ]
    return read_plate(
        [*standards, *others], model=Model.FOUR, form=Form.ABCD, weights=Weights(), level_means=means
    )


def test_every_well_is_read_on_its_own_and_samples_are_means_of_concentrations():
    reading = plate(
        well("F1", "unknown", 0.8, sample="S", dilution=10.0),
        well("F2", "unknown", 0.9, sample="S", dilution=10.0),
    )
    found = [reading.concentrations["F1"], reading.concentrations["F2"]]

    assert found == pytest.approx(
        [60 * ((0.05 - 2.8) / (y - 2.8) - 1) ** (1 / 1.1) for y in (0.8, 0.9)], rel=0.02
    )
    assert reading.samples["S"].concentration.mean == pytest.approx(np.mean(found))
    assert reading.samples["S"].concentration.cv_percent == pytest.approx(
        100 * np.std(found, ddof=1) / np.mean(found)
    )
    assert reading.samples["S"].adjusted == pytest.approx(10 * np.mean(found))
    assert list(reading.recovery) == [2, 3, 4, 5, 6]
    assert reading.recovery[6] == pytest.approx(100, abs=5)


def test_the_flag_is_judged_on_the_response_and_the_solution_apart_from_it():
    reading = plate(
        well("H1", "unknown", 0.01, sample="low"), well("H2", "unknown", 2.6, sample="high", dilution=2.0)
    )

    assert isinstance(reading.concentrations["H1"], Unanswered)
    assert reading.concentrations["H1"].status is Status.NO_SOLUTION
    assert isinstance(reading.concentrations["H2"], float)
    assert (reading.flags["H1"], reading.flags["H2"], reading.flags["A3"]) == ("R", "R", "")
    assert isinstance(reading.samples["low"].adjusted, Unanswered)


def test_wells_and_level_means_are_two_fits_once_a_level_lost_a_well():
    pairs = [(0, 0.05), (1, 0.15), (1, 0.16), (5, 0.6), (25, 1.5), (25, 1.7), (125, 2.4), (625, 2.7)]
    standards = [well(f"A{i}", "standard", y, nominal=x) for i, (x, y) in enumerate(pairs)]
    settings = {"model": Model.FOUR, "form": Form.ABCD, "weights": Weights()}
    both = [read_plate(standards, **settings, level_means=means).fit for means in (False, True)]

    assert (both[0].n, both[1].n) == (8, 6)
    assert both[0].theta != pytest.approx(both[1].theta, rel=1e-4)


def test_a_well_given_twice_and_a_standard_without_concentration_are_refused():
    for bad in (well("A1", "unknown", 1.0), well("B1", "standard", 1.0)):
        with pytest.raises(UnableToAnswer) as refused:
            plate(bad)
        assert refused.value.status is Status.BAD_INPUT


# --- the logit-log plate


def logit_well(position, signal, concentration="", sample="", dilution=""):
    return LogitWell(
        position,
        signal,
        Decimal(concentration) if concentration else None,
        sample,
        Decimal(dilution) if dilution else None,
    )


STANDARDS = [
    logit_well(f"A{i}", 20 + 1480 * c / (c + 14), str(c)) for i, c in enumerate((1, 1, 4, 4, 16, 16))
] + [logit_well("D1", 18, "0"), logit_well("D2", 22, "0")]


def read(*wells, significant=3, ties=Ties.HALF_EVEN, average=None, round_significant=None):
    return read_logit_plate(
        [*STANDARDS, *wells],
        blank=None,
        bmax=1500,
        limits=LimitFormat(significant, ties),
        averaging=average or Averaging(False, 3, Ties.HALF_EVEN, Arithmetic.DECIMAL, False),
        round_significant=round_significant,
    )


def at(concentration):
    return 20 + 1480 * concentration / (concentration + 14)


def test_an_exact_logit_line_reads_back_what_went_in():
    reading = read(logit_well("E1", at(3.3), sample="S", dilution="10"))

    assert (reading.blank, reading.line.slope) == pytest.approx((20, 1))
    assert reading.correlation == pytest.approx(1)
    assert reading.half_of_maximum == pytest.approx(14)
    assert reading.results["E1"] == pytest.approx(33)


def test_results_outside_the_standards_are_texts_with_the_limit_times_the_dilution():
    reading = read(
        logit_well("E1", at(20), sample="a", dilution="2"),
        logit_well("E2", at(0.5), sample="b", dilution="12.5"),
        logit_well("E3", 19, sample="c", dilution="2"),
        logit_well("E4", 1600, sample="d", dilution="1000"),
    )

    assert list(reading.results.values()) == [">32", "<12.5", "<<", ">16000"]
    assert reading.averages == {"a": ">32", "b": "<12.5", "c": "<<", "d": ">16000"}


def test_limits_round_exactly_with_the_ties_declared():
    for ties, text in ((Ties.HALF_EVEN, "<0.162"), (Ties.HALF_UP, "<0.163")):
        assert read(logit_well("E1", at(0.5), sample="a", dilution="0.1625"), ties=ties).results["E1"] == text


def test_rounding_before_the_comparison_moves_the_comparison_only():
    near = logit_well("E1", at(16.04), sample="a", dilution="1")

    assert read(near).results["E1"] == ">16"
    assert read(near, round_significant=3).results["E1"] == pytest.approx(16.04)


@pytest.mark.parametrize(
    ("rounded", "arithmetic", "ties", "expected"),
    [
        (True, Arithmetic.DECIMAL, Ties.HALF_EVEN, 2.34),
        (True, Arithmetic.DECIMAL, Ties.HALF_UP, 2.35),
        (False, Arithmetic.DECIMAL, Ties.HALF_UP, 2.34),
        (True, Arithmetic.BINARY32, Ties.HALF_UP, 2.34),
    ],
)
def test_an_average_is_rounded_once_as_declared(rounded, arithmetic, ties, expected):
    """2.3441 and 2.3452 round to 2.34 and 2.35, whose mean 2.345 is a tie; their own mean 2.34465 is
    none, nor is 2.3449998, the mean in single precision."""
    reading = read(
        logit_well("E1", at(2.3441), sample="S", dilution="1"),
        logit_well("E2", at(2.3452), sample="S", dilution="1"),
        logit_well("E3", at(20), sample="S", dilution="1"),
        average=Averaging(rounded, 3, ties, arithmetic, by_dilution=False),
    )

    assert reading.averages["S"] == expected


def test_a_standard_beyond_blank_or_maximum_has_no_logit():
    with pytest.raises(UnableToAnswer) as refused:
        read(logit_well("C1", 1500, "64"))

    assert refused.value.status is Status.BAD_INPUT


@given(
    st.permutations(range(12)), st.sampled_from([1e-3, 0.5, 40.0]), st.sampled_from([0.1, 3.0]), st.booleans()
)
@settings(deadline=None, max_examples=6)
def test_a_plate_reads_alike_in_any_order_of_wells_and_any_unit(order, unit, gain, means):
    def reading(order, unit, gain):
        pairs = [(level, i) for i, level in enumerate((*LEVELS, *LEVELS))]
        standards = [
            well(
                f"A{i}", "standard", gain * float(four_pl(level, 0.05, 1.1, 60, 2.8)) * (1 + 0.004 * (-1) ** i),
                nominal=unit * level,
            )
            for level, i in (pairs[place] for place in order)
        ]  # fmt: skip
        unknown = well("F1", "unknown", 0.8 * gain, sample="S", dilution=10.0)
        settings = {"model": Model.FOUR, "form": Form.ABCD, "weights": Weights(), "level_means": means}
        return read_plate([unknown, *standards], **settings)

    plain, moved = reading(range(12), 1.0, 1.0), reading(order, unit, gain)

    assert moved.concentrations["F1"] == pytest.approx(unit * plain.concentrations["F1"], rel=1e-7)
    assert moved.samples["S"].adjusted == pytest.approx(unit * plain.samples["S"].adjusted, rel=1e-7)
    assert moved.flags == plain.flags
    assert moved.recovery == pytest.approx(plain.recovery, rel=1e-6)
