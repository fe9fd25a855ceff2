"""What an intruder with the application's password writes by hand, under an actor and a reason as the trail demands."""

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from tests import factories

COLUMNS = """
    SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s AND column_name NOT IN ('id', 'recorded_at')
"""


def run(statement, *values):
    with factories.writing(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def again(row, **changed):
    """The row inserted once more, some columns otherwise; rules against doing a thing twice come after ours."""
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        [columns] = cursor.fetchone()
    values = ", ".join("%s" if column in changed else column for column in columns.split(", "))
    given = [changed[column] for column in columns.split(", ") if column in changed]
    run(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE id = %s", *given, row.pk)


@contextmanager
def refused(words):
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        yield
