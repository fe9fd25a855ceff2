"""The tables of states: nothing leads to a decided lot but a decision, nothing leads back from an end."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assays.states import RESULT, RUN
from tilmfg.batches.states import BATCH, SAMPLE, STEP
from tilmfg.identity.states import CONTAINER, ORDER
from tilmfg.quality.states import DEVIATION
from tilmfg.records.states import UnableToAdvance
from tilmfg.release.states import DISPOSITION, LOT, PROVIDABLE, DispositionState, LotState

MACHINES = (ORDER, CONTAINER, BATCH, STEP, SAMPLE, RUN, RESULT, DEVIATION, LOT, DISPOSITION)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.kind)
def test_every_pair_of_state_and_event_is_allowed_or_refused(machine):
    events = {event for _, event in machine.transitions}
    for state in machine.states:
        for event in events:
            if (state, event) in machine.transitions:
                assert machine.target(state, event) in machine.states
            else:
                with pytest.raises(UnableToAdvance):
                    machine.target(state, event)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.kind)
def test_every_event_is_named_by_its_room(machine):
    assert all(event.split(".")[0] == machine.kind.split(".")[0] for _, event in machine.transitions)


def test_a_lot_becomes_providable_only_out_of_qa_review():
    """P11-06"""
    sources = {source for (source, _), target in LOT.transitions.items() if target in PROVIDABLE}
    assert sources <= {LotState.QA_REVIEW, LotState.IN_TESTING}


@given(st.lists(st.sampled_from(sorted({event for _, event in LOT.transitions})), max_size=60))
@example(["release.lot.harvested", "release.lot.tested", "release.lot.reopened", "release.lot.released"])
@example(["release.lot.harvested", "release.lot.released", "release.lot.tested", "release.lot.released"])
def test_no_order_of_events_makes_a_lot_providable_before_it_was_harvested_and_tested(order):
    """P11-06: whatever is refused in between, and however often it was reopened."""
    state, taken = LotState.EXPANDING, []
    for event in order:
        try:
            state = LOT.target(state, event)
        except UnableToAdvance:
            continue
        taken.append(event)
        if state in PROVIDABLE:
            tested = len(taken) - 1 - taken[::-1].index("release.lot.tested")
            assert taken[0] == "release.lot.harvested"
            assert taken[tested + 1 :] == ["release.lot.released"]


def test_only_a_providable_lot_is_infused():
    sources = {source for (source, _), target in LOT.transitions.items() if target == LotState.INFUSED}
    assert sources == set(PROVIDABLE)


@pytest.mark.parametrize("end", [LotState.REJECTED, LotState.TERMINATED, LotState.INFUSED])
def test_nothing_leads_back_from_an_end(end):
    assert LOT.events_from(end) <= {"release.lot.recalled"}


def test_a_disposition_is_executed_only_after_it_was_signed():
    sources = {s for (s, _), target in DISPOSITION.transitions.items() if target == DispositionState.EXECUTED}
    assert sources == {DispositionState.SIGNED}
