"""Who acts, by which verb and why: told to the database inside each transaction that writes."""

import uuid
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from django.db import connection, transaction
from structlog.contextvars import bind_contextvars, clear_contextvars

log = structlog.get_logger()

# The id of the request, task or command, set once at the edge.
request_id: ContextVar[str] = ContextVar("request_id", default="")
# Of the request: the sentence in which its person was refused.
refused_because: ContextVar[str] = ContextVar("refused_because", default="")
# Set while a transaction that was broken off is done again.
is_again: ContextVar[bool] = ContextVar("is_again", default=False)

_SETTINGS = ("audit.actor", "audit.verb", "audit.reason", "audit.request")
_READ = "SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in _SETTINGS)
_WRITE = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)
_QUEUE = "SELECT pg_advisory_xact_lock(hashtextextended('records.retry', 0))"


def begin_edge(identifier, **told):
    """A request, task or command begins; the lines it logs tell `told`, and later who acts by which verb."""
    clear_contextvars()
    bind_contextvars(request=identifier, **told)
    return request_id.set(identifier)


def end_edge():
    clear_contextvars()
    request_id.set("")


@contextmanager
def of_command(name):
    """Its arguments are not told: a name may be among them."""
    begin_edge(f"command:{name}:{uuid.uuid4()}")
    status = 1
    try:
        yield
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else status
        raise
    finally:
        if structlog.is_configured():  # else it ended before Django was set up
            log.info("command.ended", status=status)


@contextmanager
def acting(*, actor, verb, reason=""):
    """One transaction in which `actor` changes regulated rows by `verb`, for `reason` where a person gave one.

    A transaction-local value outlives RELEASE SAVEPOINT, so an inner block puts the outer values back.
    """
    inner = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_again.get():
            cursor.execute(_QUEUE)
        before = None
        if inner:
            cursor.execute(_READ)
            before = cursor.fetchone()
        cursor.execute(_WRITE, (actor, verb, reason, request_id.get()))
        bind_contextvars(actor=actor, verb=verb)  # and left so: the line that ends a request names its verb
        yield
        if before:  # after an error the savepoint's rollback does it
            cursor.execute(_WRITE, before)
            if before[1]:
                bind_contextvars(actor=before[0], verb=before[1])
