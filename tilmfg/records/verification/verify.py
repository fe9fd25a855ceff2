"""All questions about one moment of the database, asked by as many processes as there are cores."""

from collections.abc import Callable
from functools import partial

from .anchors import check_anchors
from .catalogue import check_catalogue
from .chains import SIZES, check_sizes, check_stretch, cut
from .crew import Work, carried_out
from .from_models import regulated_tables, signatures
from .reading import open_reading
from .report import Findings
from .rows import check_table
from .signatures import check_signatures

WORTH_PROCESSES = 50_000  # events; below that starting them takes longer than the work


def verify(parameters, *, trust, chain=None, jobs=1, progress: Callable[[int, int], None]) -> Findings:
    """Everything, or only one chain. `progress(done, all)` counts events."""
    with open_reading(parameters) as reading:
        sizes = reading.execute(SIZES).fetchall()
        if chain is not None:
            sizes = [size for size in sizes if size[0] == chain]
            if not sizes:
                raise LookupError(f"There is no chain {chain!r}.")
        work = [Work(partial(check_stretch, stretch=each), each.events, each.first[0]) for each in cut(sizes)]
        if chain is None:
            tables = regulated_tables()
            work += [Work(partial(check_table, table=table), relation=table.name) for table in tables]
            work += [
                Work(partial(check_sizes, sizes=sizes)),
                Work(partial(check_signatures, signatures=signatures())),
                Work(partial(check_anchors, trust=trust)),
                Work(partial(check_catalogue, tables=tables)),
            ]
        total, done, found = sum(each.events for each in work), 0, Findings()
        for part, findings in carried_out(work, parameters, reading, jobs if total >= WORTH_PROCESSES else 1):
            found.absorb(findings)
            done += part.events
            progress(done, total)
    return found
