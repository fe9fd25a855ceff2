"""Both servers of a facility: started when somebody needs them, stopped by the last who did."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO

from tilmfg.records import preparation

from .accounts import make_folder, service_account
from .folders import Place
from .postgresql import PostgreSQL
from .secrets import secret
from .valkey import Valkey

DATABASE = "tilmfg"
ROLES = ("owner", "app", "verify")  # those who connect with a password


def passfile(place: Place, role: str) -> Path:
    """Read by libpq when it connects: no password in settings, environment or error pages."""
    return place.secrets / f"{role}.pgpass"


class Servers:
    def __init__(self, place: Place, *, durable: bool = True) -> None:
        self.place = place
        self.postgresql = PostgreSQL(place, durable=durable)
        self.valkey = Valkey(place.valkey, address=place.valkey_socket, copies=place.servers / "wheels")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Use the servers. Users hold a shared lock, so that the last one knows to stop them."""
        with self._alone():
            users = (self.place.servers / "users.lock").open("a")
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with self._alone():
                self._start()
            yield
        finally:
            with self._alone(), users:
                if _is_last(users):
                    self._stop()

    def stop(self) -> None:
        """Whoever may be using them."""
        with self._alone():
            self._stop()

    def prepare(self, database: str) -> None:
        """Roles, their secrets and the database, as the administrator; repeatable."""
        passwords = {f"tilmfg_{role}": self._password(role) for role in ROLES}
        with self.postgresql.admin() as admin:
            preparation.prepare_cluster(admin, passwords=passwords)
            preparation.create_database(admin, name=database)
        with self.postgresql.admin(database) as admin:
            preparation.prepare_database(admin)

    def _alone(self) -> AbstractContextManager[None]:
        problem = f"Another start or stop of the servers in {self.place.servers} does not come to an end."
        return self.place.locked("servers.lock", seconds=90, problem=problem)

    def _start(self) -> None:
        owner = service_account().pw_uid
        for folder in (self.place.postgresql, self.place.run):
            make_folder(folder, owner=owner, mode=0o700)
        self.postgresql.start()
        self.valkey.start()
        with self.postgresql.admin() as admin:
            if preparation.mark_of(admin, name=DATABASE) != preparation.fingerprint():
                self.prepare(DATABASE)
                preparation.mark(admin, name=DATABASE)

    def _stop(self) -> None:
        self.postgresql.stop()
        self.valkey.stop()

    def _password(self, role: str) -> str:
        line = secret(
            passfile(self.place, role), make=lambda: f"*:*:*:tilmfg_{role}:{secrets.token_hex(24)}\n"
        )
        return line.strip().rpartition(":")[2]


def _is_last(users: IO[str]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
