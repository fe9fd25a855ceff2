"""All questions about one moment of the database, asked by as many processes as there are cores."""

from collections.abc import Iterator
from functools import partial
from operator import attrgetter

from .actors import check_actors
from .anchors import Trust, check_anchors
from .catalogue import check_catalogue
from .chains import SIZES, check_sizes, check_stretch, cut
from .crew import Work, carried_out
from .from_models import actors, guarded_tables, signatures
from .reading import open_reading
from .report import Findings
from .rows import check_table
from .signatures import check_signatures

WORTH_PROCESSES = 50_000  # events; below that starting them takes longer than the work


def verify(parameters, *, trust: Trust, chain=None, jobs=1, progress=lambda done, total: None) -> Findings:
    """Everything, or only one chain. `progress(done, total)` counts events."""
    with open_reading(parameters) as reading:
        work = list(work_on(reading, trust=trust) if chain is None else work_on_chain(reading, chain))
        total, done, found = sum(part.events for part in work), 0, Findings()
        jobs = jobs if total >= WORTH_PROCESSES else 1
        for part, findings in carried_out(work, reading, parameters, jobs):
            found.absorb(findings)
            done += part.events
            progress(done, total)
    return found


def work_on(reading, *, trust: Trust) -> Iterator[Work]:
    """Every question, cut into pieces."""
    sizes = reading.execute(SIZES).fetchall()
    tables = guarded_tables()
    yield from stretches(sizes)
    for table in filter(attrgetter("is_audited"), tables):
        yield Work(partial(check_table, table=table), relation=table.name)
    yield Work(partial(check_sizes, sizes=sizes))
    yield Work(partial(check_actors, actors=actors()))
    yield Work(partial(check_signatures, signatures=signatures()))
    yield Work(partial(check_anchors, trust=trust))
    yield Work(partial(check_catalogue, tables=tables))


def work_on_chain(reading, chain) -> Iterator[Work]:
    sizes = [size for size in reading.execute(SIZES) if size[0] == chain]
    if not sizes:
        raise LookupError(f"There is no chain {chain!r}.")
    yield from stretches(sizes)


def stretches(sizes) -> Iterator[Work]:
    for each in cut(sizes):
        yield Work(partial(check_stretch, stretch=each), each.events, each.first[0])
