"""Connections that read one and the same moment of the database, however many processes look at it."""

import psycopg
from psycopg import IsolationLevel, ServerCursor, sql

# As audit.record() sets them: the same value has the same text here and there.
SPELLING = """
    SET timezone = 'UTC'; SET extra_float_digits = 1; SET bytea_output = 'hex'; SET intervalstyle = 'iso_8601'
"""
PAGE = 2000  # rows fetched at a time: nothing is ever read whole


def open_reading(parameters, *, snapshot=None):
    """A read-only transaction, of this moment or of the one that another reading exported."""
    reading = psycopg.connect(**parameters, autocommit=True)
    reading.execute(SPELLING)
    reading.isolation_level, reading.read_only = IsolationLevel.REPEATABLE_READ, True
    reading.autocommit = False
    if snapshot:
        reading.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
    return reading


def export_snapshot(reading):
    return reading.execute("SELECT pg_export_snapshot()").fetchone()[0]


def stream(reading, query, parameters=()):
    """Pages of rows through a cursor on the server."""
    with ServerCursor(reading, "verification") as cursor:
        cursor.execute(query, parameters, binary=True)
        while page := cursor.fetchmany(PAGE):
            yield page
