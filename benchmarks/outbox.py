"""An effect promised, hinted to the broker and delivered, beside one INSERT and UPDATE in one transaction."""

from itertools import count

from django.db import connection, transaction

from tilmfg.records.outbox import deliver_effect, effect, promise

from .timing import Timing, in_turns

TURNS = 200
INSERT = """
    INSERT INTO records_effect (key, task, arguments, next_try_at, attempts, last_error)
    VALUES (%s, 'nothing', '{}', now(), 0, '') RETURNING id
"""
UPDATE = "UPDATE records_effect SET done_at = now(), attempts = 1 WHERE id = %s"

_keys = count(1)


@effect("benchmarks.nothing")
def do_nothing() -> None:
    pass


def measure() -> Timing:
    return in_turns(_promise_and_deliver, floor=_insert_and_update, turns=TURNS)


def _promise_and_deliver() -> None:
    with transaction.atomic():
        promised = promise("benchmarks.nothing", key=str(next(_keys)))
    deliver_effect(effect_id=promised.pk)


def _insert_and_update() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, [f"floor:{next(_keys)}"])
        cursor.execute(UPDATE, cursor.fetchone())
