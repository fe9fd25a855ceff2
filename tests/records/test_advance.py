"""A state changes by compare and swap, and only as its table says."""

import pytest

from tests import factories
from tests.cast import person
from tilmfg.identity.models import TherapyOrder
from tilmfg.identity.states import ORDER
from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.models import Event
from tilmfg.records.states import UnableToAdvance, advance

pytestmark = pytest.mark.django_db


def cancel(order):
    with factories.writing("adam"):
        advance(order, machine=ORDER, event="identity.order.cancelled", by=person("adam"))


def test_it_changes_the_state_and_records_the_event():
    order = factories.make_order()
    cancel(order)
    event = Event.objects.get(chain=order.chain)
    assert (event.from_state, event.to_state, event.actor.username) == ("ordered", "cancelled", "adam")
    assert TherapyOrder.objects.get(pk=order.pk).state == "cancelled"


def test_of_two_who_saw_the_same_state_one_wins():
    order = factories.make_order()
    stale = TherapyOrder.objects.get(pk=order.pk)
    cancel(order)
    with pytest.raises(ChangedMeanwhile):
        cancel(stale)
    assert Event.objects.filter(chain=order.chain).count() == 1


def test_it_refuses_what_the_table_does_not_know():
    order = factories.make_order(state="received")
    with pytest.raises(UnableToAdvance, match="order is tumor received"):
        cancel(order)
