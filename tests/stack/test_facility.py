"""The whole facility under its supervisor: one story of starting, dying and coming back."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.stack.facilities import BASE, Facility, data_folder, environment, main_processes, processes_of
from tilmfg.embedded.processes import is_alive, wait_until

pytestmark = pytest.mark.xdist_group("facility")


def refused(**more):
    """What it says instead of starting."""
    done = subprocess.run(
        [sys.executable, "-m", "tilmfg.embedded"],
        cwd=BASE,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    return done.stderr


def test_it_answers_when_every_part_works(running):
    status, body = running.asks("/healthz")
    assert status == 200
    lines = [json.loads(line) for line in body.splitlines()]
    assert lines == [
        {"part": part, "works": True} for part in ("web", "database", "broker", "worker", "beat")
    ]
    assert f"ready at http://localhost:{running.port}/" in running.said()


def test_it_hides_the_owners_secret_from_web_and_workers(running):
    for part in ("web", "worker", "beat"):
        assert not {"TILMFG_ROLE", "DATABASE_OWNER_URL"} & running.part(part).environ().keys()


def test_a_second_start_on_the_same_data_is_refused(running):
    said = refused(TILMFG_VAR=str(running.place.var), PORT="1024")
    assert said == (
        f"tilmfg: This facility is already running (http://localhost:{running.port}/, "
        f"PID {running.process.pid}). For a second one choose its own PORT and TILMFG_VAR.\n"
    )
    assert running.is_healthy()


@pytest.mark.parametrize("part", ["web", "worker", "beat"])
def test_a_dead_part_is_started_again(running, part):
    dead = running.part(part)
    dead.kill()
    wait_until(lambda: not is_alive(dead), seconds=5, problem="it lives")
    wait_until(lambda: f"{part} has ended; starting it again" in running.said(), seconds=5, problem="unseen")
    wait_until(lambda: running.part(part), seconds=10, problem="it does not come back")
    wait_until(running.is_healthy, seconds=40, problem=running.said())


def test_dead_servers_are_started_again(running):
    for server in main_processes(running.place):
        server.kill()
    wait_until(lambda: not running.is_healthy(), seconds=10, problem="nobody noticed")
    wait_until(running.is_healthy, seconds=40, problem=running.said())
    assert "database has ended" in running.said()
    assert "broker has ended" in running.said()


def test_a_killed_supervisor_does_not_block_the_next_start(running):
    left = [each for each in processes_of(running.place) if each.name().startswith("python")]
    beat = running.part("beat")
    beat.send_signal(signal.SIGSTOP)  # one that cannot even react
    running.kill()
    assert running.start().becomes_ready(), running.said()
    assert not any(map(is_alive, left))


@pytest.fixture
def kept(running):
    with running.admin() as admin:
        admin.execute("CREATE TABLE kept AS SELECT 1 AS one")


def test_ctrl_c_stops_everything_and_two_facilities_start_from_the_same_data(running, kept, stopped_copy):
    assert processes_of(running.place) == []
    assert "stopped; all data are kept" in running.said()
    twin = Facility(stopped_copy)
    try:
        for facility in (running.start(), twin.start()):
            assert facility.becomes_ready(), facility.said()
            with facility.admin() as admin:
                assert admin.execute("SELECT one FROM kept").fetchone() == (1,)
        assert twin.interrupt() == 0
        assert running.is_healthy()
    finally:
        twin.remove()


def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken, data_folder() as var:
        port = taken.getsockname()[1]
        said = refused(PORT=str(port), TILMFG_VAR=str(var))
        assert said.startswith(f"tilmfg: Port {port} is taken by python")
        assert f"(PID {os.getpid()})" in said
        assert f"PORT={port + 1}" in said


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", "٣"])
def test_a_port_that_is_none_is_refused(port, tmp_path):
    said = refused(PORT=port, TILMFG_VAR=str(tmp_path))
    assert said == f"tilmfg: PORT is {port!r}; it can be a number from 1 to 65535.\n"
    assert list(tmp_path.iterdir()) == []
