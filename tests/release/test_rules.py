"""The pure decision: does a lot conform to its specification?"""

import os
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays import catalogue as laboratory
from tests.release.specifications import GOOD, MELANOMA, all_good, criterion, reported
from tilmfg.release import catalogue
from tilmfg.release.rules import Outcome, UnableToRead, Verdict, evaluate, parse, rounded

PASS, FAIL, MISSING = Outcome.PASS, Outcome.FAIL, Outcome.MISSING

percent = st.decimals(min_value=0, max_value=200, places=4)
limit = st.decimals(min_value=0, max_value=200, places=1).map(str)
qualifier = st.sampled_from(["=", "<", ">"])


def outcome_of(results, code, specification=MELANOMA):
    return {line.code: line.outcome for line in evaluate(specification, results).outcomes}[code]


def judge(content, value, **changes):
    """The outcome of the only criterion of `content` on one viability."""
    [line] = evaluate(parse(content), [reported("viability", value, **changes)]).outcomes
    return line.outcome


# ── Verdict ──────────────────────────────────────────────────────────────────────────────────────


def test_it_conforms_when_every_criterion_passes():
    evaluation = evaluate(MELANOMA, all_good())
    assert evaluation.verdict == Verdict.CONFORMS
    assert evaluation.is_complete
    assert {line.outcome for line in evaluation.outcomes} == {PASS}


def test_it_is_incomplete_while_a_result_is_missing():
    evaluation = evaluate(MELANOMA, [r for r in all_good() if r.attribute != "sterility"])
    assert evaluation.verdict == Verdict.INCOMPLETE
    assert not evaluation.is_complete


def test_it_does_not_conform_when_one_fails_though_another_is_missing():
    results = [r for r in all_good(ifng_net="120") if r.attribute != "sterility"]
    evaluation = evaluate(MELANOMA, results)
    assert evaluation.verdict == Verdict.DOES_NOT_CONFORM
    assert not evaluation.is_complete


@given(st.sets(st.sampled_from(list(GOOD))), st.sets(st.sampled_from(["viability", "endotoxin", "ifng_net"])))
def test_it_conforms_exactly_when_nothing_is_missing_and_nothing_fails(dropped, failing):
    bad = {"viability": "12", "endotoxin": "9", "ifng_net": "3"}
    results = [r for r in all_good(**{name: bad[name] for name in failing}) if r.attribute not in dropped]
    assert (evaluate(MELANOMA, results).verdict == Verdict.CONFORMS) == (not dropped and not failing)


@given(st.data())
def test_taking_a_result_away_never_makes_a_criterion_pass(data):
    results = all_good()
    kept = data.draw(st.lists(st.sampled_from(results), unique=True))
    before = {line.code: line.outcome for line in evaluate(MELANOMA, results).outcomes}
    for line in evaluate(MELANOMA, kept).outcomes:
        assert line.outcome in (before[line.code], MISSING)


# ── Missing is never PASS ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"is_final": False}, "review"),
        ({"missing": "well masked by reader"}, "well masked by reader"),
        ({"value": None}, "no number"),
        ({"value": Decimal("NaN")}, "no number"),
        ({"value": Decimal("Infinity")}, "no number"),
        ({"unit": "fraction"}, "fraction"),
        ({"unit": ""}, "no unit"),
        ({"method": "trypan_blue"}, "trypan_blue"),
        ({"stage": "post_thaw"}, "post-thaw"),
        ({"qualifier": "~"}, "qualifier"),
    ],
)
def test_a_result_that_does_not_answer_is_missing_with_its_reason(fault, why):
    [line] = evaluate(parse(criterion(low="70")), [replace(reported("viability"), **fault)]).outcomes
    assert line.outcome is MISSING
    assert why in line.why


def test_no_result_at_all_is_missing():
    [line] = evaluate(parse(criterion(low="70")), []).outcomes
    assert (line.outcome, line.why) == (MISSING, "No result yet.")


def test_two_standing_results_are_missing_not_the_better_one():
    pair = [reported("viability", "99", id=1), reported("viability", "98", id=2)]
    [line] = evaluate(parse(criterion(low="70")), pair).outcomes
    assert line.outcome is MISSING


def test_a_finding_without_words_is_missing():
    assert outcome_of([*all_good(), reported("mycoplasma", "")][-1:], "mycoplasma") is MISSING


@given(
    value=st.none() | percent | st.sampled_from([Decimal("NaN"), Decimal("Infinity")]),
    missing=st.sampled_from(["", "lost"]),
    final=st.booleans(),
    stage=st.sampled_from(["in_process", "pre_freeze", "post_thaw"]),
)
def test_it_never_passes_on_what_is_not_a_final_valid_result_of_its_stage(value, missing, final, stage):
    result = replace(reported("viability"), value=value, missing=missing, is_final=final, stage=stage)
    [line] = evaluate(parse(criterion(low="0")), [result]).outcomes
    sound = value is not None and value.is_finite() and not missing and final and stage == "pre_freeze"
    assert line.outcome is (PASS if sound else MISSING)


# ── Limits ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "value", "expected"),
    [
        (criterion(low="70"), "70", PASS),
        (criterion(low="70"), "69.5", PASS),  # half up to the limit's digits
        (criterion(low="70"), "69.49", FAIL),
        (criterion(low="70.0"), "69.94", FAIL),
        (criterion("maximum", high="0.7"), "0.74", PASS),
        (criterion("maximum", high="0.7"), "0.75", FAIL),
        (criterion("range", low="7.5e9", high="72.0e9"), "7449999999", FAIL),
        (criterion("range", low="7.5e9", high="72.0e9"), "7450000000", PASS),
        (criterion("range", low="7.5e9", high="72.0e9"), "72050000000", FAIL),
    ],
)
def test_it_compares_after_rounding_once_to_the_digits_of_the_limit(content, value, expected):
    assert judge(content, value) is expected


def test_a_dose_can_fail_its_label_and_fulfil_the_specification():
    results = all_good(total_viable_cells="5000000000")
    assert outcome_of(results, "total_viable_cells") is FAIL
    assert outcome_of(results, "total_viable_cells_specification") is PASS


@given(limit, percent, percent)
def test_more_never_turns_a_pass_of_a_minimum_into_anything_else(low, one, other):
    smaller, larger = sorted((one, other))
    content = criterion(low=low)
    if judge(content, smaller) is PASS:
        assert judge(content, larger) is PASS


@given(limit, percent, percent)
def test_less_never_turns_a_pass_of_a_maximum_into_anything_else(high, one, other):
    smaller, larger = sorted((one, other))
    content = criterion("maximum", high=high)
    if judge(content, larger) is PASS:
        assert judge(content, smaller) is PASS


@given(limit, percent)
def test_a_value_above_range_passes_a_minimum_and_never_a_maximum(bound, value):
    assert judge(criterion("maximum", high=bound), value, qualifier=">") is not PASS
    exact = judge(criterion(low=bound), value)
    assert judge(criterion(low=bound), value, qualifier=">") is (PASS if exact is PASS else MISSING)


@given(limit, percent)
def test_a_value_below_range_passes_a_maximum_and_never_a_minimum(bound, value):
    assert judge(criterion(low=bound), value, qualifier="<") is not PASS
    exact = judge(criterion("maximum", high=bound), value)
    assert judge(criterion("maximum", high=bound), value, qualifier="<") is (
        PASS if exact is PASS else MISSING
    )


@given(limit, limit, percent, st.sampled_from(["<", ">"]))
def test_a_value_out_of_range_never_passes_a_range(one, other, value, sign):
    low, high = sorted((one, other), key=Decimal)
    assert judge(criterion("range", low=low, high=high), value, qualifier=sign) is not PASS


@given(limit, percent, qualifier)
def test_fail_means_that_no_value_the_result_allows_would_pass(low, value, sign):
    if judge(criterion(low=low), value, qualifier=sign) is FAIL:
        assert sign != ">"
        assert rounded(value, Decimal("0.1")) < Decimal(low)


# ── The same answer every time (A22-01) ──────────────────────────────────────────────────────────


def test_the_same_input_gives_the_same_digest_a_thousand_times():
    """A22-01"""
    assert len({evaluate(MELANOMA, all_good()).digest_against("s") for _ in range(1000)}) == 1


@given(st.permutations(all_good()))
def test_the_order_of_the_results_does_not_matter(shuffled):
    assert evaluate(MELANOMA, shuffled) == evaluate(MELANOMA, all_good())


def test_the_digest_is_the_same_in_another_process():
    program = (
        "from tests.release.specifications import *; from tilmfg.release.rules import evaluate;"
        "print(evaluate(MELANOMA, all_good()).digest_against('s'))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert digests == {evaluate(MELANOMA, all_good()).digest_against("s")}


@pytest.mark.parametrize(
    "other",
    [
        lambda: evaluate(MELANOMA, all_good(viability="91")).digest_against("t"),
        lambda: evaluate(MELANOMA, all_good(viability="12")).digest_against("s"),
        lambda: evaluate(MELANOMA, [reported("viability", id=99), *all_good()[2:]]).digest_against("s"),
    ],
    ids=["another specification", "another value", "another result"],
)
def test_what_differs_has_another_digest(other):
    assert other() != evaluate(MELANOMA, all_good()).digest_against("s")


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", [catalogue.MELANOMA, catalogue.NSCLC])
def test_the_catalogue_can_be_read(content):
    specification = parse(content)
    assert {line.attribute for line in specification.criteria} == set(GOOD)


def test_every_criterion_of_the_catalogue_can_be_answered_by_a_method_of_the_laboratory():
    methods = {method["code"]: method["content"]["results"] for method in laboratory.CATALOGUE}
    for line in MELANOMA.criteria:
        for method in line.methods:
            [result] = [r for r in methods[method] if r["attribute"] == line.attribute]
            assert line.stage in result["stages"]
            assert result.get("unit", "") == line.unit
            assert not line.text or line.text in result["texts"]


def test_an_alternative_that_the_criterion_lists_answers_it_and_no_other_does():
    cartridge = reported("endotoxin", method="endotoxin")
    assert outcome_of([cartridge], "endotoxin") is PASS
    outcomes = evaluate(MELANOMA, [reported("endotoxin", method="gel-clot")]).outcomes
    line = next(line for line in outcomes if line.code == "endotoxin")
    assert line.outcome == MISSING
    assert line.why == "Measured by gel-clot; the specification names endotoxin-kinetic or endotoxin."


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({}, "rule"),
        ({"rule": "most", "product": "TIL", "criteria": []}, "'most'"),
        ({"rule": "all", "product": "TIL", "criteria": []}, "at least one criterion"),
        (criterion(low=70), "70"),
        (criterion(low="NaN"), "'NaN'"),
        (criterion(low="seventy"), "'seventy'"),
        (criterion(low=None), "low"),
        (criterion(low="70", high="80"), "has no high"),
        (criterion("range", low="9", high="1"), "low 9 lies above high 1"),
        (criterion("about", low="9"), "'about'"),
        (criterion(low="70", unit=""), "unit"),
        (criterion(low="70", stage="thawed"), "'thawed'"),
        (criterion(low="70", group="potence"), "'potence'"),
        (criterion(low="70", days_after_harvest=True), "days_after_harvest"),
        (criterion("text", text=""), "text"),
        (criterion(low="70", alternatives="flow"), "alternatives"),
        (criterion(low="70", alternatives=["cell-count"]), "alternatives"),
        (
            {**catalogue.MELANOMA, "criteria": [catalogue.CRITERIA[0], catalogue.CRITERIA[0]]},
            "share a code",
        ),
    ],
)
def test_what_is_no_specification_is_refused_by_name(content, named):
    with pytest.raises(UnableToRead, match=named):
        parse(content)
