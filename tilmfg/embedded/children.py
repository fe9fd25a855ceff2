"""Processes that live no longer than their supervisor.

Each carries a mark in its environment that its descendants inherit, so that the next supervisor finds
what a killed one left. (setproctitle would overwrite the mark; nothing here installs it.)
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from .processes import end, find

MARK = "TILMFG_SUPERVISED"
GRACE_SECONDS = 20
PR_SET_PDEATHSIG = 1


def launch(
    words: Sequence[str], *, of: Path, environment: Mapping[str, str], cwd: Path, stdout: int | None = None
) -> subprocess.Popen[str]:
    """In a process group of its own: Ctrl-C reaches the supervisor alone, who asks politely."""
    return subprocess.Popen(  # noqa: S603 (our own words)
        words,
        cwd=cwd,
        env={**environment, MARK: str(of)},
        process_group=0,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        text=True,
        preexec_fn=_die_with(os.getpid()),
    )


def leftovers(of: Path) -> Iterator[psutil.Process]:
    return find(lambda process: process.environ().get(MARK) == str(of))


def end_descendants(child: subprocess.Popen[str], *, of: Path) -> None:
    """What a dead child left: requests and tasks that nobody leads any more, and a port still taken."""
    end((process for process in leftovers(of) if os.getpgid(process.pid) == child.pid), grace=1)


def end_all(children: Iterable[subprocess.Popen[str]], *, of: Path, hurry: Callable[[], bool]) -> None:
    """The main processes are asked first: Celery lets tasks finish and ends its own pool."""
    asked = list(children)
    for child in asked:
        child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    while any(child.poll() is None for child in asked) and time.monotonic() < deadline and not hurry():
        time.sleep(0.05)
    end(leftovers(of), grace=2)


def _die_with(supervisor: int) -> Callable[[], None] | None:
    """Where the kernel offers it (Linux), a child hears of the supervisor's death."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:
            os._exit(1)

    return prepare
