"""Where a facility keeps its data, sockets and locks."""

import fcntl
import hashlib
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .accounts import IS_ROOT, can_enter, make_folder
from .processes import wait_until

SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107
ROOTS_SERVERS = Path("/var/lib/tilmfg")


def is_chosen(environment: Mapping[str, str]) -> bool:
    """Without addresses of real servers the embedded ones are used."""
    return not environment.get("DATABASE_URL") and not environment.get("REDIS_URL")


@dataclass(frozen=True)
class Place:
    """The folders of one facility; below `servers` and in `run` some belong to the service account."""

    var: Path
    servers: Path
    run: Path

    @property
    def secrets(self) -> Path:
        return self.var / "secrets"

    @property
    def tmp(self) -> Path:
        return self.var / "tmp"

    @property
    def postgresql(self) -> Path:
        return self.servers / "postgresql"

    @property
    def valkey(self) -> Path:
        return self.servers / "valkey"

    @property
    def valkey_socket(self) -> Path:
        return self.run / "valkey.sock"

    @property
    def is_apart(self) -> bool:
        """Whether the servers' data lie outside `var`, because their account cannot get there."""
        return self.var not in self.servers.parents

    @contextmanager
    def locked(self, name: str, *, seconds: float, problem: str) -> Iterator[None]:
        """flock: the kernel releases it however we die; no server inherits it (Python closes it on exec)."""
        make_folder(self.servers, owner=os.geteuid(), mode=0o711)
        with (self.servers / name).open("a") as handle:

            def is_taken() -> bool:
                with suppress(BlockingIOError):
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True
                return False

            wait_until(is_taken, seconds=seconds, problem=problem)
            yield


def place(var: Path) -> Place:
    var = var.resolve()  # servers are recognised by their working folder
    make_folder(var, owner=os.geteuid(), mode=0o711)
    servers = _servers(var)
    return Place(var=var, servers=servers, run=_run(servers))


def _servers(var: Path) -> Path:
    """`var/servers`: a folder, or a link to a place that the service account can enter."""
    servers = var / "servers"
    if IS_ROOT and not servers.exists() and not can_enter(var):
        with suppress(FileExistsError):  # a new name each time: old data never meet new secrets
            servers.symlink_to(ROOTS_SERVERS / secrets.token_hex(6))
    return servers.readlink() if servers.is_symlink() else servers


def _run(servers: Path) -> Path:
    """The folder of the sockets, elsewhere if the path is too long for one.

    Its name may depend on the servers' folder and the user alone: TMPDIR and XDG_RUNTIME_DIR differ
    between a login and a service, and the second starter would not find the servers.
    """
    run = servers / "run"
    if len(os.fsencode(run / ".s.PGSQL.5432")) <= SOCKET_PATH_BYTES:
        return run
    digest = hashlib.sha256(os.fsencode(servers)).hexdigest()[:12]
    return Path("/run" if IS_ROOT else "/tmp", f"tilmfg-{os.getuid()}-{digest}")  # noqa: S108 (owner is checked)
