import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assays.kernel.reference import tasks
from assays.kernel.reference.case import answer_case
from assays.kernel.status import Status
from tests.kernel.reference.examples import ALL, ROUNDING

NOWHERE = Path("/nowhere")


def changed(case, **changes):
    return copy.deepcopy(case) | changes


def test_it_answers_every_example_as_expected():
    for case in ALL:
        answers = answer_case(case, NOWHERE)
        for key, entry in case["expected"].items():
            value = entry["value"]
            wanted = pytest.approx(value, rel=1e-8, abs=1e-10) if isinstance(value, float) else value
            assert answers[key] == wanted, (case["id"], key)


def test_every_task_has_an_example():
    assert {example["task"] for example in ALL} == tasks.ALL.keys()


def test_it_reads_the_keys_of_expected_and_never_a_value():
    blanked = changed(ROUNDING, expected={key: {} for key in ROUNDING["expected"]})

    assert answer_case(blanked, NOWHERE) == answer_case(ROUNDING, NOWHERE)


def test_it_does_not_know_a_case_by_its_name():
    renamed = changed(ROUNDING, id="another", title="something", topic="else")

    assert answer_case(renamed, NOWHERE) == answer_case(ROUNDING, NOWHERE)


def test_a_limit_of_blank_without_a_rank_takes_only_its_limits_along():
    case = next(example for example in ALL if example["task"] == "lob_lod")
    high = changed(case, params=case["params"] | {"percentile": 0.99})

    answers = answer_case(high, NOWHERE)

    refused = {key for key, value in answers.items() if isinstance(value, dict)}
    assert refused == {"lots.1.lob", "lob", "lots.1.lod", "lod"}
    assert answers["lots.1.sd_low"] == pytest.approx(2**0.5)


def test_it_puts_the_prefix_of_a_step_before_its_keys():
    step = {name: ROUNDING[name] for name in ("task", "input", "params")}
    unknown = step | {"prefix": "second", "task": "cast_horoscope"}
    case = {
        "id": "steps",
        "steps": [step | {"prefix": "first"}, unknown],
        "expected": {"first.items.1.half_up.rounded": {}, "second.items.1.half_up.rounded": {}},
    }

    answers = answer_case(case, NOWHERE)

    assert answers["first.items.1.half_up.rounded"] == "7.5"
    assert answers["second.items.1.half_up.rounded"]["status"] == "unsupported"


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"task": "cast_horoscope"}, "unsupported", "cast_horoscope"),
        ({"task": None}, "unsupported", "None"),
        ({"params": {"to": "limit_decimals"}}, "bad_input", "modes is missing"),
        ({"params": {"to": "nowhere", "modes": ["half_up"]}}, "unsupported", "'nowhere'"),
        ({"params": {"to": "unit", "modes": ["half_up"], "digits": 3}}, "unsupported", "digits"),
        ({"params": {"to": "unit", "modes": ["half_up", "half_up"]}}, "bad_input", "repetition"),
        ({"params": {"to": "unit", "modes": []}}, "bad_input", "modes"),
        ({"params": None}, "bad_input", "object"),
        ({"input": {"rows": []}}, "bad_input", "at least one row"),
        ({"input": {"rows": [{"limit": "1"}]}}, "bad_input", "no value"),
        ({"input": {"rows": [{"value": ""}]}}, "bad_input", "no row"),
        ({"input": {"rows": [{"value": "1", "colour": "red"}]}}, "unsupported", "colour"),
        ({"input": {"rows": [{"value": "one", "limit": "1"}]}}, "bad_input", "value of row 1"),
        ({"input": {"rows": [{"value": True, "limit": "1"}]}}, "bad_input", "value"),
        ({"input": {"csv": "absent.csv", "columns": {"value": "v"}}}, "bad_input", "absent.csv"),
        ({"input": {"csv": "../secret.csv", "columns": {"value": "v"}}}, "bad_input", "CSV file"),
        ({"steps": []}, "bad_input", "either"),
    ],
)
def test_a_task_that_cannot_be_done_answers_every_expected_key_with_status_and_reason(change, status, words):
    answers = answer_case(changed(ROUNDING, **change), NOWHERE)

    assert answers.keys() == ROUNDING["expected"].keys()
    for answer in answers.values():
        assert answer["status"] == status
        assert words in answer["reason"]


def test_a_refusal_is_told_though_no_key_is_expected():
    nameless = {
        key: value for key, value in changed(ROUNDING, task="cast_horoscope").items() if key != "expected"
    }
    steps = {"id": "steps", "steps": [nameless | {"prefix": "one"}, nameless | {"prefix": "two"}]}

    assert answer_case(nameless, NOWHERE)["task"]["status"] == "unsupported"
    assert answer_case(steps, NOWHERE).keys() == {"one.task", "two.task"}


def test_a_key_that_the_calculation_does_not_have_is_told():
    case = changed(ROUNDING, expected={"items.3.half_up.rounded": {}})

    assert answer_case(case, NOWHERE)["items.3.half_up.rounded"]["status"] == "unsupported"


# --- broken cases

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", " ", "0", "-1", "1e308", "nan", "A", "none", "fieller", "0.5", "1,5", "half_up"])
    | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places_in(value, path=()):
    """Every place of a JSON value that can be broken."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places_in(item, (*path, key))


def broken(case, draw):
    case = copy.deepcopy(case)
    for _ in range(draw(st.integers(1, 3))):
        places = [p for p in places_in(case) if p[0] in ("task", "input", "params")]
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        parent = case
        for key in way:
            parent = parent[key]
        action = draw(st.sampled_from(["replace", "remove", "repeat", "number"]))
        if action == "replace":
            parent[last] = draw(ANYTHING)
        elif action == "number":
            parent[last] = draw(st.sampled_from(["0", "-3", "1e-300", "1e300", 0, -1, 7, 1e-12, 1e15, 0.5]))
        elif action == "remove":
            del parent[last]
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
        else:
            parent[f"{last}x"] = copy.deepcopy(parent[last])
    return case


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(ALL), st.data())
def test_a_broken_case_gets_statuses_and_never_a_fault(example, data):
    case = broken(example, data.draw)

    answers = answer_case(case, NOWHERE)

    json.dumps(answers, allow_nan=False)
    assert answers.keys() >= example["expected"].keys()
    for key, answer in answers.items():
        assert isinstance(answer, bool | int | float | str | list | dict), key
        if isinstance(answer, dict):
            assert answer["status"] in set(Status)
            assert answer["reason"].strip()
            assert "broke off" not in answer["reason"], (case, answer["reason"])
