"""What the administrator does on a real server, tried on the tests' own."""

import re
import uuid

import psycopg
import pytest
from django.core.management import CommandError, call_command

from tilmfg.embedded.servers import passfile
from tilmfg.records import preparation


@pytest.fixture
def addresses(servers, monkeypatch):
    """As in production, but for the passwords, which the running tests already use."""
    name = f"prepared_{uuid.uuid4().hex[:8]}"
    run = servers.place.run
    passwords = {
        role: passfile(servers.place, role).read_text().strip().rpartition(":")[2]
        for role in ("owner", "app")
    }
    monkeypatch.setenv("DATABASE_ADMIN_URL", f"postgresql://postgres@/postgres?host={run}")
    for variable, role in (("DATABASE_OWNER_URL", "owner"), ("DATABASE_URL", "app")):
        monkeypatch.setenv(variable, f"postgresql://tilmfg_{role}:{passwords[role]}@database:5432/{name}")
    yield name
    with servers.postgresql.admin() as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_it_makes_a_database_that_the_owner_can_migrate_and_the_application_only_use(addresses, servers):
    for _ in range(2):  # repeatable
        call_command("prepare_database", verbosity=0)

    def connect(role):
        options = {"host": str(servers.place.run), "dbname": addresses, "autocommit": True}
        return psycopg.connect(user=f"tilmfg_{role}", passfile=str(passfile(servers.place, role)), **options)

    with connect("owner") as owner, connect("app") as app:
        owner.execute("CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
        app.execute("INSERT INTO thing (name) VALUES ('one')")
        app.execute("UPDATE thing SET name = 'two'")
        assert app.execute("SELECT name FROM thing").fetchall() == [("two",)]
        for forbidden in (
            "DELETE FROM thing",
            "TRUNCATE thing",
            "DROP TABLE thing",
            "CREATE TABLE other ()",
            "CREATE TEMP TABLE other ()",
            "CREATE SCHEMA other",
            "SET ROLE tilmfg_owner",
            "SET ROLE tilmfg_audit",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("SET ROLE tilmfg_audit")


@pytest.mark.parametrize("role", ["tilmfg_backup", "tilmfg_audit"])
def test_roles_without_a_password_cannot_log_in(servers, role):
    with servers.postgresql.admin() as admin:
        query = "SELECT rolcanlogin, rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = %s"
        assert admin.execute(query, [role]).fetchone() == (False, False, False, False)


def test_readers_read_everything_and_write_nothing(addresses, servers):
    call_command("prepare_database", verbosity=0)
    with servers.postgresql.admin(addresses) as admin:
        admin.execute("CREATE TABLE thing AS SELECT 1 AS one")
        for reader in ("tilmfg_verify", "tilmfg_backup"):
            admin.execute(f"SET ROLE {reader}")
            assert admin.execute("SELECT one FROM thing").fetchone() == (1,)
            admin.execute("SELECT FROM audit.event")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                admin.execute("INSERT INTO thing VALUES (2)")
            admin.execute("RESET ROLE")


def test_others_cannot_even_connect(servers, slot):
    with servers.postgresql.admin() as admin:
        query = "SELECT has_database_privilege('public', %s, 'CONNECT')"
        assert admin.execute(query, [slot.database]).fetchone() == (False,)


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("DATABASE_ADMIN_URL", "", "DATABASE_ADMIN_URL is not set"),
        ("DATABASE_URL", "mysql://tilmfg_app:x@h/d", "DATABASE_URL must look like postgresql://tilmfg_app"),
        ("DATABASE_URL", "postgresql://tilmfg_owner:x@h/d", "DATABASE_URL names the role 'tilmfg_owner'"),
        ("DATABASE_URL", "postgresql://tilmfg_app:x@h/elsewhere", "name different databases"),
        ("DATABASE_VERIFY_URL", "postgresql://wrong:x@h/d", "it must be 'tilmfg_verify'"),
    ],
)
def test_it_names_the_address_that_is_wrong(addresses, monkeypatch, variable, value, problem):
    monkeypatch.setenv(variable, value)
    with pytest.raises(CommandError, match=re.escape(problem)):
        call_command("prepare_database", verbosity=0)


def test_an_address_without_a_password_is_refused(addresses, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"postgresql://tilmfg_app@database/{addresses}")
    with pytest.raises(CommandError, match="DATABASE_URL holds no password"):
        call_command("prepare_database", verbosity=0)


def test_its_fingerprint_follows_the_steps(monkeypatch, tmp_path):
    before = preparation.fingerprint()
    (tmp_path / "roles.sql").write_text("-- other")
    monkeypatch.setattr(preparation, "SQL", tmp_path)
    assert preparation.fingerprint() != before
