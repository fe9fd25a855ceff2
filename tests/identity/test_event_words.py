from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tilmfg.identity import event_words
from tilmfg.identity.rules import in_words

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def line(event_name="identity.container.filled", kind="identity.container", to_state="", **details):
    event = SimpleNamespace(
        name=event_name,
        subject_kind=kind,
        subject_id=7,
        to_state=to_state,
        recorded_at=NOON,
        actor=SimpleNamespace(printed_name="Olga Petrova"),
        details=details,
    )
    return event_words.line(event)


def test_a_name_is_said_in_words():
    assert line(event_name="identity.tumor.received").event == "Tumor received"


def test_what_was_done_long_before_it_was_recorded_is_late():
    done = NOON - timedelta(hours=2)
    late = line(performed_at=done.isoformat())
    assert (late.occurred_at, late.recorded_at) == (done, NOON)


def test_what_was_recorded_at_once_is_not():
    done = NOON - timedelta(minutes=2)
    assert line(performed_at=done.isoformat()).recorded_at is None
    assert line().occurred_at == NOON


@pytest.mark.parametrize(
    ("details", "said"),
    [
        ({"code": "BG2", "number": "9"}, "BG2"),
        ({"step": "rep_start", "name": "Start the rapid expansion"}, "Start the rapid expansion"),
        ({"sample": "TIL-2026-0042-QC4", "attribute": "total_viable_cells"}, "TIL-2026-0042-QC4"),
        ({"attribute": "total_viable_cells"}, "total viable cells"),
        ({}, "container 7"),
    ],
)
def test_the_subject_is_called_what_its_room_calls_it(details, said):
    assert line(**details).subject == said


def test_what_an_order_has_one_of_needs_no_number():
    assert line(kind="release.lot").subject == "lot"


def test_the_outcome_tells_the_rest_and_nothing_twice():
    told = line(
        to_state="in_use", code="FL1", place="Room 2", purpose="batches.step.rep_start", parents=["A", "B"]
    )
    assert told.outcome == "in use; purpose: step rep start; parents: A, B"
    assert told.place == "Room 2"


@pytest.mark.parametrize(
    ("name", "tone"),
    [
        ("identity.scan.mismatched", "bad"),
        ("release.lot.rejected", "bad"),
        ("quality.deviation.opened", "warning"),
        ("identity.scan.matched", "neutral"),
    ],
)
def test_what_went_wrong_stands_out(name, tone):
    assert line(event_name=name).tone == tone


def test_what_else_was_measured_is_part_of_the_outcome():
    assert line(sample="TIL-2026-0042-QC4", attribute="ifng_net").outcome == "attribute: ifng net"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("batches.step.rep_start", "step rep start"),
        ("pre_freeze", "pre freeze"),
        ("tumor receipt", "tumor receipt"),
        ("TIL-2026-0042", "TIL-2026-0042"),
        ("LN2-1 / R3", "LN2-1 / R3"),
    ],
)
def test_a_programs_name_is_said_in_words_and_other_text_stays(name, said):
    assert in_words(name) == said
