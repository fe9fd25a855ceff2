import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from assays.kernel.lines import Term
from assays.kernel.parallel_lines import fit_parallel_lines
from assays.kernel.slope_ratio import fit_slope_ratio
from assays.kernel.status import Status, UnableToAnswer

# Ph. Eur. 5.3, example 5.1.3: turbidimetric assay of an antibiotic, five blocks of four doses, transmission ×10; the
# results are those of CombiStats (EDQM), printed with the data in the R package pla.
TURBIDIMETRIC = {
    "S": [(252, 207, 168, 113), (249, 201, 187, 107), (247, 193, 162, 111), (250, 207, 155, 108), (235, 207, 140, 98)],
    "T": [(242, 206, 146, 115), (236, 197, 153, 102), (246, 197, 148, 104), (231, 191, 159, 106), (232, 186, 146, 95)],
}  # fmt: skip
# Example 5.1.4: hepatitis B vaccine, absorbances of three wells at five doses, logarithms taken; printed likewise.
HEPATITIS = {
    "S": [(0.043, 0.093, 0.159, 0.283, 0.514), (0.045, 0.099, 0.154, 0.295, 0.531),
          (0.051, 0.082, 0.166, 0.362, 0.545)],
    "T": [(0.097, 0.167, 0.327, 0.501, 1.14), (0.097, 0.157, 0.355, 0.665, 1.386), (0.094, 0.178, 0.345, 0.576, 1.051)],
    "U": [(0.086, 0.127, 0.277, 0.586, 0.957), (0.071, 0.146, 0.268, 0.489, 0.866),
          (0.073, 0.133, 0.269, 0.546, 1.045)],
    "V": [(0.082, 0.145, 0.318, 0.552, 1.037), (0.082, 0.144, 0.306, 0.551, 1.039),
          (0.086, 0.173, 0.316, 0.624, 1.068)],
}  # fmt: skip
# Bliss 1952: pantothenic acid in plant tissue, two readings at each dose; as Jensen 1989 has it (R package mratios).
PANTOTHENIC = {
    ("St", 0): (1.3, 1.7), ("St", 1): (2.4, 2.7), ("St", 2): (3.6, 3.6), ("St", 3): (4.7, 5.0), ("St", 4): (6.1, 6.3),
    ("U1", 1): (2.8, 2.9), ("U1", 2): (4.1, 3.7), ("U1", 3): (5.5, 5.5), ("U1", 4): (6.4, 6.7),
    ("U2", 1): (2.2, 2.1), ("U2", 2): (3.2, 3.2), ("U2", 3): (3.8, 3.9), ("U2", 4): (4.7, 4.9),
    ("U3", 1): (2.3, 2.3), ("U3", 2): (3.2, 3.0), ("U3", 3): (4.2, 4.2), ("U3", 4): (4.6, 5.1),
}  # fmt: skip


def columns(rows):
    samples, doses, y = zip(*rows, strict=True)
    return list(samples), np.array(doses, dtype=float), np.array(y, dtype=float)


def turbidimetric():
    highest = {"S": 11.189, "T": 1 / 1600}
    rows = [
        (name, highest[name] / 1.5 ** (3 - level), y, str(block))
        for name, blocks in TURBIDIMETRIC.items()
        for block, wells in enumerate(blocks)
        for level, y in enumerate(wells)
    ]
    return *columns([row[:3] for row in rows]), [row[3] for row in rows]


def pantothenic():
    return columns([(name, dose, y) for (name, dose), ys in PANTOTHENIC.items() for y in ys])


def test_randomised_blocks_have_the_printed_results_of_example_5_1_3():
    *wells, blocks = turbidimetric()

    found = fit_parallel_lines(*wells, standard="S", blocks=[blocks])

    printed = {
        "preparations": 632.025, "regression": 101745.605, "nonparallelism": 25.205, "nonlinearity": 259.14,
        "treatments": 102661.975,
    }  # fmt: skip
    assert {name: found.terms[name].ss for name in printed} == pytest.approx(printed, rel=1e-8)
    assert (found.residual.ss, found.residual.df) == (pytest.approx(1509.65, rel=1e-8), 28)
    assert found.terms["nonparallelism"].against(found.residual) == pytest.approx((0.467, 0.500), abs=5e-4)
    assert found.terms["nonlinearity"].against(found.residual) == pytest.approx((1.202, 0.332), abs=5e-4)
    low, high = found.fieller("T", confidence=0.95)
    assert (found.potency("T"), low, high) == pytest.approx((19228.5, 18423.4, 20075.2), abs=0.05)


def test_several_preparations_have_the_printed_results_of_example_5_1_4():
    samples, doses, y = columns(
        [
            (name, (0.02 if name == "S" else 0.001) / 2 ** (4 - level), reading)
            for name, wells in HEPATITIS.items()
            for readings in wells
            for level, reading in enumerate(readings)
        ]
    )

    found = fit_parallel_lines(samples, doses, np.log(y), standard="S")

    printed = {
        "T": (43.4196, 40.5448, 46.5397),
        "U": (35.1630, 32.8698, 37.6405),
        "V": (39.4017, 36.8125, 42.2057),
    }
    for name, figures in printed.items():
        assert (found.potency(name), *found.fieller(name, confidence=0.95)) == pytest.approx(
            figures, abs=6e-5
        )
    assert found.terms["nonparallelism"].against(found.residual) == pytest.approx((0.933, 0.434), abs=5e-4)
    assert found.terms["nonlinearity"].against(found.residual) == pytest.approx((0.926, 0.531), abs=5e-4)


def test_the_delta_interval_is_that_of_fieller_where_the_slope_is_known():
    *wells, blocks = turbidimetric()
    found = fit_parallel_lines(*wells, standard="S", blocks=[blocks])

    assert found.delta("T", confidence=0.95) == pytest.approx(found.fieller("T", confidence=0.95), rel=1e-3)
    assert found.delta("T", confidence=0.95) != pytest.approx(found.fieller("T", confidence=0.95), rel=1e-6)
    near = found.fieller("T", confidence=1e-4)
    assert found.delta("T", confidence=1e-4, assigned=2) == pytest.approx([2 * v for v in near], rel=1e-9)


def test_a_term_without_an_error_to_stand_against_has_no_f():
    for error, status in ((Term(0.0, 3), Status.NOT_EVALUABLE), (Term(1.0, 0), Status.TOO_FEW_VALUES)):
        with pytest.raises(UnableToAnswer) as refused:
            Term(1.0, 1).against(error)
        assert refused.value.status is status


@given(
    st.permutations(range(40)), st.floats(1e-3, 1e3), st.floats(0.1, 10), st.floats(-50, 50), st.booleans()
)
@settings(deadline=None, max_examples=15)
def test_neither_units_nor_order_nor_direction_of_the_response_moves_a_parallel_line_potency(
    order, unit, gain, offset, falls
):
    *wells, blocks = turbidimetric()
    plain = fit_parallel_lines(*wells, standard="S", blocks=[blocks])
    samples, doses, y = ([column[i] for i in order] for column in wells)

    moved = fit_parallel_lines(
        samples, unit * np.array(doses), (-gain if falls else gain) * np.array(y) + offset, standard="S",
        blocks=[[blocks[i] for i in order]],
    )  # fmt: skip

    assert moved.potency("T") == pytest.approx(plain.potency("T"), rel=1e-7)
    assert moved.fieller("T", confidence=0.95) == pytest.approx(plain.fieller("T", confidence=0.95), rel=1e-7)
    for name in ("nonparallelism", "nonlinearity"):
        f, p = plain.terms[name].against(plain.residual)
        assert moved.terms[name].against(moved.residual) == pytest.approx((f, p), rel=1e-4)


@given(st.floats(0.05, 20))
@settings(deadline=None, max_examples=10)
def test_a_sample_that_needs_less_of_itself_is_stronger_by_that_factor(factor):
    *wells, blocks = turbidimetric()
    samples, doses, y = wells
    stronger = np.where(np.array(samples) == "T", doses / factor, doses)
    plain = fit_parallel_lines(*wells, standard="S", blocks=[blocks])

    found = fit_parallel_lines(samples, stronger, y, standard="S", blocks=[blocks])

    assert found.potency("T") == pytest.approx(factor * plain.potency("T"), rel=1e-8)
    upper = found.fieller("T", confidence=0.95)[1]
    assert upper == pytest.approx(factor * plain.fieller("T", confidence=0.95)[1], rel=1e-7)


def test_the_slope_ratio_of_pantothenic_acid_has_its_analysis_and_limits():
    found = fit_slope_ratio(*pantothenic(), standard="St")

    assert (found.intercept, found.slope("St")) == pytest.approx((1.41818182, 1.16393939), abs=5e-9)
    assert (found.regression.df, found.pure_error.df) == (29, 17)
    assert (found.regression.ms, found.pure_error.ss) == pytest.approx((0.0295198537, 0.495), rel=1e-8)
    printed = {
        "blanks": (0.632231, 0.437499),
        "intersection": (0.620090, 0.611548),
        "nonlinearity": (1.23851, 0.336099),
    }
    for name, figures in printed.items():
        assert found.terms[name].against(found.pure_error) == pytest.approx(figures, rel=1e-5)
    limits = {
        "U1": (1.121713, 1.064731, 1.182451),
        "U2": (0.719344, 0.670843, 0.769260),
        "U3": (0.753710, 0.704781, 0.804253),
    }
    for name, figures in limits.items():
        ends = found.fieller(name, confidence=0.95, error=found.regression)
        assert (found.ratio(name), *ends) == pytest.approx(figures, abs=5e-7)


def test_the_limits_of_a_slope_ratio_are_those_of_its_profile_and_delta_goes_by_the_gradient():
    samples, doses, y = pantothenic()
    found = fit_slope_ratio(samples, doses, y, standard="St")
    own = (
        np.array([[sample == name for name in ("St", "U1", "U2", "U3")] for sample in samples])
        * doses[:, None]
    )
    t, error = student.ppf(0.975, found.regression.df), found.regression

    def rss(x):
        return float(np.linalg.lstsq(x, y)[1][0])

    for limit in found.fieller("U1", confidence=0.95, error=error):
        at_limit = np.column_stack([np.ones(len(y)), own[:, 0] + limit * own[:, 1], own[:, 2:]])
        assert rss(at_limit) - error.ss == pytest.approx(t**2 * error.ms, rel=1e-8)

    x = np.column_stack([np.ones(len(y)), own])
    _, standard, test, *_ = np.linalg.lstsq(x, y)[0]
    gradient = np.array([0, -test / standard**2, 1 / standard, 0, 0])
    half = t * np.sqrt(error.ms * gradient @ np.linalg.inv(x.T @ x) @ gradient)
    assert found.delta("U1", confidence=0.95, error=error) == pytest.approx(
        (test / standard - half, test / standard + half), rel=1e-10
    )


@given(
    st.permutations(range(34)), st.floats(1e-3, 1e3), st.floats(0.1, 10), st.floats(-5, 5), st.floats(0.1, 10)
)
@settings(deadline=None, max_examples=15)
def test_a_slope_ratio_knows_no_units_and_no_order_and_follows_the_strength_of_the_sample(
    order, unit, gain, offset, factor
):
    samples, doses, y = pantothenic()
    plain = fit_slope_ratio(samples, doses, y, standard="St")
    stronger = np.where(np.array(samples) == "U1", doses / factor, doses)[order]

    moved = fit_slope_ratio(
        [samples[i] for i in order], unit * stronger, gain * y[order] + offset, standard="St"
    )

    assert moved.ratio("U1") == pytest.approx(factor * plain.ratio("U1"), rel=1e-8)
    assert moved.ratio("U2") == pytest.approx(plain.ratio("U2"), rel=1e-8)
    ends = plain.fieller("U2", confidence=0.95, error=plain.pure_error)
    assert moved.fieller("U2", confidence=0.95, error=moved.pure_error) == pytest.approx(ends, rel=1e-6)
