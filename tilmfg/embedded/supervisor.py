"""Everything of one facility, from an empty folder to a working address, until Ctrl-C.

A part that dies is started again. Whatever a killed supervisor left is ended by the next one; the
servers themselves are daemons apart, which the next one simply takes over.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from tilmfg import probe
from tilmfg.environment import flag

from .children import end_all, end_descendants, launch, leftovers
from .folders import is_chosen, place
from .parts import Part
from .ports import chosen_port, require_free
from .problems import UnableToRun
from .processes import end
from .servers import Servers
from .upkeep import EMPTY

BASE = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
OWNERS_ONLY = ("DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "TILMFG_ROLE")


class Stopped(Exception):
    """Somebody asked us to end."""


class Supervisor:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.port = chosen_port(environment)
        self.place = place(Path(environment.get("TILMFG_VAR") or BASE / "var"))
        self.environment = {**environment, "TILMFG_VAR": str(self.place.var)}
        self.address = f"http://localhost:{self.port}/"  # second factors by key work on this name
        self.is_embedded = is_chosen(environment)
        self.servers = Servers(self.place)
        self.signals: list[int] = []
        self.children: dict[str, subprocess.Popen[str]] = {}

    def run(self) -> None:
        with self._alone():
            end(leftovers(self.place.servers), grace=3)
            require_free(HOST, self.port)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda number, _: self.signals.append(number))
            with self.servers.running() if self.is_embedded else nullcontext():
                try:
                    self._prepare()
                    self._watch(self._parts())
                except Stopped:
                    say("stopping")
                finally:
                    end_all(self.children.values(), of=self.place.servers, hurry=self._is_in_a_hurry)
        apart = f" and {self.place.servers}" if self.place.is_apart else ""
        say(f"stopped; all data are kept in {self.place.var}{apart}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        note = self.place.servers / "supervisor.lock"
        known = note.read_text() if note.exists() else ""
        problem = (
            f"This facility is already running ({known.strip()}). "
            f"For a second one choose its own PORT and TILMFG_VAR."
        )
        with self.place.locked(note.name, seconds=0, problem=problem):
            note.write_text(f"{self.address}, PID {os.getpid()}\n")
            yield

    # --- before the parts start

    def _prepare(self) -> None:
        shutil.rmtree(self.place.tmp, ignore_errors=True)
        if self.place.is_apart:
            say(f"the servers' account cannot enter {self.place.var}; their data are in {self.place.servers}")
        upkeep = ["-m", "tilmfg.embedded.upkeep"]
        said = self._complete("upkeep", upkeep, self.environment | {"TILMFG_ROLE": "owner"})
        if said.split()[-1:] == [EMPTY] and self._is_demonstration():
            say("furnishing the demonstration facility")
            self._demonstrate(stdout=None)

    def _is_demonstration(self) -> bool:
        return self.is_embedded and flag("TILMFG_DEMONSTRATION", default=True)

    def _demonstrate(self, *options: str, stdout: int | None = subprocess.PIPE) -> str:
        words = ["manage.py", "demonstration_facility", *options]
        environment = self._app_environment("demonstration")
        return self._complete("demonstration", words, environment, stdout=stdout)

    def _complete(
        self,
        name: str,
        words: list[str],
        environment: Mapping[str, str],
        *,
        stdout: int | None = subprocess.PIPE,
    ) -> str:
        """The output of a command that must succeed; empty if it goes elsewhere."""
        child = launch(
            [sys.executable, *words],
            of=self.place.servers,
            environment=environment,
            cwd=BASE,
            stdout=stdout,
        )
        self.children[name] = child
        while True:
            with suppress(subprocess.TimeoutExpired):
                output, _ = child.communicate(timeout=0.1)
                break
            self._heed_signals()
        if child.returncode:
            raise UnableToRun(f"{name} failed with status {child.returncode}, see above.")
        return output or ""

    # --- the parts

    def _parts(self) -> list[Part]:
        celery = ["-m", "celery", "--quiet", "-A", "tilmfg"]
        commands = {
            "web": [
                "-m", "gunicorn", "tilmfg.wsgi", "--bind", f"{HOST}:{self.port}", "--workers", "2",
                "--threads", "4", "--preload", "--log-level", "warning", "--no-control-socket",
                "--logger-class", "tilmfg.logs.Gunicorn",
            ],
            "worker": [
                *celery, "worker", "--concurrency", "2", "--without-mingle", "--without-gossip",
            ],
            # The plain scheduler keeps no file that a crash could spoil.
            "beat": [*celery, "beat", "--scheduler", "celery.beat:Scheduler"],
        }  # fmt: skip
        parts = [self._child_part(name, words) for name, words in commands.items()]
        if self.is_embedded:
            postgresql, valkey = self.servers.postgresql, self.servers.valkey
            parts += [
                Part("database", postgresql.start, postgresql.is_running, say),
                Part("broker", valkey.start, valkey.is_running, say),
            ]
        return parts

    def _child_part(self, name: str, words: list[str]) -> Part:
        def start() -> None:
            if name in self.children:
                end_descendants(self.children[name], of=self.place.servers)
            environment = self._app_environment(name)
            self.children[name] = launch(
                [sys.executable, *words], of=self.place.servers, environment=environment, cwd=BASE
            )

        return Part(name, start, lambda: self.children[name].poll() is None, say)

    def _app_environment(self, name: str) -> dict[str, str]:
        """Web, worker and beat never hold the owner's secret, and each has temporary files of its own."""
        folder = self.place.tmp / name
        folder.mkdir(parents=True, exist_ok=True)
        kept = {key: value for key, value in self.environment.items() if key not in OWNERS_ONLY}
        return kept | {
            "TMPDIR": str(folder),
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }

    def _watch(self, parts: list[Part]) -> None:
        is_announced = False
        while True:
            for part in parts:
                self._heed_signals()
                part.tend(now=time.monotonic())
            if not is_announced and self._is_healthy():
                self._announce()
                is_announced = True
            time.sleep(0.1)

    def _heed_signals(self) -> None:
        if self.signals:
            raise Stopped

    def _is_in_a_hurry(self) -> bool:
        """Ctrl-C once more."""
        return len(self.signals) > 1

    def _is_healthy(self) -> bool:
        host = f"localhost:{self.port}" if self.is_embedded else probe.public_host()
        with suppress(OSError):
            probe.ask(f"http://{HOST}:{self.port}", host=host)
            return True
        return False

    def _announce(self) -> None:
        say(f"ready at {self.address}")
        if self._is_demonstration():
            try:
                print(self._demonstrate("--accounts"), flush=True)
            except UnableToRun as problem:
                say(str(problem))
        say("Ctrl-C stops everything and keeps all data")


def say(line: str) -> None:
    print(f"tilmfg: {line}", flush=True)
