"""The tables of states: nothing leads to a decided lot but a decision, nothing leads back from an end."""

import pytest

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


def test_only_a_providable_lot_is_infused():
    sources = {source for (source, _), target in LOT.transitions.items() if target == LotState.INFUSED}
    assert sources == set(PROVIDABLE)


@pytest.mark.parametrize("end", [LotState.REJECTED, LotState.TERMINATED, LotState.INFUSED])
def test_nothing_leads_back_from_an_end(end):
    assert LOT.events_from(end) <= {"release.lot.recalled"}


def test_a_disposition_is_executed_only_after_it_was_signed():
    sources = {s for (s, _), target in DISPOSITION.transitions.items() if target == DispositionState.EXECUTED}
    assert sources == {DispositionState.SIGNED}
