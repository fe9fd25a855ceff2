"""Who acts, by which verb and why: told to the database inside each transaction that writes."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction

# The request's or task's id, set once at the edge by middleware and the Celery task base.
request_id: ContextVar[str] = ContextVar("request_id", default="")

_SETTINGS = ("audit.actor", "audit.verb", "audit.reason", "audit.request")
_READ = "SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in _SETTINGS)
_WRITE = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)


@contextmanager
def acting(*, actor, verb, reason=""):
    """One transaction in which `actor` changes regulated rows by `verb`, for `reason` where a person gave one.

    A transaction-local value outlives RELEASE SAVEPOINT, so an inner block puts the outer values back.
    """
    inner = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        before = None
        if inner:
            cursor.execute(_READ)
            before = cursor.fetchone()
        cursor.execute(_WRITE, (actor, verb, reason, request_id.get()))
        yield
        if before:  # after an error the savepoint's rollback does it
            cursor.execute(_WRITE, before)
