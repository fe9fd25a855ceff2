"""Limits and values in words, and where they stand when they are drawn."""

import pytest

from tests.release.specifications import MELANOMA, criterion, reported
from tilmfg.release.drawings import WIDTH, draw_limit
from tilmfg.release.rules import evaluate, parse
from tilmfg.release.words import compared_in_words, limit_in_words, value_in_words

LINES = {line.code: line for line in MELANOMA.criteria}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("viability", "≥ 70 %"),
        ("endotoxin", "≤ 0.7 EU/mL"),
        ("total_viable_cells", "7.5 to 72.0 × 10⁹ cells"),
        ("total_viable_cells_specification", "1.0 to 150.0 × 10⁹ cells"),
        ("sterility", "No growth"),
    ],
)
def test_a_limit_is_told_in_the_digits_in_which_it_is_written(code, words):
    assert limit_in_words(LINES[code]).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("code", "compared", "words"),
    [
        ("total_viable_cells", "24800000000", "24.8 × 10⁹"),
        ("endotoxin", "< 0.1", "< 0.1"),
        ("viability", "70", "70"),
        ("sterility", "No growth", "No growth"),
        ("viability", "", ""),
    ],
)
def test_a_value_is_told_in_the_digits_of_its_limit(code, compared, words):
    assert compared_in_words(compared, LINES[code]).replace("\u00a0", " ") == words


def test_a_value_without_number_is_told_by_its_text():
    assert value_in_words(None, "%", "well masked") == "well masked"


def drawn(content, value):
    [outcome] = evaluate(parse(content), [reported("viability", value)]).outcomes
    return draw_limit(parse(content).criteria[0], outcome)


@pytest.mark.parametrize(
    ("content", "inside", "outside"),
    [
        (criterion(low="70"), "71", "69"),
        (criterion("maximum", high="70"), "69", "71"),
        (criterion("range", low="60", high="70"), "65", "72"),
    ],
)
def test_a_value_stands_on_the_side_of_the_limit_it_is_on(content, inside, outside):
    good, bad = drawn(content, inside), drawn(content, outside)
    assert good.inside_from <= good.value <= good.inside_to
    assert not bad.inside_from <= bad.value <= bad.inside_to


@pytest.mark.parametrize("value", ["0", "0.0001", "1e12"])
def test_a_value_far_out_stands_at_the_edge(value):
    assert 0 < drawn(criterion("maximum", high="0.7"), value).value < WIDTH


def test_what_is_missing_has_a_limit_and_no_value():
    [outcome] = evaluate(parse(criterion(low="70")), []).outcomes
    drawing = draw_limit(parse(criterion(low="70")).criteria[0], outcome)
    assert drawing.value is None
    assert drawing.inside_width == WIDTH - drawing.inside_from


def test_a_finding_is_not_drawn():
    [outcome] = [line for line in evaluate(MELANOMA, []).outcomes if line.code == "sterility"]
    assert draw_limit(LINES["sterility"], outcome) is None
