"""Celery entry points of the outbox and the anchors."""

from celery import shared_task

from . import anchors, outbox
from .context import request_id


@shared_task(name="records.deliver", bind=True)
def deliver(self, *, effect_id, **_):
    token = request_id.set(f"task:{self.request.id}")
    try:
        outbox.deliver_effect(effect_id=effect_id)
    finally:
        request_id.reset(token)


@shared_task(name="records.sweep")
def sweep(**_):
    for effect_id in outbox.due_effects():
        deliver.delay(effect_id=effect_id)


@shared_task(name="records.anchor")
def anchor(**_):
    anchors.write_anchor()
    anchors.attach_token()
