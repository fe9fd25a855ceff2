"""Verbs that write to the same chains in any order all come to their end, each exactly once."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponseRedirect
from psycopg import errors

from tests import factories
from tests.cast import person
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import VERBS, verb
from tilmfg.identity.models import TherapyOrder
from tilmfg.records import retry
from tilmfg.records.chains import take_turns
from tilmfg.records.context import acting
from tilmfg.records.idempotency import once
from tilmfg.records.models import AuditEvent
from tilmfg.records.retry import retried
from tilmfg.records.verification.access import reader_parameters, trust
from tilmfg.records.verification.verify import verify

WRITERS, ROUNDS = 4, 6
QUEUED = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND pid = pg_backend_pid()"
)


def broken_off(kind=errors.DeadlockDetected):
    """As Django raises it."""
    error = OperationalError(str(kind))
    error.__cause__ = kind()
    return error


@pytest.fixture
def postpone():
    """A verb that moves the date of several orders, and takes its time between them."""

    @verb("tests.orders.postpone", roles=(Role.IDENTITY_ADMINISTRATOR,))
    def postpone(*, orders, days, reason, by, in_turns=False):
        if in_turns:
            take_turns(order.chain for order in orders)
        for order in orders:
            order.needed_by_date += timedelta(days=days)
            order.save(update_fields=["needed_by_date"])
            time.sleep(0.005)

    yield postpone
    VERBS.pop("tests.orders.postpone")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_turns", [False, True], ids=["as they come", "in turns"])
def test_writers_of_the_same_chains_in_any_order_all_succeed(postpone, monkeypatch, in_turns):
    """REL-20: those that say beforehand which chains they write to never break each other off."""
    factories.make_writer()
    orders = [factories.make_order().pk for _ in range(3)]
    with factories.writing():
        TherapyOrder.objects.filter(pk__in=orders).update(needed_by_date=date(2027, 1, 1))
    adam, start, tries = person("adam"), Barrier(WRITERS), []
    monkeypatch.setattr(retry.log, "info", lambda *_, **words: tries.append(words), raising=False)

    def write(number):
        choice = random.Random(number)
        try:
            start.wait()
            for _ in range(ROUNDS):
                chosen = choice.sample(orders, 3)
                rows = TherapyOrder.objects.in_bulk(chosen)
                moved = [rows[pk] for pk in chosen]
                postpone(orders=moved, days=1, reason="moved by a test", by=adam, in_turns=in_turns)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))
    assert bool(tries) != in_turns, "else nothing was ever broken off, and nothing was shown"
    written = AuditEvent.objects.filter(verb="tests.orders.postpone", relation="identity_therapyorder")
    assert written.count() == WRITERS * ROUNDS * 3
    assert verify(reader_parameters(), trust=trust()).breaks == []


@pytest.mark.django_db(transaction=True)
def test_what_a_broken_off_try_left_in_memory_is_read_again(postpone, monkeypatch):
    monkeypatch.setattr(retry, "PAUSE_SECONDS", 0)
    order = factories.make_order()
    wanted = order.needed_by_date + timedelta(days=1)
    failures = [broken_off(), broken_off(errors.SerializationFailure)]
    save = TherapyOrder.save

    def fail_twice(self, **words):
        save(self, **words)
        if failures:
            raise failures.pop()

    monkeypatch.setattr(TherapyOrder, "save", fail_twice)
    postpone(orders=[order], days=1, reason="moved by a test", by=person("adam"))
    assert TherapyOrder.objects.get(pk=order.pk).needed_by_date == order.needed_by_date == wanted


@pytest.mark.django_db(transaction=True)
def test_only_those_that_were_broken_off_queue(monkeypatch):
    monkeypatch.setattr(retry, "PAUSE_SECONDS", 0)
    queued = []

    def attempt():
        with acting(actor="bob", verb="tests.write"), connection.cursor() as cursor:
            cursor.execute(QUEUED)
            queued.extend(cursor.fetchone())
        if len(queued) < 3:
            raise broken_off()

    retried(attempt)
    retried(attempt)
    assert queued == [0, 1, 1, 0]


def test_it_gives_up_in_the_end(monkeypatch):
    monkeypatch.setattr(retry, "PAUSE_SECONDS", 0)
    tries = []

    def attempt():
        tries.append(1)
        raise broken_off()

    with pytest.raises(OperationalError):
        retried(attempt)
    assert len(tries) == retry.TRIES


def test_other_errors_are_not_tried_again():
    tries = []

    def attempt():
        tries.append(1)
        raise broken_off(errors.AdminShutdown)

    with pytest.raises(OperationalError):
        retried(attempt)
    assert len(tries) == 1


@pytest.mark.django_db
def test_half_a_transaction_is_not_tried_again():
    tries = []

    def attempt():
        tries.append(1)
        raise broken_off()

    with pytest.raises(OperationalError):
        retried(attempt)
    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_broken_off_is_answered_once(monkeypatch):
    monkeypatch.setattr(retry, "PAUSE_SECONDS", 0)
    calls = []
    request = SimpleNamespace(
        method="POST",
        headers={"Idempotency-Key": str(uuid4())},
        POST={},
        FILES={},
        user=person("olga"),
        path="/floor/",
    )

    @once
    def view(request):
        calls.append(1)
        if len(calls) == 1:
            raise broken_off()
        return HttpResponseRedirect("/floor/done/")

    assert view(request)["Location"] == "/floor/done/"
    assert view(request)["Location"] == "/floor/done/"
    assert len(calls) == 2
