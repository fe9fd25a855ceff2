"""The servers that tests use: one cluster per checkout, one migrated template, one slot per worker."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from tilmfg.embedded import Place, Servers, UnableToRun
from tilmfg.embedded.valkey import Valkey
from tilmfg.records import preparation

TEMPLATES_KEPT = 3
SLOTS = 32
AGES = """
    SELECT datname, datallowconn FROM pg_database WHERE datname LIKE 'template\\_%' ORDER BY oid DESC
"""


@dataclass(frozen=True)
class Slot:
    """What one test process has for itself."""

    servers: "TestServers"
    number: int
    valkey: Valkey

    @property
    def database(self) -> str:
        return f"test_{self.number}"

    def renew(self) -> None:
        """A fresh clone, whoever is still connected to the old one."""
        with self.servers.postgresql.admin() as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
            words = f'TEMPLATE "{template_name()}" OWNER tilmfg_owner STRATEGY file_copy'
            admin.execute(f'CREATE DATABASE "{self.database}" {words}')
            preparation.restrict_connections(admin, name=self.database)


class TestServers(Servers):
    __test__ = False  # pytest, this is no test

    def __init__(self, place: Place) -> None:
        super().__init__(place, durable=False)

    @contextmanager
    def running(self) -> Iterator[None]:
        with super().running():
            self._make_template()
            yield

    @contextmanager
    def slot(self) -> Iterator[Slot]:
        """The first one that is free; several workers and several runs may test in one checkout."""
        for number in range(SLOTS):
            lock = self.place.locked(f"slot-{number}.lock", seconds=0, problem="taken")
            try:
                lock.__enter__()
            except UnableToRun:
                continue
            valkey = Valkey(
                self.place.servers / f"valkey-{number}",
                address=self.place.run / f"valkey-{number}.sock",
                copies=self.place.servers / "wheels",
            )
            try:
                valkey.start()
                yield Slot(servers=self, number=number, valkey=valkey)
            finally:
                valkey.stop()
                lock.__exit__(None, None, None)
            return
        raise UnableToRun(f"All {SLOTS} places for test workers are taken.")

    def _make_template(self) -> None:
        name = template_name()
        problem = "Another worker does not come to an end with the test database."
        with (
            self.place.locked("template.lock", seconds=180, problem=problem),
            self.postgresql.admin() as admin,
        ):
            made: dict[str, bool] = dict(admin.execute(AGES).fetchall())
            if made.get(name) is False:  # complete: see below
                return
            others = [other for other in made if other != name]
            for old in others[TEMPLATES_KEPT - 1 :] + [name] * (name in made):
                admin.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            self.prepare(name)
            migrate(name)
            # Also the mark of completeness; and a stray session cannot block cloning.
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')


def template_name() -> str:
    """Tells what the database was made from."""
    base = settings.BASE_DIR
    made_from = [
        base / "constraints.txt",  # other people's migrations
        base / "tilmfg/records/triggers.py",
        *sorted(path for room in ("tilmfg", "assays") for path in (base / room).rglob("migrations/*.py")),
        *sorted(path for room in ("tilmfg", "assays") for path in (base / room).rglob("*.sql")),
    ]
    digest = hashlib.sha256(preparation.fingerprint().encode())
    for path in filter(Path.exists, made_from):
        digest.update(f"\n{path.relative_to(base)}\n".encode() + path.read_bytes())
    return f"template_{digest.hexdigest()[:12]}"


def migrate(database: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE": database}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "-v0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise UnableToRun(f"The test database cannot be migrated.\n{done.stdout}{done.stderr}")
