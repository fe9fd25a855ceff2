"""What the audit trail costs, and how fast it is verified: ratios within one run, on a durable cluster of its own.

    .venv/bin/python -m benchmarks.audit            about five minutes; kept in results.md and the README
    .venv/bin/python -m benchmarks.audit --quick    a look, not a measurement; kept nowhere

With and without are measured in turns, so that a machine that is busy for a while slows both; the median of the turns'
ratios counts. "Without" switches off the audit triggers alone: guards, constraints and foreign keys stay.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from statistics import median

BASE = Path(__file__).resolve().parent.parent
VAR = Path(tempfile.gettempdir()) / f"tilmfg-benchmark-{os.getpid()}"
os.environ |= {"TILMFG_VAR": str(VAR), "DJANGO_SETTINGS_MODULE": "tilmfg.settings"}

import django  # noqa: E402
import psutil  # noqa: E402
import psycopg  # noqa: E402

from tilmfg.embedded import Place, Servers, place  # noqa: E402
from tilmfg.embedded.servers import DATABASE, passfile  # noqa: E402
from tilmfg.embedded.wheels import postgresql_programs  # noqa: E402

from .kept import keep, measured_by  # noqa: E402

CONTAINERS = 1280  # of 64 orders
SET_ACTOR = """
SELECT set_config('audit.actor', 'olga', true), set_config('audit.verb', 'batches.step.record', true),
  set_config('audit.reason', 'corrected after the second weighing', true),
  set_config('audit.request', '1b5cf2ee-27d5-4f0a-9a32-8f2a1a3f1f10', true);
"""
WRITE = r"""
\set id random(1, {containers})
\set day random(1, 3000)
BEGIN;
{actor}
UPDATE identity_container SET expiry_date = date '2027-01-01' + (:day)::int WHERE id = :id;
COMMIT;
"""
TRIGGERS = """
    SELECT format('ALTER TABLE %I {} TRIGGER %I', c.relname, t.tgname) FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgfoid = 'audit.record'::regproc
"""


@dataclass(frozen=True)
class Figure:
    what: str
    without: str
    audited: str
    ratio: float
    aim: str

    def row(self) -> str:
        return f"| {self.what} | {self.without} | {self.audited} | {self.ratio:.2f} | {self.aim} |"


@contextmanager
def facility() -> Iterator[tuple[Place, psycopg.Connection]]:
    """Servers as in production, fsync and all; the owner's connection switches triggers."""
    here = place(VAR)
    try:
        with Servers(here).running():
            migrate = [sys.executable, str(BASE / "manage.py"), "migrate", "-v0", "--skip-checks"]
            subprocess.run(migrate, env=os.environ | {"TILMFG_ROLE": "owner"}, check=True)
            django.setup()
            owner = psycopg.connect(
                host=str(here.run),
                dbname=DATABASE,
                user="tilmfg_owner",
                passfile=str(passfile(here, "owner")),
            )
            owner.autocommit = True
            yield here, owner
    finally:
        shutil.rmtree(here.servers, ignore_errors=True)
        shutil.rmtree(VAR, ignore_errors=True)


def switch(owner: psycopg.Connection, *, audited: bool) -> None:
    words = "ENABLE ALWAYS" if audited else "DISABLE"
    for (statement,) in owner.execute(TRIGGERS.format(words)).fetchall():
        owner.execute(statement)


def furnish() -> None:
    from tests import factories
    from tilmfg.identity.models import Container

    orders = [factories.make_order() for _ in range(64)]
    with factories.writing():
        Container.objects.bulk_create(
            Container(order=order, code=f"FL{number}", kind="flask")
            for order in orders
            for number in range(1, CONTAINERS // len(orders))
        )


def fill_the_trail(*, events: int) -> None:
    from tests import factories
    from tilmfg.identity.models import Container

    for number in range(events // CONTAINERS):
        with factories.writing():
            Container.objects.update(expiry_date=date(2027, 1, 1 + number % 28))


def in_turns(owner, measure, *, turns: int) -> tuple[float, float, float]:
    """Medians without and with the trail, and the median of the turns' ratios."""
    pairs = []
    for _ in range(turns):
        switch(owner, audited=False)
        without = measure(audited=False)
        switch(owner, audited=True)
        pairs.append((without, measure(audited=True)))
    return (
        median(pair[0] for pair in pairs),
        median(pair[1] for pair in pairs),
        median(with_ / without for without, with_ in pairs),
    )


def bare_write(here: Place, owner, *, clients: int, seconds: int, turns: int) -> Figure:
    """One UPDATE of one row in a transaction; what tells the database who acts counts as the trail's."""
    pgbench = postgresql_programs(here.servers / "wheels") / "pgbench"
    environment = os.environ | {"PGPASSFILE": str(passfile(here, "app")), "PGHOST": str(here.run)}
    script = VAR / "write.sql"

    def microseconds(*, audited: bool) -> float:
        script.write_text(
            WRITE.format(containers=CONTAINERS, actor=SET_ACTOR.replace("\n", " ") if audited else "")
        )
        command = [
            pgbench, "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds),
            "-f", script, "-U", "tilmfg_app", DATABASE,
        ]  # fmt: skip
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return 1e6 / float(re.search(r"tps = ([\d.]+)", done.stdout)[1])

    without, with_, ratio = in_turns(owner, microseconds, turns=turns)
    what = f"bare SQL write, {clients} client{'s' * (clients > 1)}"
    aim = "≤ 2.00" if clients == 1 else "≤ 1.70"
    return Figure(what, f"{1e6 / without:,.0f}/s", f"{1e6 / with_:,.0f}/s", ratio, aim)


def whole_verb(owner, *, calls: int, turns: int) -> Figure:
    """An order placed: patient, vault, order, bottle and events, on two chains."""
    from tests import factories
    from tests.cast import person
    from tilmfg.identity.services.orders import place_order

    site, adam, count = factories.make_site(), person("adam"), iter(range(10**6))

    def milliseconds(*, audited: bool) -> float:
        taken = []
        for _ in range(calls):
            number = next(count)
            begun = time.perf_counter()
            place_order(
                pseudonym=f"PT-{number:05}",
                name="Ada Example",
                birth_date=date(1970, 1, 1),
                hospital_number=f"MRN {900_000 + number}",
                site=site,
                indication="melanoma",
                procurement="resection",
                needed_by_date=None,
                by=adam,
            )
            taken.append((time.perf_counter() - begun) * 1e3)
        return median(taken)

    without, with_, ratio = in_turns(owner, milliseconds, turns=turns)
    return Figure("a verb (place an order)", f"{without:.1f} ms", f"{with_:.1f} ms", ratio, "≤ 1.30")


def verification(*, turns: int) -> list[Figure]:
    """Whole chains, per second of processor time, against SHA-256 of the same bytes.

    Beside it what any verifier has to do: read text and hash of the same events from the server and hash.
    """
    from tilmfg.records.verification.access import reader_parameters
    from tilmfg.records.verification.crew import carried_out
    from tilmfg.records.verification.reading import open_reading, stream
    from tilmfg.records.verification.verify import SIZES, stretches

    read = "SELECT content, hash FROM audit.event ORDER BY chain, seq"
    with open_reading(reader_parameters()) as reading:
        server = psutil.Process(reading.info.backend_pid)
        texts = [row[0].encode() for page in stream(reading, read) for row in page]
        work = list(stretches(reading.execute(SIZES).fetchall()))

        def hash_alone() -> None:
            previous = b""
            for text in texts:
                previous = sha256(previous + text).digest()

        def read_and_hash() -> None:
            previous = b""
            for page in stream(reading, read):
                for text, _ in page:
                    previous = sha256(previous + text.encode()).digest()

        def verify() -> None:
            assert not any(findings.breaks for _, findings in carried_out(work, reading))

        def seconds(call) -> tuple[float, float]:
            """Of this process, and of it and the server's."""
            before, here = server.cpu_times(), time.process_time()
            call()
            here, after = time.process_time() - here, server.cpu_times()
            return here, here + after.user + after.system - before.user - before.system

        spent = [[seconds(call) for call in (hash_alone, read_and_hash, verify)] for _ in range(turns)]
    bare = median(each[0][0] for each in spent)

    def figure(what: str, call: int, counted: int, aim: str) -> Figure:
        rate = len(texts) / median(each[call][counted] for each in spent)
        ratio = median(each[0][0] / each[call][counted] for each in spent)
        return Figure(what, f"{len(texts) / bare:,.0f}/s", f"{rate:,.0f}/s", ratio, aim)

    size = sum(map(len, texts)) // len(texts)
    return [
        figure(f"verification per core, {len(texts):,} events of {size} bytes", 2, 1, "≥ 0.33"),
        figure("the same, the verifier’s process without the server’s", 2, 0, ""),
        figure("reading and hashing the same events, no more", 1, 1, ""),
        figure("the same, the reader’s process without the server’s", 1, 0, ""),
    ]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--quick", action="store_true")
    is_quick = words.parse_args().quick
    turns, seconds = (2, 1) if is_quick else (7, 4)
    with facility() as (here, owner):
        furnish()
        fill_the_trail(events=10_000 if is_quick else 100_000)
        verified = verification(turns=turns)  # before anything is written past the trail
        figures = [
            bare_write(here, owner, clients=1, seconds=seconds, turns=turns),
            bare_write(here, owner, clients=8, seconds=seconds, turns=turns),
            whole_verb(owner, calls=15, turns=turns),
            *verified,
        ]
    lines = [
        measured_by("python -m benchmarks.audit"),
        "",
        "| the audit trail | without / bare SHA-256 | with / verified | ratio | aim |",
        "|---|--:|--:|--:|--:|",
        *(figure.row() for figure in figures),
    ]
    if is_quick:
        print("\n".join(lines))
    else:
        keep("audit", lines)


if __name__ == "__main__":
    main()
