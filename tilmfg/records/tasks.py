"""Celery entry points of the outbox."""

from celery import shared_task

from . import outbox


@shared_task(name="records.deliver")
def deliver(*, effect_id, **_):
    outbox.deliver_effect(effect_id=effect_id)


@shared_task(name="records.sweep")
def sweep(**_):
    for effect_id in outbox.due_effects():
        deliver.delay(effect_id=effect_id)
