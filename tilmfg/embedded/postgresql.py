"""One PostgreSQL cluster, reached through a Unix socket only."""

import os
import pwd
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from tilmfg.records import server_log

from .accounts import run_as_service, service_account
from .folders import Place
from .problems import UnableToRun
from .processes import end, is_alive, serving, wait_until
from .wheels import POSTGRESQL_MAJOR, postgresql_programs

LOG_TAIL = 900


class PostgreSQL:
    """Starts, stops and repairs the cluster of one facility; a person or a test may kill it at any time."""

    def __init__(self, place: Place, *, durable: bool = True) -> None:
        self.run = place.run
        self.folder = place.postgresql
        self.data = place.postgresql / "data"
        self.log = place.postgresql / "log"
        self.copies = place.servers / "wheels"
        # Without durability a power cut costs the cluster, a mere kill nothing (synchronous_commit would).
        self.relaxed = [] if durable else ["fsync=off", "full_page_writes=off"]

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        """The operating system's account is the administrator, without any password."""
        return psycopg.connect(host=str(self.run), user="postgres", dbname=database, autocommit=True)

    def is_ready(self) -> bool:
        return self._call("pg_isready", "-q", "-h", self.run).returncode == 0

    def start(self) -> None:
        if (self.run / ".s.PGSQL.5432").exists() and self.is_ready():
            return
        self._initialise()
        if process := self._postmaster():  # recovering, or shutting down
            problem = f"PostgreSQL (PID {process.pid}) does not get ready: {self._log_tail()}"
            wait_until(self.is_ready, seconds=60, problem=problem)
            return
        self._clear_leftovers()
        options = [
            "listen_addresses=",
            f"unix_socket_directories={self.run}",
            "unix_socket_permissions=0700",
            "client_connection_check_interval=2s",  # else a killed client is noticed only after its query
            "timezone=UTC",
            *(f"{name}={value}" for name, value in server_log.SETTINGS.items()),
            *self.relaxed,
        ]  # on the command line, not in postgresql.conf, so that changes reach old clusters
        words = shlex.join(word for option in options for word in ("-c", option))
        self._must("pg_ctl", "start", "-w", "-t", 60, "-s", "-D", self.data, "-l", self.log, "-o", words)

    def stop(self) -> None:
        if self._postmaster():
            self._must("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", self.data)

    def _initialise(self) -> None:
        version = self.data / "PG_VERSION"
        if not version.exists():
            if self.data.exists():
                raise UnableToRun(f"{self.data} is not a PostgreSQL data folder; move it away.")
            draft = self.folder / "data.draft"  # renamed when complete: no half-made cluster
            shutil.rmtree(draft, ignore_errors=True)
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            sync = ["--no-sync"] if self.relaxed else []
            self._must(
                "initdb", "-D", draft, "-U", "postgres", "-E", "UTF8", *locale, "--auth=reject",
                "--no-instructions", *sync,
            )  # fmt: skip
            self._let_in(draft)
            draft.rename(self.data)
        if (major := version.read_text().strip()) != POSTGRESQL_MAJOR:
            raise UnableToRun(
                f"{self.data} was made by PostgreSQL {major}, this is PostgreSQL {POSTGRESQL_MAJOR}: "
                f"dump it with the old version and restore it here."
            )

    def _let_in(self, data: Path) -> None:
        """The operating system's account is the administrator; everyone else proves a secret."""
        names = {service_account().pw_name, pwd.getpwuid(os.geteuid()).pw_name}
        (data / "pg_hba.conf").write_text("local all postgres peer map=boot\nlocal all all scram-sha-256\n")
        (data / "pg_ident.conf").write_text("".join(f"boot {name} postgres\n" for name in sorted(names)))

    def is_running(self) -> bool:
        return self._postmaster() is not None

    def _postmaster(self) -> psutil.Process | None:
        """The process that PostgreSQL wrote down, if it really is one and serves this folder."""
        with suppress(FileNotFoundError, IndexError, psutil.Error):
            process = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
            if process.name() == "postgres" and process.cwd() == str(self.data) and is_alive(process):
                return process
        return None

    def _clear_leftovers(self) -> None:
        """A backend in mid-query outlives a killed postmaster and holds its memory; the files that name its
        PID stop a new one even when that PID is a zombie or belongs to somebody else by now."""
        end(serving("postgres", self.data), grace=5)
        socket = self.run / ".s.PGSQL.5432"
        for stale in (self.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
            stale.unlink(missing_ok=True)

    def _call(self, program: str, *words: object) -> subprocess.CompletedProcess[str]:
        command: Sequence[object] = [postgresql_programs(self.copies) / program, *words]
        return run_as_service(subprocess.run, command, stdout=subprocess.PIPE, text=True)

    def _must(self, program: str, *words: object) -> None:
        done = self._call(program, *words)
        if done.returncode:
            raise UnableToRun(f"{program} failed: {done.stdout.strip()}\n{self._log_tail()}".strip())

    def _log_tail(self) -> str:
        return self.log.read_text(errors="replace")[-LOG_TAIL:] if self.log.exists() else ""
