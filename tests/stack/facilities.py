"""Facilities that tests of the stack make, wreck and remove."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from tilmfg.embedded import Place, Servers, place
from tilmfg.embedded.children import MARK
from tilmfg.embedded.processes import end, find, is_alive, serving

BASE = Path(__file__).resolve().parents[2]
OURS = ("DJANGO_SETTINGS_MODULE", "TILMFG_", "TEST_", "DATABASE_", "REDIS_", "PYTEST_", "PORT")


@contextmanager
def data_folder(suffix: str = "") -> Iterator[Path]:
    """A folder that the servers' account can enter, which pytest's own tmp_path does not allow."""
    parent = Path("/tmp", f"tilmfg-test-{secrets.token_hex(4)}")
    parent.mkdir(mode=0o755)
    try:
        yield parent / f"var{suffix}"
    finally:
        shutil.rmtree(parent)


@contextmanager
def servers_at(var: Path) -> Iterator[Servers]:
    """Servers for one test, gone afterwards whatever it did to them."""
    servers = Servers(place(var), durable=False)
    try:
        yield servers
    finally:
        end(processes_of(servers.place), grace=0)
        remove(servers.place)


def remove(place: Place) -> None:
    for folder in {place.var, place.servers, place.run}:
        shutil.rmtree(folder, ignore_errors=True)


def processes_of(place: Place) -> list[psutil.Process]:
    """The servers' own and everything a supervisor started."""
    marked = find(lambda process: process.environ().get(MARK) == str(place.servers))
    data = place.postgresql / "data"
    return [*marked, *serving("postgres", data), *serving("valkey-server", place.valkey)]


def main_processes(place: Place) -> list[psutil.Process]:
    """Postmaster and valkey-server, without the helpers that come and go."""
    servers = {
        process.pid: process
        for process in (
            *serving("postgres", place.postgresql / "data"),
            *serving("valkey-server", place.valkey),
        )
    }
    return [process for process in servers.values() if is_alive(process) and process.ppid() not in servers]


def environment(**more: str) -> dict[str, str]:
    """What a person's shell would have, without what the tests have set."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Facility:
    """What `script/server` runs, once everything is installed."""

    def __init__(self, var: Path) -> None:
        self.place = place(var)
        self.port = free_port()
        self.output = var.parent / f"{var.name}.output"
        self.process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return environment(PORT=str(self.port), TILMFG_VAR=str(self.place.var), TILMFG_DEMONSTRATION="no")

    def start(self) -> "Facility":
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tilmfg.embedded"],
                cwd=BASE,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        return self

    def said(self) -> str:
        return self.output.read_text()

    def asks(self, path: str) -> tuple[int, str]:
        """Status and body of an answer; status 0 if there is none."""
        with suppress(urllib.error.HTTPError, OSError):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
                    return response.status, response.read().decode()
            except urllib.error.HTTPError as refusal:
                return refusal.code, refusal.read().decode()
        return 0, ""

    def is_healthy(self) -> bool:
        return self.asks("/healthz")[0] == 200

    def becomes_ready(self, *, seconds: float = 300) -> bool:
        """What it says of itself after its health check succeeded."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process is not None and self.process.poll() is None:
            if "ready at" in self.said():
                return True
            time.sleep(0.1)
        return False

    def admin(self) -> psycopg.Connection:
        return Servers(self.place).postgresql.admin("tilmfg")

    def part(self, name: str) -> psutil.Process | None:
        """The main process of web, worker or beat."""
        word = {"web": "gunicorn"}.get(name, name)
        children = psutil.Process(self.process.pid).children()
        return next((child for child in children if is_alive(child) and word in child.cmdline()), None)

    def interrupt(self) -> int:
        self.process.send_signal(2)
        return self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def remove(self) -> None:
        if self.process is not None:
            self.kill()
        end(processes_of(self.place), grace=0)
        remove(self.place)
