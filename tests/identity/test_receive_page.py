from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from tests.cast import PASSWORD, person
from tests.factories import make_order, make_site
from tests.identity.pages import receipt
from tilmfg.identity.models import CustodyEvent, Scan, TherapyOrder
from tilmfg.quality.selectors import open_deviations

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(client):
    person("tomas")

    def send(order, *, by="olga", **changes):
        client.force_login(person(by))
        here = ZoneInfo(settings.TIME_ZONE)
        local = timezone.localtime(timezone.now() - timedelta(minutes=2), here)
        usual = {"received_at": local.strftime("%Y-%m-%dT%H:%M")}
        return client.post(f"/orders/{order.coi_id}/receive/", receipt(order, **usual | changes))

    return send


def state_of(order):
    return TherapyOrder.objects.get(pk=order.pk).state


def test_two_people_on_one_tablet_receive_it(send, client):
    order = make_order()
    answer = send(order)
    assert (answer.status_code, answer.url) == (302, f"/orders/{order.coi_id}/")
    assert state_of(order) == "received"
    assert CustodyEvent.objects.get().second == person("tomas")
    assert client.get("/orders/").context["user"] == person("olga")


def test_a_wrong_label_turns_the_whole_page(send, client):
    order, other = make_order(), make_order()
    answer = send(order, read=f"&/{other.coi_id}.TB1")
    scan = Scan.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/orders/scans/{scan.pk}/")
    assert state_of(order) == "stopped"
    page = client.get(answer.url).content.decode()
    assert scan.expected in page.replace("&amp;", "&")
    assert scan.read in page.replace("&amp;", "&")
    assert open_deviations(order.chain).get().number in page
    assert "<form" not in page
    assert "ontinue" not in page


@pytest.mark.parametrize(
    "change",
    [
        {"temperature_c": ""},
        {"second_password": "guessed"},
        {"second_username": "olga"},
        {"received_at": "yesterday"},
        {"courier": ""},
    ],
)
def test_a_wrong_label_is_on_record_although_the_form_is_wrong_too(send, change):
    order, other = make_order(), make_order()
    answer = send(order, read=f"&/{other.coi_id}.TB1", **change)
    assert answer.status_code == 302
    assert Scan.objects.get().matches is False
    assert state_of(order) == "stopped"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"read": "4006381333931"}, "4006381333931"),
        ({"second_username": "olga"}, "somebody else than you"),
        ({"second_password": "guessed"}, "do not fit"),
        ({"second_username": "ana"}, "is not a manufacturing technician"),
        ({"temperature_c": "12"}, "outside 2.0 to 8.0"),
        ({"temperature_c": "warm"}, "Enter a number"),
        ({"courier": ""}, "required"),
        ({"received_at": "2020-01-01T08:00"}, "more than 15 minutes"),
        ({"received_at": "2120-01-01T08:00"}, "in the future"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_the_order_goes_on(send, change, words):
    person("ana")
    order = make_order()
    answer = send(order, **change)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "Intact" in page
    assert PASSWORD not in page
    assert state_of(order) == "ordered"
    assert not Scan.objects.exists()


def test_received_twice_from_a_stale_page_it_is_received_once(send):
    order = make_order()
    send(order)
    answer = send(order, by="tomas", second_username="olga")
    assert answer.status_code == 422
    assert "nothing is received for it" in answer.content.decode()
    assert CustodyEvent.objects.count() == 1


@pytest.mark.parametrize("who", ["adam", "ana", "quinn", "rosa", "sam", "vera", "root", "eve"])
def test_only_technicians_receive(send, client, who):
    order = make_order(site=make_site("07", "sam"))
    assert send(order, by=who).status_code == 403
    assert client.get(f"/orders/{order.coi_id}/receive/").status_code == 403


def test_the_page_shows_the_limits(client):
    client.force_login(person("olga"))
    page = client.get(f"/orders/{make_order().coi_id}/receive/").content.decode()
    assert "°C" in page
    assert "TB1" in page


class TestTheMismatchPage:
    @pytest.fixture
    def wrong_scan(self, send):
        order = make_order(site=make_site("07", "sam"))
        send(order, read=f"&/{make_order().coi_id}.TB1")
        return Scan.objects.get()

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("olga", 200),
            ("quinn", 200),
            ("vera", 200),
            ("sam", 200),
            ("nora", 404),
            ("root", 403),
            ("eve", 403),
        ],
    )
    def test_it_is_open_to_whom_the_order_concerns(self, client, wrong_scan, who, status):
        make_site("11", "nora")
        client.force_login(person(who))
        assert client.get(f"/orders/scans/{wrong_scan.pk}/").status_code == status

    def test_a_scan_that_matched_has_none(self, client, send):
        send(make_order())
        client.force_login(person("olga"))
        assert client.get(f"/orders/scans/{Scan.objects.get().pk}/").status_code == 404
