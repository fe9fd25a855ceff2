"""Two people at once: one winner, no number twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.cast import person
from tests.factories import make_order, make_site
from tests.identity.test_place_order import place
from tests.identity.test_receive_tumor import receive
from tests.quality.test_open_deviation import open_one
from tilmfg.identity.models import CustodyEvent, TherapyOrder
from tilmfg.identity.services import UnableToReceive
from tilmfg.quality.models import Deviation

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """What each call returned or raised, all started together on connections of their own."""
    start = Barrier(len(calls))

    def run(call):
        try:
            start.wait(10)
            return call()
        except Exception as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_people_receiving_the_same_tumor_have_one_winner():
    """SEC-01"""
    order = make_order()
    for who in ("olga", "tomas"):
        person(who)
    outcomes = at_once(
        lambda: receive(TherapyOrder.objects.get(pk=order.pk), by="olga", second="tomas"),
        lambda: receive(TherapyOrder.objects.get(pk=order.pk), by="tomas", second="olga"),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Scan", UnableToReceive.__name__]
    assert CustodyEvent.objects.filter(order=order).count() == 1


def test_orders_placed_at_once_get_different_identifiers():
    site = make_site()
    person("adam")
    outcomes = at_once(
        *[lambda n=n: place(pseudonym=f"PT-900{n}", hospital_number=f"55{n}", site=site) for n in range(4)]
    )
    assert len({order.coi_id for order in outcomes}) == 4
    assert len({order.lot_number for order in outcomes}) == 4


def test_the_same_new_patient_placed_twice_at_once_is_one_patient():
    site = make_site()
    person("adam")
    outcomes = at_once(
        lambda: place(pseudonym="PT-9001", site=site), lambda: place(pseudonym="PT-9002", site=site)
    )
    assert sum(isinstance(outcome, TherapyOrder) for outcome in outcomes) == 1


def test_deviations_opened_at_once_get_different_numbers():
    person("olga")
    at_once(*[open_one] * 4)
    assert Deviation.objects.values("number").distinct().count() == 4
