"""How a part returns to life."""

import pytest

from tilmfg.embedded import UnableToRun
from tilmfg.embedded.parts import LONGEST_PAUSE_SECONDS, STABLE_SECONDS, Part


class Patient:
    """A part whose life the test decides."""

    def __init__(self):
        self.said, self.starts, self.is_alive, self.cannot_start = [], 0, False, False
        self.part = Part("worker", self.start, lambda: self.is_alive, self.said.append)

    def start(self):
        if self.cannot_start:
            raise UnableToRun("no room")
        self.starts += 1
        self.is_alive = True


@pytest.fixture
def patient():
    return Patient()


def test_it_starts_once_and_is_left_alone_while_it_lives(patient):
    for now in (0, 1, 2):
        patient.part.tend(now=now)
    assert (patient.starts, patient.said) == (1, [])


def test_it_waits_twice_as_long_each_time_it_dies(patient):
    now, pauses = 0.0, []
    for _ in range(9):
        patient.part.tend(now=now)
        patient.is_alive = False
        patient.part.tend(now=now)
        pauses.append(patient.part.due_at - now)
        patient.part.tend(now=now + pauses[-1] / 2)
        now += pauses[-1]
    assert pauses == [
        0.5,
        1,
        2,
        4,
        8,
        16,
        LONGEST_PAUSE_SECONDS,
        LONGEST_PAUSE_SECONDS,
        LONGEST_PAUSE_SECONDS,
    ]
    assert patient.starts == 9
    assert patient.said[1] == "worker has ended; starting it again in 1 s"


def test_it_begins_with_the_first_pause_after_a_long_life(patient):
    patient.part.pause = 16
    patient.part.tend(now=0)
    patient.is_alive = False
    patient.part.tend(now=STABLE_SECONDS)
    assert patient.part.due_at == STABLE_SECONDS + 0.5


def test_one_that_cannot_start_is_tried_again(patient):
    patient.cannot_start = True
    patient.part.tend(now=0)
    assert patient.said == ["worker does not start (no room); starting it again in 0.5 s"]
    patient.cannot_start = False
    patient.part.tend(now=0.5)
    assert patient.is_alive
