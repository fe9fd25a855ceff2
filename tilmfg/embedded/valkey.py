"""One Valkey server with an append-only file, reached through a Unix socket only."""

import os
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from .accounts import make_folder, run_as_service, service_account
from .problems import UnableToRun
from .processes import end, serving, wait_until
from .wheels import valkey_programs


class Valkey:
    def __init__(self, folder: Path, *, address: Path, copies: Path) -> None:
        self.folder = folder
        self.address = address
        self.log = folder / "log"
        self.copies = copies

    @property
    def url(self) -> str:
        return f"unix://{self.address}?db=0"

    def command(self, words: str) -> bytes | None:
        """The reply to one inline command; None when nobody answers."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(os.fspath(self.address))
            connection.sendall(words.encode() + b"\r\n")
            return connection.recv(4096)
        return None

    def is_ready(self) -> bool:
        return self.command("PING") == b"+PONG\r\n"  # it may still be -LOADING

    def is_running(self) -> bool:
        return self.is_ready() or bool(self._processes())

    def start(self) -> None:
        if self.is_ready():
            return
        make_folder(self.folder, owner=service_account().pw_uid, mode=0o700)
        started = None
        # A second one would silently take over the socket and spoil the append-only file.
        if not self._processes():
            started = self._launch()
        problem = f"valkey-server does not answer; its log is {self.log}"
        wait_until(lambda: self.is_ready() or _has_ended(started), seconds=60, problem=problem)
        if _has_ended(started):
            raise UnableToRun(f"{problem}\n{self.log.read_text(errors='replace')[-900:]}")

    def stop(self) -> None:
        end(self._processes(), grace=10)  # on SIGTERM it completes its file

    def kill(self) -> None:
        end(self._processes(), grace=0)

    def _processes(self) -> list[psutil.Process]:
        return list(serving("valkey-server", self.folder))

    def _launch(self) -> subprocess.Popen[bytes]:
        options = {
            "port": 0,
            "unixsocket": self.address,
            "unixsocketperm": 700,
            "dir": self.folder,
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "logfile": self.log,
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        program = valkey_programs(self.copies) / "valkey-server"
        return run_as_service(subprocess.Popen, [program, *words], stdout=subprocess.DEVNULL)


def _has_ended(started: subprocess.Popen[bytes] | None) -> bool:
    return started is not None and started.poll() is not None
