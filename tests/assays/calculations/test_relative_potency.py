"""Relative potency on one plate: what is put in comes out, what is not similar has none, assays are combined."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest

from assays import catalogue
from assays.rules.calculations.combined_assays import Assay
from assays.rules.methods import UnableToReadMethod, read_method
from tests.assays.calculations.sheets import ROWS, computed, failed, material, value, wells

DOSES = [100 / 2**step for step in range(8)]
METHOD = catalogue.RELATIVE_POTENCY


def response(dose, *, c=12.0, a=100.0, d=1000.0, b=1.4):
    return a + (d - a) / (1 + (c / dose) ** b)


def plate(*, potency=0.8, noise=5.0, seed=7, control=None, of_sample=None, bad="", **settings):
    """Eight doses in triplicate of the reference and of SPL1, whose curve is that of `potency`; CTL1 likewise."""
    spread = np.random.default_rng(seed)

    def three(dose, **curve):
        return [round(response(dose, **curve) + noise * float(spread.standard_normal()), 6) for _ in range(3)]

    groups = []
    shifted = {"c": 12.0 / potency} | (of_sample or {})
    for row, dose in zip(ROWS, DOSES, strict=True):
        reference = three(dose)
        groups.append(wells("standard", "STD", *reference, nominal=dose, start=f"{row}1"))
        signals = three(dose, **shifted)
        signals[0] = bad or signals[0]
        groups.append(wells("sample", "SPL1", *signals, dilution=100 / dose, start=f"{row}4"))
        if control:
            own = three(dose, c=12.0 / control)
            groups.append(wells("control", "CTL1", *own, nominal=dose, start=f"{row}7"))
    return material(METHOD, *groups, names={"SPL1": "S1"}, **{"sample_dose": "100"} | settings)


def table(outcome, title):
    return next(one for one in outcome.kept["tables"] if one["title"] == title)["rows"]


@pytest.mark.parametrize("model", ["parallel 4PL curves", "parallel 5PL curves"])
def test_the_potency_comes_with_profile_limits_and_a_second_solver(model):
    made = plate(model=model)
    outcome = computed(made, METHOD)
    assert failed(outcome) == []
    found = value(outcome, "relative_potency")
    assert float(found.raw) == pytest.approx(80, rel=0.05)
    name, potency, *limits, used = table(outcome, "Potency relative to the reference")[0]
    assert (name, used, potency) == ("S1", "yes", float(found.raw))
    assert limits[0] < 80 < limits[1]
    assert limits[2:4] == pytest.approx(limits[:2], rel=0.01)  # delta beside the profile
    assert found.notes.startswith(f"95 % limits {limits[0]:.4g} to {limits[1]:.4g} %; one assay")
    assert outcome.second_solver["agrees"]
    assert "S1, ratio" in [one["name"] for one in outcome.second_solver["compared"]]
    assert computed(made, METHOD).kept == outcome.kept


def test_lines_have_fiellers_limits_by_pure_error():
    """In the steep part of the curve a line on ln dose serves; doses beyond it were left out of the layout."""
    middle = [dose for dose in DOSES if 5 < dose < 30]
    made = plate(
        model="parallel lines on ln dose",
        margins=[{"parameter": "slope", "minimum": "0.8", "maximum": "1.25"}],
    )
    kept = [
        well
        for well in made.wells
        if any(
            well.nominal == dose or well.dilution == 100 / dose
            for dose in map(type(made.wells[0].nominal), map(str, middle))
        )
    ]
    outcome = computed(replace(made, wells=tuple(kept)), METHOD)
    assert failed(outcome) == []
    assert float(value(outcome, "relative_potency").raw) == pytest.approx(80, rel=0.1)
    assert outcome.second_solver["agrees"]
    assert "C of the reference" not in [one.name for one in outcome.controls]


@pytest.mark.parametrize("potency", [0.4, 1.0, 2.5])
def test_what_is_put_in_comes_out(potency):
    outcome = computed(plate(potency=potency, noise=0.5), METHOD)
    assert failed(outcome) == []
    assert float(value(outcome, "relative_potency").raw) == pytest.approx(100 * potency, rel=5e-3)


@pytest.mark.parametrize(
    ("of_sample", "words"),
    [
        ({"b": 2.4}, "not similar to the reference: slope ratio"),
        ({"d": 700.0}, "range ratio"),
    ],
)
def test_what_is_not_similar_has_no_potency_and_makes_no_run_invalid(of_sample, words):
    outcome = computed(plate(of_sample=of_sample), METHOD)
    found = value(outcome, "relative_potency")
    assert failed(outcome) == []
    assert found.raw is None
    assert words in found.missing
    assert "allowed 0.8 to 1.25" in found.missing
    assert "NOT SIMILAR" in [row[-1] for row in table(outcome, "Similarity")]
    assert not outcome.kept["assays"]


def test_noise_widens_the_limits_until_there_is_no_potency():
    wide = [{"parameter": "slope", "minimum": "0.1", "maximum": "10"}]
    found = value(
        computed(plate(noise=90, margins=wide, width="1.2", cv_limit_percent="200"), METHOD),
        "relative_potency",
    )
    assert "upper over lower limit" in found.missing


@pytest.mark.parametrize(
    ("given_plate", "criterion"),
    [
        ({"control": 0.5, "control_minimum_percent": "70"}, "CTL1, relative potency"),
        ({"window": "50"}, "Reference, highest over lowest response"),
        ({"r2": "1"}, "Reference, r² of its own curve"),
        ({"cv_limit_percent": "0.01"}, "Reference, largest replicate CV"),
    ],
)
def test_the_reference_or_a_control_that_fails_makes_the_run_invalid(given_plate, criterion):
    asked = {"control": "CTL1"} if given_plate.get("control") else {}
    made = plate(**given_plate)
    if asked:
        made = replace(made, settings=replace(made.settings, control="CTL1"))
    outcome = computed(made, METHOD)
    assert criterion in failed(outcome)
    assert value(outcome, "relative_potency").missing.startswith("run invalid: ")
    assert not outcome.kept["assays"]


def test_a_masked_well_and_one_not_read_are_left_out():
    outcome = computed(plate(bad="lamp failure"), METHOD)
    assert failed(outcome) == []
    assert float(value(outcome, "relative_potency").raw) == pytest.approx(80, rel=0.05)


def test_chi2_stands_beside_where_the_variance_of_a_well_is_known():
    rows = {row[1]: row for row in table(computed(plate(well_variance="25"), METHOD), "Similarity")}
    assert rows["χ² of parallelism"][2] < 12
    assert rows["χ² of parallelism"][-1].startswith("p 0.")


def earlier(*potencies, variance=1e-3):
    return {
        "S1": tuple(
            Assay(run=n, log_ratio=log(one), variance=variance, df=40) for n, one in enumerate(potencies, 1)
        )
    }


def test_a_result_of_three_assays_comes_with_the_third():
    made = plate(assays=3)
    second = computed(replace(made, earlier=earlier(0.82)), METHOD)
    assert second.values["S1"] == ()
    assert second.kept["warnings"] == ["S1: assay 2 of 3; the result comes with the last of them."]
    own = second.kept["assays"]["S1"]["log_ratio"]
    third = computed(replace(made, earlier=earlier(0.82, 0.79)), METHOD)
    found = value(third, "relative_potency")
    assert float(found.raw) == pytest.approx(100 * exp((log(0.82) + log(0.79) + own) / 3))
    assert "unweighted geometric mean of 3 assays, with run 1, run 2; homogeneity χ²" in found.notes
    assert third.kept["assays"]["S1"]["closes"] == [1, 2]
    assert [row[-1] for row in table(third, "S1: combined")] == ["yes", *["beside"] * 4, "homogeneous"]


def test_a_weighted_mean_of_assays_that_differ_is_none():
    made = plate(assays=3, combination="weighted mean")
    apart = computed(replace(made, earlier=earlier(0.5, 1.4)), METHOD)
    assert "a weighted mean is of homogeneous assays" in value(apart, "relative_potency").missing
    semi = computed(
        replace(plate(assays=3, combination="semi-weighted mean"), earlier=earlier(0.5, 1.4)), METHOD
    )
    assert "this variant defines none" in value(semi, "relative_potency").notes


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"margins": []}, "needs a margin"),
        (
            {"margins": [{"parameter": "slope", "minimum": "1.3", "maximum": "0.8"}]},
            "begins at or above its end",
        ),
        ({"model": "parallel lines on ln dose"}, "one margin, of the slope"),
    ],
)
def test_settings_that_decide_nothing_are_refused(settings, words):
    content = METHOD["content"] | {"settings": METHOD["content"]["settings"] | settings}
    with pytest.raises(UnableToReadMethod, match=words):
        read_method("plate", content)
