"""Effects after commit: promised in the transaction of their cause, done exactly once in one of their own."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models.functions import Now

from tilmfg.logs import in_a_word

from .models import Effect
from .retry import retried

log = structlog.get_logger()

BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(minutes=10)
GRACE = timedelta(seconds=10)  # the hint's head start over the sweeper

_tasks: dict[str, Callable] = {}


def effect(name):
    """Register what `promise(name, …)` will call, inside the transaction that marks it done."""

    def register(function):
        _tasks[name] = function
        return function

    return register


def promise(name, *, key, **arguments):
    """Call inside the business transaction. The same key promised twice is one effect."""
    row, created = Effect.objects.get_or_create(
        key=f"{name}:{key}",
        defaults={"task": name, "arguments": arguments, "next_try_at": Now() + GRACE},
    )
    if created:
        _hint(row)
    return row


def hurry(row):
    """Call inside a transaction: an effect that nobody is at is tried after it, not when it is due."""
    row = Effect.objects.select_for_update(skip_locked=True).filter(pk=row.pk, done_at=None).first()
    if row is not None:
        row.next_try_at = Now() + GRACE
        row.save(update_fields=["next_try_at"])
        _hint(row)


def _hint(row):
    from .tasks import deliver

    transaction.on_commit(lambda: deliver.delay(effect_id=row.pk), robust=True)  # committed is committed


def deliver_effect(*, effect_id):
    """Do the effect and mark it done in one transaction; a second delivery finds nothing to do."""
    try:
        retried(lambda: _do(effect_id))
    except Exception as problem:
        postpone(effect_id=effect_id, problem=problem)
        raise


@transaction.atomic
def _do(effect_id):
    row = Effect.objects.select_for_update(skip_locked=True).filter(pk=effect_id, done_at=None).first()
    if row is None:
        return
    _tasks[row.task](**row.arguments)
    row.done_at, row.attempts, row.last_error = Now(), row.attempts + 1, ""
    row.save(update_fields=["done_at", "attempts", "last_error"])


def postpone(*, effect_id, problem):
    """After a failure: remember why, and wait longer each time."""
    with transaction.atomic():
        row = Effect.objects.select_for_update().get(pk=effect_id)
        if row.done_at is None:
            row.attempts += 1
            row.last_error = in_words(problem)[:2000]
            row.next_try_at = Now() + min(BACK_OFF * 2 ** min(row.attempts, 10), LONGEST_BACK_OFF)
            row.save(update_fields=["attempts", "last_error", "next_try_at"])
    log.warning("effect.postponed", effect=effect_id, attempts=row.attempts, problem=in_a_word(problem))


def in_words(problem):
    """The database's own words may hold a whole row."""
    if isinstance(problem, DatabaseError):
        return in_a_word(problem)
    return f"{type(problem).__name__}: {problem}"


def due_effects(*, most=1000):
    """Effects whose hint was lost or whose last try failed."""
    due = Effect.objects.filter(done_at=None, next_try_at__lte=Now()).order_by("next_try_at")
    return due.values_list("pk", flat=True)[:most]
