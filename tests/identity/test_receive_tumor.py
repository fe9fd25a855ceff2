from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.cast import person
from tests.factories import make_order
from tilmfg.identity.models import CustodyEvent, Scan, TherapyOrder
from tilmfg.identity.services import UnableToReadScan, UnableToReceive, receive_tumor
from tilmfg.quality.models import Deviation
from tilmfg.quality.selectors import open_deviations
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


def receive(order, by="olga", second="tomas", **changes):
    usual = {
        "read": f"&/{order.coi_id}.TB1",
        "received_at": timezone.now() - timedelta(minutes=3),
        "temperature_c": Decimal("4.1"),
        "condition": "Bottle intact, seal unbroken",
        "courier": "Cryo Express, Lena Moser",
        "late_entry_reason": "",
    }
    return receive_tumor(order=order, second=person(second), **usual | changes, by=person(by))


def refusal(order, **changes):
    with pytest.raises(UnableToReceive) as refused:
        receive(order, **changes)
    fresh = TherapyOrder.objects.get(pk=order.pk)
    assert not CustodyEvent.objects.filter(order=order).exists()
    return refused.value, fresh


def test_two_people_receive_it():
    order = make_order()
    scan = receive(order)
    order.refresh_from_db()
    custody = CustodyEvent.objects.get(order=order)
    assert scan.matches
    assert order.state == "received"
    assert order.containers.get().state == "in_use"
    assert (custody.took, custody.second, custody.gave) == (
        person("olga"),
        person("tomas"),
        "Cryo Express, Lena Moser",
    )
    assert (custody.temperature_c, custody.scan) == (Decimal("4.1"), scan)
    assert not Deviation.objects.exists()
    event = Event.objects.get(name="identity.tumor.received")
    assert (event.subject_kind, event.subject_id) == ("identity.order", order.pk)


def test_another_patients_tumor_is_a_hard_stop_that_stays_on_record():
    order, other = make_order(), make_order()
    scan = receive(order, read=f"&/{other.coi_id}.TB1")
    order.refresh_from_db()
    assert not scan.matches
    assert order.state == "stopped"
    assert order.containers.get().state == "labelled"
    assert not CustodyEvent.objects.exists()
    assert open_deviations(order.chain).get().kind == "identity_mismatch"


def test_a_wrong_label_counts_more_than_a_wrong_form():
    order, other = make_order(), make_order()
    scan = receive(
        order, read=f"&/{other.coi_id}.TB1", second="olga", temperature_c=Decimal("21"), courier=""
    )
    order.refresh_from_db()
    assert (scan.matches, order.state) == (False, "stopped")


def test_the_same_person_twice_is_refused():
    order = make_order()
    refused, fresh = refusal(order, second="olga")
    assert refused.field == "second_username"
    assert fresh.state == "ordered"
    assert not Scan.objects.exists()


@pytest.mark.parametrize("who", ["ana", "quinn", "adam", "sam", "eve"])
def test_the_second_person_is_a_technician_too(who):
    refused, _ = refusal(make_order(), second=who)
    assert refused.field == "second_username"


@pytest.mark.parametrize("who", ["ana", "quinn", "adam", "sam", "vera", "eve"])
def test_the_first_person_is_a_technician(who):
    with pytest.raises(NotAuthorised):
        receive(make_order(), by=who)


def test_what_is_no_label_of_the_house_is_refused_and_the_order_goes_on():
    order = make_order()
    with pytest.raises(UnableToReadScan):
        receive(order, read="4006381333931")
    order.refresh_from_db()
    assert order.state == "ordered"


@pytest.mark.parametrize("temperature", ["2.0", "8.0"])
def test_at_the_limit_is_within(temperature):
    receive(make_order(), temperature_c=Decimal(temperature))
    assert not Deviation.objects.exists()


@pytest.mark.parametrize("temperature", ["1.9", "8.1", "-78.0"])
def test_outside_the_limits_it_needs_a_reason(temperature):
    order = make_order()
    refused, fresh = refusal(order, temperature_c=Decimal(temperature))
    assert refused.field == "temperature_reason"
    assert "2.0 to 8.0 °C" in str(refused)
    assert fresh.state == "ordered"


def test_accepted_outside_the_limits_it_opens_a_deviation():
    order = make_order()
    receive(order, temperature_c=Decimal("9.4"), temperature_reason="Ice packs melted; tissue firm.")
    order.refresh_from_db()
    deviation = open_deviations(order.chain).get()
    assert order.state == "received"
    assert deviation.kind == "out_of_limit"
    assert "Ice packs melted" in deviation.description
    assert CustodyEvent.objects.get().temperature_reason == "Ice packs melted; tissue firm."


def test_a_late_entry_says_why():
    order = make_order()
    late = timezone.now() - timedelta(minutes=16)
    refused, _ = refusal(order, received_at=late)
    assert refused.field == "late_entry_reason"
    receive(order, received_at=late, late_entry_reason="The network was down.")
    custody = CustodyEvent.objects.get()
    assert custody.late_entry_reason == "The network was down."
    assert custody.performed_at == late
    assert custody.recorded_at > late + timedelta(minutes=15)


def test_nothing_is_received_in_the_future():
    refused, _ = refusal(make_order(), received_at=timezone.now() + timedelta(minutes=5))
    assert refused.field == "received_at"


@pytest.mark.parametrize("field", ["condition", "courier"])
def test_condition_and_courier_are_said(field):
    refused, _ = refusal(make_order(), **{field: "  "})
    assert refused.field == field


def test_it_is_received_once():
    order = make_order()
    stale = TherapyOrder.objects.get(pk=order.pk)
    receive(order)
    with pytest.raises(UnableToReceive, match="tumor received"):
        receive(stale, by="tomas", second="olga")
    assert CustodyEvent.objects.count() == 1
    assert Scan.objects.count() == 1


@pytest.mark.parametrize("state", ["stopped", "cancelled"])
def test_nothing_is_received_for_an_order_that_has_ended(state):
    with pytest.raises(UnableToReceive, match="nothing is received"):
        receive(make_order(state=state))
