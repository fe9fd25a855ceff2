"""Finding, awaiting and ending processes, whoever started them."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from .problems import UnableToRun


def is_alive(process: psutil.Process) -> bool:
    """A zombie counts as gone: in containers nobody may ever reap it, and kill(pid, 0) calls it alive."""
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def wait_until(condition: Callable[[], object], *, seconds: float, problem: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            raise UnableToRun(problem)
        time.sleep(0.02)


def find(matches: Callable[[psutil.Process], bool]) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):  # it may vanish between two questions, or not be ours to ask
            if matches(process) and is_alive(process):
                yield process


def serving(program: str, folder: Path) -> Iterator[psutil.Process]:
    """Servers are known by program and working folder: a PID kept in a file may long belong to another."""
    return find(lambda process: process.name() == program and process.cwd() == str(folder))


def end(processes: Iterable[psutil.Process], *, grace: float) -> None:
    """SIGTERM, wait, SIGKILL."""
    asked = list(processes)
    for act, seconds in ((psutil.Process.terminate, grace), (psutil.Process.kill, 5)):
        for process in asked:
            with suppress(psutil.Error):
                act(process)
        with suppress(UnableToRun):
            wait_until(lambda: not any(map(is_alive, asked)), seconds=seconds, problem="")
