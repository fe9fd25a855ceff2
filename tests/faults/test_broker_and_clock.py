"""The broker is gone, or loses its patience; the application’s clock is wrong. What was signed still happens once."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.utils import timezone

from tests.release import stage
from tilmfg.celery import app
from tilmfg.embedded.processes import wait_until
from tilmfg.records import outbox
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import AuditEvent, Effect, Event
from tilmfg.records.tasks import sweep
from tilmfg.release.models import Document
from tilmfg.release.states import LotState


def is_recorded(field):
    """By the database's clock alone, as the model says or a guard sees to."""
    return isinstance(field, RecordedAt) or field.name == "signed_at"


RECORDED = [model for model in apps.get_models() if any(map(is_recorded, model._meta.fields))]

pytestmark = pytest.mark.django_db(transaction=True)


def happened(lot):
    """How often the lot was released, and its certificate issued."""
    released = Event.objects.filter(name="release.lot.released", chain=lot.chain).count()
    return released, Document.objects.filter(order=lot.order, number__startswith="COA-").count()


def test_without_a_broker_a_lot_is_signed_and_what_follows_is_done_when_it_is_back(slot, start_worker):
    """REL-03"""
    slot.valkey.kill()
    try:
        lot = stage.make_reviewable_lot()
        stage.sign(stage.review(lot))
        promised = Effect.objects.filter(done_at=None)
        assert "release.execute" in {effect.task for effect in promised}
        assert happened(lot) == (0, 0)
    finally:
        slot.valkey.start()
    start_worker("--concurrency", "1")
    promised.update(next_try_at=timezone.now())  # as ten seconds later
    sweep()
    wait_until(lambda: not promised.exists(), seconds=60, problem="What was promised is not done.")
    assert happened(lot) == (1, 1)
    assert stage.fresh(lot).state == LotState.RELEASED


def test_a_broker_that_forgets_everything_loses_nothing(slot, start_worker):
    """REL-02: what it held before the worker came, and what it held while the worker was at work."""

    def promise_ten(word):
        for number in range(10):
            outbox.promise("accounts.report_reviews", key=f"{word} {number}", monday="2027-01-04")

    promise_ten("before")
    assert slot.valkey.command(f"LLEN {app.conf.task_default_queue}") == b":10\r\n"
    slot.valkey.command("FLUSHALL")
    start_worker("--concurrency", "2")
    promise_ten("during")
    slot.valkey.command("FLUSHALL")
    promised = Effect.objects.filter(done_at=None)
    assert promised.count() >= 10
    promised.update(next_try_at=timezone.now())  # as ten seconds later
    sweep()
    wait_until(lambda: not promised.exists(), seconds=60, problem="What was promised is not done.")
    assert list(Effect.objects.values_list("attempts", flat=True)) == [1] * 20


def test_a_task_that_outlasts_the_brokers_patience_is_delivered_again_and_done_once(
    servers, slot, start_worker, monkeypatch, capfd
):
    """REL-07"""
    monkeypatch.setenv("TEST_VISIBILITY_TIMEOUT", "2")
    monkeypatch.setenv("TILMFG_LOG_LEVEL", "info")
    start_worker("--concurrency", "4")
    lot = stage.make_reviewable_lot()
    ended = []

    def certificate():
        return Effect.objects.filter(task="release.issue_certificate").first()

    def is_delivered_again():
        lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
        ended.extend(line.get("effect_id") for line in lines if line["event"] == "task.ended")
        return certificate() and certificate().pk in ended

    with servers.postgresql.admin(slot.database) as admin, admin.transaction():
        admin.execute(
            "LOCK TABLE release_document IN EXCLUSIVE MODE"
        )  # who issues one waits as long as we like
        stage.sign(stage.review(lot))
        wait_until(is_delivered_again, seconds=90, problem="The broker kept its patience.")
        assert (certificate().done_at, happened(lot)) == (None, (1, 0))
    wait_until(lambda: not Effect.objects.filter(done_at=None).exists(), seconds=60, problem="not done")
    assert (certificate().attempts, happened(lot)) == (1, (1, 1))


@pytest.mark.parametrize("wrong", [timedelta(days=-1), timedelta(days=1)], ids=["a day late", "a day early"])
def test_a_wrong_clock_of_the_application_moves_no_recorded_time(wrong):
    """REL-12"""
    lot = stage.make_reviewable_lot()
    began, known = database_time(), {model: set(keys_of(model)) for model in RECORDED}
    with time_machine.travel(timezone.now() + wrong):
        assert abs(timezone.now() - database_time()) > timedelta(hours=23)
        stage.decide(lot)
    ended = database_time()
    times = [
        ("audit.event", at) for at in AuditEvent.objects.filter(at__gt=began).values_list("at", flat=True)
    ]
    for model, before in known.items():
        names = [field.name for field in model._meta.fields if is_recorded(field)]
        for row in model._default_manager.exclude(pk__in=before).values_list(*names):
            times += [(model._meta.label, at) for at in row]
    assert {"audit.event", "records.Event", "records.Signature", "release.Disposition"} <= {
        name for name, _ in times
    }
    assert [(name, at) for name, at in times if not began <= at <= ended] == []


def database_time():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def keys_of(model):
    return model._default_manager.values_list("pk", flat=True)
