"""Signs of life of Celery's parts, left in the broker where they expire by themselves.

Beat leaves one whenever it has sent the heartbeat task, a worker when it has run it. Asking a worker
directly (`inspect ping`) would take a second, and would answer even where no task is ever executed.
"""

import functools

from celery import shared_task
from celery.signals import after_task_publish, beat_init
from django.conf import settings
from django.db import connection
from redis import Redis

EVERY_SECONDS = 2
FRESH_SECONDS = 15
TASK = "tilmfg.heartbeat.beat_once"


class NoSignOfLife(Exception):
    """Nothing heard for FRESH_SECONDS."""


@functools.cache
def _broker(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def reach_broker() -> None:
    _broker(settings.REDIS_URL).ping()


def is_fresh(part: str) -> bool:
    return bool(_broker(settings.REDIS_URL).exists(_key(part)))


def require_fresh(part: str) -> None:
    if not is_fresh(part):
        raise NoSignOfLife(part)


def forget() -> None:
    """What an earlier run left says nothing about this one."""
    _broker(settings.REDIS_URL).delete(_key("worker"), _key("beat"))


@shared_task(name=TASK, expires=FRESH_SECONDS)
def beat_once(**_: object) -> None:
    """A worker that cannot reach the database does not count as alive."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    _leave("worker")


@beat_init.connect
def beat_at_once(**_: object) -> None:
    """The schedule would let the first one wait for its turn."""
    beat_once.delay()


@after_task_publish.connect(sender=TASK)
def beat_has_sent(**_: object) -> None:
    _leave("beat")


def _leave(part: str) -> None:
    _broker(settings.REDIS_URL).set(_key(part), "alive", ex=FRESH_SECONDS)


def _key(part: str) -> str:
    return f"tilmfg:heartbeat:{part}"
