"""DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL lead to servers that somebody else runs."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.stack.facilities import BASE, Facility, data_folder, free_port, main_processes, servers_at

pytestmark = pytest.mark.xdist_group("facility")

HOST = "til.example.org"


@contextmanager
def real_servers(var: Path) -> Iterator[dict[str, str]]:
    """Addresses of a PostgreSQL that listens on TCP and gives its administrator a password, and of a Valkey."""
    port = free_port()
    with servers_at(var) as servers, servers.running():
        with servers.postgresql.admin() as admin:
            admin.execute("ALTER ROLE postgres PASSWORD 'administrator'")
        servers.postgresql.stop()
        with (servers.postgresql.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 127.0.0.1/32 scram-sha-256\n")
        servers.postgresql.relaxed += ["listen_addresses=127.0.0.1", f"port={port}"]
        servers.postgresql.start()
        server = f"127.0.0.1:{port}"
        yield {
            "DATABASE_ADMIN_URL": f"postgresql://postgres:administrator@{server}/postgres",
            "DATABASE_OWNER_URL": f"postgresql://tilmfg_owner:owner@{server}/tilmfg",
            "DATABASE_URL": f"postgresql://tilmfg_app:app@{server}/tilmfg",
            "REDIS_URL": servers.valkey.url,
        }


class RealFacility(Facility):
    """The same command, with a production environment."""

    addresses: Mapping[str, str]

    @property
    def environment(self) -> dict[str, str]:
        production = {
            "ALLOWED_HOSTS": HOST,
            "TILMFG_ORIGIN": f"https://{HOST}",
            "SECRET_KEY": "k" * 60,
            "TILMFG_VAULT_KEY": "A" * 43 + "=",
        }
        return {**super().environment, **production, **self.addresses}


def test_the_facility_runs_on_real_servers(stopped_copy):
    with real_servers(stopped_copy) as addresses, data_folder() as var:
        facility = RealFacility(var)
        facility.addresses = addresses
        prepare = [sys.executable, "manage.py", "prepare_database"]
        subprocess.run(prepare, cwd=BASE, env=facility.environment, check=True, capture_output=True)
        try:
            assert facility.start().becomes_ready(), facility.said()
            assert main_processes(facility.place) == []  # no servers of its own
            assert facility.asks("/healthz")[0] == 400  # it answers to its public name only
            web = facility.part("web").environ()
            assert not {"DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"} & web.keys()
            with psycopg.connect(addresses["DATABASE_URL"]) as app:
                assert app.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)
            assert facility.interrupt() == 0
        finally:
            facility.remove()
