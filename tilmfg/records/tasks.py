"""Celery entry points of the outbox and the anchors, and what each task tells of itself."""

import time

import structlog
from celery import shared_task, signals

from . import anchors, outbox
from .context import begin_edge, end_edge

log = structlog.get_logger()
SEVERAL_A_MINUTE = {"records.sweep", "tilmfg.heartbeat.beat_once"}


@signals.task_prerun.connect
def begin_task(task_id, task, kwargs, **_):
    about = {name: value for name, value in kwargs.items() if isinstance(value, int)}
    begin_edge(f"task:{task_id}", task=task.name, **about)
    task.request.begun = time.monotonic()


@signals.task_postrun.connect
def end_task(task, state, **_):
    tell = log.debug if task.name in SEVERAL_A_MINUTE and state == "SUCCESS" else log.info
    tell("task.ended", state=state, ms=round((time.monotonic() - task.request.begun) * 1000))
    end_edge()


@shared_task(name="records.deliver")
def deliver(*, effect_id, **_):
    outbox.deliver_effect(effect_id=effect_id)


@shared_task(name="records.sweep")
def sweep(**_):
    for effect_id in outbox.due_effects():
        deliver.delay(effect_id=effect_id)


@shared_task(name="records.anchor")
def anchor(**_):
    anchors.write_anchor()
    anchors.attach_token()
