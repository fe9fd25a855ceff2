"""Labels in the middle of a sentence."""

import pytest

from tilmfg.records.words import in_a_sentence


@pytest.mark.parametrize(
    ("label", "there"),
    [
        ("Waiting for QA", "waiting for QA"),
        ("QA reviewer", "QA reviewer"),
        ("Released", "released"),
        ("", ""),
    ],
)
def test_abbreviations_keep_their_capitals(label, there):
    assert in_a_sentence(label) == there
