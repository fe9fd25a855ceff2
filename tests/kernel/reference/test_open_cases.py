"""The reference cases and the worked examples of their format, when they lie beside the project."""

import importlib.util
import json
import re
from itertools import pairwise

import pytest

from assays.kernel.reference.case import answer_case
from assays.kernel.reference.tasks import ALL
from tests.kernel.shared import REFERENCE, needs_reference

OPEN = REFERENCE / "open"
FORMAT = REFERENCE / "FORMAT.md"


def tasks_of(case):
    return {step["task"] for step in case.get("steps", [case])}


def open_cases():
    cases = [json.loads(path.read_text()) for path in sorted(OPEN.glob("*.json"))]
    return [pytest.param(case, id=case["id"]) for case in cases if tasks_of(case) <= ALL.keys()]


def worked_examples():
    """Each JSON block that names a task, with the block of answers after it."""
    text = FORMAT.read_text() if FORMAT.is_file() else ""
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    pairs = [(case, answers) for case, answers in pairwise(blocks) if "task" in case]
    return [pytest.param(c, a, id=c["task"]) for c, a in pairs if tasks_of(c) <= ALL.keys()]


@pytest.fixture(scope="module")
def passes():
    spec = importlib.util.spec_from_file_location("score", REFERENCE / "score.py")
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    return lambda answer, entry: score.ok(answer, entry, False)


@needs_reference
@pytest.mark.parametrize("case", open_cases())
def test_it_answers_every_key_of_an_open_case_within_its_tolerance(case, passes):
    blanked = case | {"expected": {key: {} for key in case["expected"]}}

    answers = answer_case(blanked, OPEN)

    wrong = {
        key: (answers.get(key), entry["value"])
        for key, entry in case["expected"].items()
        if not passes(answers.get(key), entry)
    }
    assert wrong == {}


@needs_reference
@pytest.mark.parametrize(("case", "expected"), worked_examples())
def test_it_answers_the_worked_examples_of_the_format(case, expected):
    answers = answer_case({"id": "example", "expected": {key: {} for key in expected}} | case, OPEN)

    for key, value in expected.items():
        if isinstance(value, dict):
            assert answers[key]["status"] == value["status"], key
        elif isinstance(value, float):
            assert answers[key] == pytest.approx(value, rel=1e-8, abs=1e-12), key
        else:
            assert answers[key] == value, key
