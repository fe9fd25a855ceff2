from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories
from tests.batches import bench
from tests.cast import person
from tilmfg.batches import services
from tilmfg.batches.definitions import GEN2_22_DAYS
from tilmfg.batches.services.batches import UnableToStart
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


def test_it_begins_day_0_of_a_received_order():
    order = factories.make_order(state="received")
    batch = (
        bench.started(order=order, days_ago=0)
        if timezone.localtime().hour > 14
        else bench.started(order=order)
    )
    assert (batch.order, batch.state, batch.started_by) == (order, "in_process", person("olga"))
    assert Event.objects.get(name="batches.batch.started").chain == order.chain


@pytest.mark.parametrize("state", ["ordered", "stopped", "cancelled"])
def test_it_refuses_an_order_whose_tumor_is_not_here(state):
    with pytest.raises(UnableToStart, match="begins once its tumor is received"):
        bench.started(order=factories.make_order(state=state))


def test_it_refuses_a_second_batch_of_an_order():
    batch = bench.started()
    with pytest.raises(UnableToStart, match="begun already"):
        bench.started(order=batch.order)


def test_it_refuses_a_definition_nobody_approved():
    draft = services.draft_definition(code="new", name="New", content=GEN2_22_DAYS, by=person("quinn"))
    with pytest.raises(UnableToStart, match="not approved"):
        services.start_batch(
            order=factories.make_order(state="received"),
            definition=draft,
            started_at=timezone.now(),
            by=person("olga"),
        )


def test_it_refuses_to_begin_in_the_future():
    with pytest.raises(UnableToStart, match="future"):
        bench.started(days_ago=-1)


def test_it_refuses_to_begin_before_the_tumor_came():
    order = factories.make_order(state="received")
    with factories.writing():
        scan = order.scans.create(
            purpose="x", expected="x", read="x", matches=True, scanned_by=person("olga")
        )
        order.custody_events.create(
            container=order.containers.get(),
            kind="received",
            gave="Courier",
            took=person("olga"),
            place="Receipt",
            performed_at=timezone.now() - timedelta(days=1),
            condition="Intact",
            scan=scan,
        )
    with pytest.raises(UnableToStart, match="before the tumor was received"):
        bench.started(order=order, days_ago=2)


def test_it_refuses_who_is_no_technician():
    with pytest.raises(NotAuthorised):
        services.start_batch(
            order=factories.make_order(state="received"),
            definition=bench.gen2(),
            started_at=timezone.now(),
            by=person("ana"),
        )


def test_a_late_entry_says_why():
    """ALC-3"""
    order = factories.make_order(state="received")
    given = {"order": order, "definition": bench.gen2(), "by": person("olga")}
    with pytest.raises(UnableToStart, match="more than 15 minutes ago") as refused:
        services.start_batch(**given, started_at=timezone.now() - timedelta(minutes=16))
    assert refused.value.field == "late_entry_reason"
    batch = services.start_batch(
        **given, started_at=timezone.now() - timedelta(minutes=14), late_entry_reason="Not needed"
    )
    assert batch.late_entry_reason == ""


def test_a_late_entry_keeps_its_reason():
    """ALC-3"""
    assert bench.started().late_entry_reason == "Written on paper while the network was down"
