"""Whoever is refused stays on record, and a burst of refusals is a number. P11-07"""

import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.cast import person
from tilmfg.accounts.refusals import ADDRESSES_A_MINUTE, OTHERS, note_refusal, tell_bursts
from tilmfg.accounts.services import service_account
from tilmfg.accounts.tasks import tell_refusals
from tilmfg.celery import app
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import AuditEvent, Event
from tilmfg.records.trail.search import Search, page_of_trail
from tilmfg.records.trail.words import tell

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def refuse(address="/lots/", *, method="GET", by="eve", because="This is done by: QA."):
    note_refusal(method=method, address=address, because=because, by=by and person(by))


def events(name="accounts.user.refused"):
    return list(Event.objects.filter(name=name).order_by("pk"))


def test_the_event_says_who_where_and_what_they_would_have_had_to_be(client):
    client.force_login(person("eve"))
    answer = client.get(reverse("records"), {"who": "typed by hand"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    [event] = events()
    assert event.actor == person("eve")
    assert event.details == {
        "method": "GET",
        "address": "/records/",
        "because": "The audit trail is read by QA, identity administrators, auditors and system administrators.",
    }
    recorded = AuditEvent.objects.get(relation="records_event", key=str(event.pk))
    assert (recorded.actor, recorded.verb) == ("eve", "accounts.user.refuse")
    assert recorded.request == answer["X-Request-Id"]


def test_of_an_address_that_was_typed_only_what_names_something_here_is_on_record(client):
    """SEC-14"""
    lot, _ = factories.make_order().lot_number, person("rosa")
    client.force_login(person("eve"))
    for name, part in (("lot", lot), ("lot", "Jane Doe"), ("person", "rosa"), ("person", "jane"), ("run", 7)):
        assert client.get(reverse(name, args=[part])).status_code == HTTPStatus.FORBIDDEN
    told = [event.details["address"] for event in events()]
    assert told == [
        f"/lots/{lot}/",
        "/lots/<lot_number>/",
        "/accounts/people/rosa/",
        "/accounts/people/<username>/",
        "/laboratory/runs/7",
    ]


def test_a_verb_that_refuses_takes_back_what_was_written_but_not_that_it_refused(client, monkeypatch):
    def refusing(**arguments):
        factories.make_site("99")
        raise NotAuthorised("This is done by: somebody else.")

    monkeypatch.setattr("tilmfg.accounts.services.register_device", refusing)
    client.force_login(person("root"))
    key = str(uuid.uuid4())
    sent = {"name": "Cabinet 9", "reason": "Stands in the clean room", "idempotency_key": key}
    answer = client.post(reverse("tablet_register"), sent)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert not AuditEvent.objects.filter(relation="facility_site").exists()
    [event] = events()
    assert event.details["because"] == "This is done by: somebody else."


def test_the_api_says_it_in_its_own_words(client):
    client.force_login(person("eve"))
    assert client.get(reverse("api_lots")).status_code == HTTPStatus.FORBIDDEN
    [event] = events()
    assert event.details["because"] == "This is for people of the facility and of treatment sites."


def test_a_form_that_is_not_ours_is_on_record_too():
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("olga"))
    assert client.post(reverse("logout")).status_code == HTTPStatus.FORBIDDEN
    [event] = events()
    assert (event.actor, event.details["because"]) == (person("olga"), "Forbidden")


def test_who_is_not_signed_in_is_nobody(client):
    assert client.get(reverse("api_lots")).status_code == HTTPStatus.FORBIDDEN
    [event] = events()
    assert event.details["who"] == "(not signed in)"
    assert AuditEvent.objects.get(key=str(event.pk), relation="records_event").actor == "(not signed in)"


def test_what_is_not_there_is_no_refusal(client):
    client.force_login(person("olga"))
    client.get("/lots/TIL-1999-0001/")
    assert not events()


def test_a_burst_is_one_event_and_a_sum():
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(50):
            refuse()
        tell_bursts()
        assert len(events()) == 1
        assert not events("accounts.user.refused_often")
        clock.shift(timedelta(minutes=2))
        tell_bursts()
        tell_bursts()
    [told] = events("accounts.user.refused_often")
    assert (told.actor, told.subject_id) == (service_account(), person("eve").pk)
    assert told.details == {
        "method": "GET", "address": "/lots/", "times": 50, "within_the_minute": "2027-03-01T12:00:00+00:00",
    }  # fmt: skip


def test_the_next_minute_another_address_and_another_person_are_events_of_their_own():
    with time_machine.travel(NOON, tick=False) as clock:
        refuse()
        refuse(by="vera")
        refuse(by=None)
        refuse("/orders/")
        refuse(method="POST")
        clock.shift(timedelta(minutes=1))
        refuse()
    assert len(events()) == 6


def test_whoever_tries_every_address_is_told_of_so_many_and_then_as_a_sum():
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(ADDRESSES_A_MINUTE + 15):
            refuse(f"/lots/{number}/", method=f"M{number}")
        clock.shift(timedelta(minutes=2))
        tell_bursts()
    addresses = [event.details["address"] for event in events()]
    assert addresses == [*(f"/lots/{number}/" for number in range(ADDRESSES_A_MINUTE)), OTHERS]
    [told] = events("accounts.user.refused_often")
    assert (told.details["address"], told.details["times"]) == (OTHERS, 15)


def test_it_is_found_by_a_search_of_the_trail_and_told_in_words():
    refuse()
    found, _ = page_of_trail(Search(verb="accounts.user.refuse", actors=("eve",)))
    [told] = tell(found)
    assert (told.who, told.what) == ("Eve Moreau", "User: refuse")
    details = {change.label: change.new for change in told.changes}["Details"]
    assert "address: /lots/" in details
    assert "because: This is done by: QA." in details


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_refusal SET times = 1, told = 1",
        "UPDATE accounts_refusal SET address = '/'",
        "UPDATE accounts_refusal SET told = times + 1",
        "DELETE FROM accounts_refusal",
    ],
)
def test_the_counter_only_counts_up(change):
    refuse()
    refuse()
    with pytest.raises(DatabaseError, match=r"refusals_are|permission denied"), connection.cursor() as cursor:
        cursor.execute(change)


def test_beat_tells_the_sums_every_minute():
    entry = app.conf.beat_schedule["refusals"]
    assert entry["task"] == tell_refusals.name
