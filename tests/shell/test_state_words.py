"""Every state has its word, tone and icon, and no two states of a machine look alike."""

from importlib import import_module
from importlib.util import find_spec
from itertools import combinations

import pytest
from django.apps import apps

from tilmfg.records.states import Machine
from tilmfg.shell import icons
from tilmfg.shell.state_words import MACHINES, TONES, UnknownState, look_of


def _all_states():
    """Of every machine in a room's states.py; a new one is found by itself."""
    for app in apps.get_app_configs():
        if app.name == "tilmfg.records" or not find_spec(f"{app.name}.states"):
            continue
        for machine in vars(import_module(f"{app.name}.states")).values():
            if isinstance(machine, Machine):
                yield from ((machine.kind.rpartition(".")[2], state) for state in machine.states.values)


ALL_STATES = list(_all_states())


def test_it_found_the_machines_of_the_house():
    assert {"order", "container", "batch", "step", "run", "result", "lot", "disposition"} <= {
        m for m, _ in ALL_STATES
    }


@pytest.mark.parametrize(("machine", "state"), ALL_STATES)
def test_it_has_a_word_for_every_state_of_the_house(machine, state):
    """ALC-2"""
    assert look_of(machine, state).word


@pytest.mark.parametrize(
    ("machine", "state"),
    [
        (machine, state)
        for machine in ("lot", "run", "result", "deviation")
        for state in ("released", "rejected", "reviewed", "invalid", "superseded", "open", "closed")
        if state in MACHINES[machine]
    ],
)
def test_a_state_that_is_one_plain_word_is_called_so(machine, state):
    """ALC-2"""
    assert state in look_of(machine, state).word.lower()


@pytest.mark.parametrize(
    ("machine", "state"), [("lot", "half_released"), ("lot", ""), ("spaceship", "released")]
)
def test_it_refuses_a_state_without_a_word(machine, state):
    with pytest.raises(UnknownState, match=r"state_words\.py"):
        look_of(machine, state)


@pytest.mark.parametrize("machine", MACHINES)
def test_it_tells_states_apart_without_colour(machine):
    for one, other in combinations(MACHINES[machine].values(), 2):
        assert one.word != other.word


@pytest.mark.parametrize(
    "look", [look for looks in MACHINES.values() for look in looks.values()], ids=lambda look: look.word
)
def test_it_names_tones_and_icons_that_exist(look):
    assert look.tone in TONES
    assert look.icon in icons.DRAWINGS
