"""What the administrator does before the first migration: roles, database, rights, audit schema.

The same steps prepare the embedded cluster, a production cluster and every test database.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from psycopg import Connection, sql

SQL = Path(__file__).resolve().parent / "sql"
CONNECTING = ("tilmfg_owner", "tilmfg_app", "tilmfg_verify", "tilmfg_backup")


def prepare_cluster(admin: Connection, *, passwords: Mapping[str, str]) -> None:
    """The roles, and for each role named here its password."""
    admin.execute((SQL / "roles.sql").read_bytes())
    for role, password in passwords.items():
        verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
        statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")  # the server never sees the password itself
        admin.execute(statement.format(sql.Identifier(role), sql.Literal(verifier.decode())))


def create_database(admin: Connection, *, name: str) -> None:
    """The database, if there is none of this name, and who may connect to it."""
    if not admin.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER tilmfg_owner").format(sql.Identifier(name)))
    restrict_connections(admin, name=name)


def restrict_connections(admin: Connection, *, name: str) -> None:
    """A template does not hand on rights on the database itself: a clone needs this again."""
    database = sql.Identifier(name)
    roles = sql.SQL(", ").join(map(sql.Identifier, CONNECTING))
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, roles))


def prepare_database(admin: Connection) -> None:
    """Rights and audit schema of the database this connection is in."""
    for step in ("database.sql", "audit.sql"):
        admin.execute((SQL / step).read_bytes())


def fingerprint() -> str:
    """Tells one version of these steps from another."""
    sources = [*sorted(SQL.glob("*.sql")), Path(__file__)]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def mark(admin: Connection, *, name: str) -> None:
    """Kept as a comment on the database, where no crash can part it from what it stands for."""
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
    admin.execute(statement.format(sql.Identifier(name), sql.Literal(fingerprint())))


def mark_of(admin: Connection, *, name: str) -> str | None:
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    row = admin.execute(query, [name]).fetchone()
    return row[0] if row else None
