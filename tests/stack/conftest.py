"""One facility for all stories about a facility: its first start migrates, which is what takes long."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.facilities import Facility, data_folder


@pytest.fixture(scope="session")
def facility() -> Iterator[Facility]:
    with data_folder() as var:
        facility = Facility(var)
        yield facility
        facility.remove()


@pytest.fixture
def running(facility: Facility) -> Facility:
    if facility.process is None or facility.process.poll() is not None:
        facility.start()
    assert facility.becomes_ready(), facility.said()
    return facility


@pytest.fixture
def stopped_copy(running: Facility) -> Iterator[Path]:
    """All data of a facility that was asked to stop, at another place."""
    assert running.interrupt() == 0
    with data_folder() as var:
        subprocess.run(["cp", "-a", running.place.var, var], check=True)  # with its owners
        yield var
