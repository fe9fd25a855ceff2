"""A reason says something to who reads the record later. MHRA-2"""

from decimal import Decimal

import pytest

from tests.cast import person
from tilmfg.batches import services as batches
from tilmfg.identity import services as identity
from tilmfg.records.errors import UnableTo
from tilmfg.records.reasons import says_something
from tilmfg.release import services as release

SAYING_NOTHING = (
    "", "  ", "x", "n/a", "N.A.", ".", "-", "...", "none", "None.", "test", "TEST!", "zzzzzz", "ababab", "aaaa aaaa",
    "Not applicable", "no reason", "asdf", "----------", "2026-11-29", "12345", "\u200b\u200b\u200b\u200b\u200b",
)  # fmt: skip
SAYING_SOMETHING = (
    "Torn", "Digits exchanged", "Network down", "Reading no. 3 is right", "Alarm 21:04", "Überlauf", "Разлито",
)  # fmt: skip
READING = {"reading": None, "value": Decimal(1), "second": None}


@pytest.mark.parametrize("reason", SAYING_NOTHING)
def test_it_says_nothing(reason):
    assert not says_something(reason)


@pytest.mark.parametrize("reason", SAYING_SOMETHING)
def test_it_says_something(reason):
    assert says_something(reason)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("verb", "who", "arguments", "field"),
    [
        (batches.correct_reading, "olga", READING | {"reason": "n/a"}, "reason"),
        (batches.record_step, "olga", {"window_reason": "."}, "window_reason"),
        (batches.record_step, "olga", {"reasons": {"viability": "x"}}, "reason_viability"),
        (identity.print_label, "olga", {"reason": "test"}, "reason"),
        (release.return_review, "rosa", {"reason": "xxxx", "disposition": None}, "reason"),
        (identity.receive_tumor, "olga", {"temperature_reason": "none"}, "temperature_reason"),
    ],
)
def test_a_verb_names_the_field_of_a_reason_that_says_nothing(verb, who, arguments, field):
    with pytest.raises(UnableTo, match="says nothing") as refusal:
        verb(**arguments, by=person(who))
    assert refusal.value.field == field
