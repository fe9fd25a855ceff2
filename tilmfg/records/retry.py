"""Transactions that the database broke off because of each other are done again.

Two transactions that lock the same rows or chains in another order wait for each other; PostgreSQL breaks one of them
off. Verbs that write to several chains take their turns beforehand (`chains.take_turns`); for the rest, doing the loser
again costs nothing that was committed. Losers queue: no two of them are at work at a time, so they cannot break each
other off again and again.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import OperationalError, connection

from .context import is_again

log = structlog.get_logger()
R = TypeVar("R")

BROKEN_OFF = {"40P01": "deadlock", "40001": "serialization failure"}
TRIES = 12
PAUSE_SECONDS = 0.02  # doubled with each try, and random: else both come back at the same moment
LONGEST_PAUSE_SECONDS = 2


def retried(attempt: Callable[[], R], *, renew: Callable[[], None] = lambda: None) -> R:
    """`attempt()`, a whole transaction; again if it was broken off, after `renew()` undid what it left in memory.

    Inside another transaction it is left to that one: half a transaction cannot be done again.
    """
    for tried in range(1, TRIES + 1):
        token = is_again.set(tried > 1 or is_again.get())
        try:
            return attempt()
        except OperationalError as error:
            reason = BROKEN_OFF.get(getattr(error.__cause__, "sqlstate", None) or "")
            if reason is None or tried == TRIES or connection.in_atomic_block:
                raise
            log.info("transaction.retried", reason=reason, tried=tried)
        finally:
            is_again.reset(token)
        longest = min(PAUSE_SECONDS * 2**tried, LONGEST_PAUSE_SECONDS)
        time.sleep(random.uniform(0, longest))  # noqa: S311 (no secret)
        renew()
    raise AssertionError("unreachable")
