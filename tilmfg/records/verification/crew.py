"""Pieces of work, and the processes that share them. Processes import this and nothing of Django."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

import psycopg
from psycopg import errors

from .reading import export_snapshot, open_reading
from .report import Break, Findings

UNREADABLE = (psycopg.DataError, errors.UndefinedTable, errors.UndefinedColumn, errors.InsufficientPrivilege)


@dataclass(frozen=True)
class Work:
    """A piece of it: what to call, how many events that is, and where it looks."""

    check: Callable[..., Findings]
    events: int = 0
    chain: str = ""
    relation: str = ""


def carried_out(work, reading, parameters=None, jobs=1) -> Iterator[tuple[Work, Findings]]:
    """Each piece and what it found, as they come."""
    if jobs == 1:
        for part in work:
            yield part, attempt(part, reading)
        return
    crew = ProcessPoolExecutor(jobs, get_context("spawn"), join, (parameters, export_snapshot(reading)))
    with crew:
        futures = {crew.submit(attempt_here, part): part for part in work}
        for future in as_completed(futures):
            yield futures[future], future.result()


def attempt(part: Work, reading) -> Findings:
    """What cannot even be read, as a time in the year 290000, is found broken, and the rest goes on."""
    try:
        with reading.transaction():  # a query that fails must not spoil the next one
            return part.check(reading)
    except UNREADABLE as problem:
        found = Findings()
        found.add(Break("chains", f"it cannot be read: {problem}", chain=part.chain, relation=part.relation))
        return found


_here: psycopg.Connection


def join(parameters, snapshot):
    """In each process, once."""
    global _here
    _here = open_reading(parameters, snapshot=snapshot)


def attempt_here(part: Work) -> Findings:
    return attempt(part, _here)
