"""A lost authenticator is reset by somebody else, and everything that was open closes; P11-17, P11-20."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.cast import PASSWORD, credential, person, sign_in, with_authenticator
from tests.raw_sql import refused, run
from tilmfg.accounts.models import Passkey
from tilmfg.accounts.services import (
    UnableToAdminister,
    UnableToReset,
    invite_user,
    issue_recovery_codes,
    reset_authenticator,
)
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def quinn():
    return with_authenticator("quinn")


def reset(user, by="root", reason="The telephone was stolen."):
    return reset_authenticator(user=user, reason=reason, credential=credential(by), by=person(by))


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
    sign_in(client, "root")
    assert reverse("person_reset_authenticator", args=["quinn"]) in (
        client.get(reverse("person", args=["quinn"])).content.decode()
    )
    url = reverse("person_reset_authenticator", args=["quinn"])
    done = client.post(url, {"reason": "Lost.", "password": PASSWORD, "idempotency_key": uuid.uuid4()})
    assert done.url == reverse("person", args=["quinn"])
    assert not quinn.authenticators.filter(removed_at=None).exists()


# ── Who could give the first factor and take the second away could be the person: 21 CFR 11.200(a)(3) ────────────


def invite(user):
    return invite_user(
        user=user, reason="The password was forgotten.", credential=credential("root"), by=person("root")
    )


def test_who_invited_a_person_does_not_reset_their_authenticator(quinn):
    invite(quinn)
    with pytest.raises(UnableToReset, match="You invited Quinn"):
        reset(quinn)


def test_who_reset_an_authenticator_does_not_invite_before_there_is_a_new_one(quinn):
    reset(quinn)
    with pytest.raises(UnableToAdminister, match="You reset the authenticator"):
        invite(quinn)
    with_authenticator("quinn")
    assert invite(quinn)


@pytest.mark.parametrize("first", ["invitation", "reset"])
def test_the_database_lets_nobody_do_both(quinn, first):
    invitation = (
        "INSERT INTO accounts_invitation (user_id, digest, issued_by_id, expires_at) "
        "SELECT %s, 'd', id, now() FROM accounts_user WHERE username = 'root'"
    )
    taken = (
        "UPDATE accounts_authenticator SET removed_at = now(), removed_by_id = root.id "
        "FROM accounts_user AS root WHERE user_id = %s AND username = 'root'"
    )
    one, other = (invitation, taken) if first == "invitation" else (taken, invitation)
    person("root")
    run(one, quinn.pk)
    with refused("nobody_invites_and_resets_alone"):
        run(other, quinn.pk)


def test_the_database_lets_nobody_invite_and_take_a_passkey_away(quinn):
    invite(quinn)
    with factories.writing():
        Passkey.objects.create(user=quinn, name="key", credential_id="c", attested="a", counter=0)
    taken = "removed_at = now(), removal_reason = 'Lost', removed_by_id = %s"
    with refused("nobody_invites_and_resets_alone"):
        run(f"UPDATE accounts_passkey SET {taken}", person("root").pk)
    run(f"UPDATE accounts_passkey SET {taken}", quinn.pk)
