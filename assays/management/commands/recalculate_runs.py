"""Every stored outcome computed again with the kernel of today, in all cores; none is stored."""

import json
import os
from collections.abc import Iterator
from multiprocessing import get_context

import django
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

CHUNK = 8


class Command(BaseCommand):
    help = (
        "Computes every stored computation again and compares outcome, kernel version and inputs digest. "
        "Status 1 if one is not the same to the last bit; each differing number is named."
    )

    def add_arguments(self, parser):
        parser.add_argument("runs", nargs="*", type=int, help="these runs only")
        parser.add_argument("--json", action="store_true", help="one line of JSON for each computation")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (one per core)")

    def handle(self, *, runs, jobs, **options):
        if jobs < 1:
            raise CommandError(f"--jobs is {jobs}; it must be 1 or more.")
        from tilmfg.records.exports import written_lines  # the crew imports this file before Django is set up

        counted = {"identical": 0, "different": 0}
        lines = self.lines(recalculated(runs, jobs=jobs), counted, as_json=options["json"])
        asked = {"runs": runs, "json": options["json"]}
        for line in written_lines(lines, name="recalculate_runs", kind="recalculation", asked=asked):
            self.stdout.write(line, ending="")
        if counted["different"]:
            raise CommandError(f"{counted['different']:,} computations are not as stored", returncode=1)

    def lines(self, computations, counted, *, as_json):
        for found in computations:
            counted["identical" if found["identical"] else "different"] += 1
            if as_json:
                yield json.dumps(found, ensure_ascii=False) + "\n"
            elif not found["identical"] or found["changed_since"]:
                yield from (f"{line}\n" for line in in_words(found))
        if not as_json:
            yield f"{counted['identical']:,} identical, {counted['different']:,} different\n"


def in_words(found: dict) -> Iterator[str]:
    kernels = f"kernel {found['kernel_then'] or 'not kept'} then, {found['kernel_now']} now"
    verdict = " identical" if found["identical"] else ""
    yield f"run {found['run']}, computation {found['computation']} ({kernels}):{verdict}"
    if found["inputs_agree"] is False:
        yield "  inputs: another digest than then"
    for one in found["differences"]:
        yield f"  {one['path']}: {one['stored']} then, {one['found']} now"
    yield from (f"  changed since, and not computed with: {one}" for one in found["changed_since"])


def recalculated(runs: list[int], *, jobs: int) -> Iterator[dict]:
    """As they come; the processes share the work."""
    from assays.models import Computation

    wanted = Computation.objects.order_by("pk")
    if runs:
        wanted = wanted.filter(run__in=runs)
    database = str(connection.settings_dict["NAME"])
    with get_context("spawn").Pool(jobs, join, (database,)) as crew:
        numbers = wanted.values_list("pk", flat=True).iterator()
        yield from crew.imap_unordered(recalculate_here, numbers, chunksize=CHUNK)


def join(database: str) -> None:
    """In each process, once: a connection that cannot write."""
    django.setup()
    connection.settings_dict["NAME"] = database
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")


def recalculate_here(pk: int) -> dict:
    from assays.models import Computation
    from assays.recalculation import recalculate

    found = Computation.objects.select_related("run__method", "run__file", "run__instrument").get(pk=pk)
    return recalculate(found).plain
