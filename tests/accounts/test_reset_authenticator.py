"""A lost authenticator is reset by somebody else, and everything that was open closes; P11-17, P11-20."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, person, with_authenticator
from tilmfg.accounts.services import UnableToReset, issue_recovery_codes, reset_authenticator
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def quinn():
    return with_authenticator("quinn")


def reset(user, by="root", reason="The telephone was stolen."):
    return reset_authenticator(user=user, reason=reason, by=person(by))


def test_it_ends_all_sessions_and_spends_all_recovery_codes(quinn):
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(quinn)
    issue_recovery_codes(by=quinn)
    reset(quinn)
    assert [client.get(reverse("home")).status_code for client in clients] == [302, 302]
    assert not quinn.recovery_codes.filter(spent_at=None).exists()
    event = AuditEvent.objects.filter(relation="accounts_authenticator", op="UPDATE").get()
    assert (event.actor, event.reason) == ("root", "The telephone was stolen.")


def test_the_next_sign_in_begins_with_a_new_one(client, quinn):
    reset(quinn)
    answer = client.post(reverse("login"), {"username": "quinn", "password": PASSWORD})
    assert answer.url == reverse("enrol")


@pytest.mark.parametrize("who", ["quinn", "rosa", "adam", "vera", "eve"])
def test_it_refuses_whoever_does_not_administer_the_system(quinn, who):
    with pytest.raises(NotAuthorised):
        reset(quinn, by=who)


def test_it_refuses_ones_own_no_reason_and_nothing_to_reset(quinn):
    with pytest.raises(UnableToReset, match="Another system administrator"):
        reset(with_authenticator("root"))
    with pytest.raises(UnableToReset, match="why"):
        reset(quinn, reason=" ")
    with pytest.raises(ChangedMeanwhile, match="has no authenticator"):
        reset(person("olga"))


def test_it_is_done_on_the_persons_page(client, quinn):
    client.force_login(person("root"))
    assert reverse("person_reset_authenticator", args=["quinn"]) in (
        client.get(reverse("person", args=["quinn"])).content.decode()
    )
    url = reverse("person_reset_authenticator", args=["quinn"])
    done = client.post(url, {"reason": "Lost.", "idempotency_key": uuid.uuid4()})
    assert done.url == reverse("person", args=["quinn"])
    assert not quinn.authenticators.filter(removed_at=None).exists()
