"""What people do to their own account: choose and change the password, make recovery codes."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import PASSWORD, credential, person, sign_in, with_authenticator
from tilmfg.accounts.models import Attempt, Invitation
from tilmfg.accounts.proof import begin_sign_in
from tilmfg.accounts.services import invite_user, issue_recovery_codes
from tilmfg.records.models import AuditEvent

pytestmark = pytest.mark.django_db
NEW = "a kettle of quiet herons"


@pytest.fixture
def words():
    return invited("olga", "Forgotten over the holidays")


def invited(whom, reason):
    return invite_user(user=person(whom), reason=reason, credential=credential("root"), by=person("root"))


def choose(client, words, username="olga", new_password=NEW, again=None):
    given = {"username": username, "invitation": words, "new_password": new_password}
    given |= {"again": new_password if again is None else again, "idempotency_key": uuid.uuid4()}
    return client.post(reverse("invited"), given)


def test_who_is_invited_chooses_a_password_and_nobody_else_knows_it(client, words):
    assert choose(client, words.lower().replace("-", " ")).url == reverse("login")
    assert begin_sign_in(name="olga", password=NEW).is_accepted
    assert not begin_sign_in(name="olga", password=PASSWORD).is_accepted
    event = AuditEvent.objects.filter(relation="accounts_user", op="UPDATE").latest("seq")
    assert (event.actor, event.reason) == ("olga", "chosen by invitation")


def test_an_invitation_is_good_once(client, words):
    choose(client, words)
    assert "do not fit, or it has lapsed" in choose(client, words, new_password=NEW + "!").content.decode()
    assert Attempt.objects.filter(purpose="invitation", outcome="wrong_password").count() == 1


def test_an_invitation_is_good_for_three_days_and_until_the_next(client, words):
    newer = invited("olga", "The paper was lost")
    assert choose(client, words).status_code == 422
    assert Invitation.objects.filter(user=person("olga"), spent_at=None).count() == 1
    with time_machine.travel(timezone.now() - timedelta(days=4)):
        old = invited("tomas", "Begins today")
    assert choose(client, old, "tomas").status_code == 422
    assert choose(client, newer).status_code == 302


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"new_password": "short"}, "too short"),
        ({"new_password": "demonstration only"}, "everybody here would try"),
        ({"again": "something else entirely"}, "not what you typed above"),
        ({"username": "tomas"}, "do not fit"),
        ({"username": "nobody"}, "do not fit"),
    ],
)
def test_it_says_what_is_wrong_and_the_invitation_stays_good(client, words, changes, said):
    person("tomas")
    assert said in choose(client, words, **changes).content.decode()
    assert choose(client, words).status_code == 302


def test_wrong_invitations_count_with_the_other_tries(client, words):
    for _ in range(5):
        choose(client, "AAAAA-BBBBB-CCCCC-DDDDD")
    assert "account is locked" in choose(client, words).content.decode()


def change(client, **changes):
    given = {"new_password": NEW, "again": NEW, "password": PASSWORD, "idempotency_key": uuid.uuid4()}
    return client.post(reverse("password_change"), given | changes)


def test_changing_the_password_ends_every_session(client):
    other = Client()
    other.force_login(person("olga"))
    sign_in(client, "olga")
    assert change(client).url == reverse("login")
    assert [one.get(reverse("home")).status_code for one in (client, other)] == [302, 302]
    assert begin_sign_in(name="olga", password=NEW).is_accepted


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "guessed"}, "password"),
        ({"new_password": "short", "again": "short"}, "new_password"),
        ({"new_password": PASSWORD, "again": PASSWORD}, "new_password"),
        ({"new_password": "Olga Petrova Olga", "again": "Olga Petrova Olga"}, "new_password"),
        ({"again": "another"}, "again"),
    ],
)
def test_a_change_is_refused_beside_its_field(client, changes, field):
    sign_in(client, "olga")
    answer = change(client, **changes)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert begin_sign_in(name="olga", password=PASSWORD).is_accepted


def test_changing_the_password_asks_for_a_code_like_the_first_signature(client):
    client.force_login(with_authenticator("olga"))
    assert "one_time_code" in change(client).context["form"].errors


def test_new_recovery_codes_are_shown_once_and_the_old_ones_are_spent(client):
    sign_in(client, "olga")
    issue_recovery_codes(by=person("olga"))
    done = client.post(
        reverse("recovery_codes_issue"), {"password": PASSWORD, "idempotency_key": uuid.uuid4()}
    )
    assert done.url == reverse("recovery_codes")
    assert client.get(done.url).content.decode().count("<code>") == 10
    assert client.get(done.url).url == reverse("account")
    assert person("olga").recovery_codes.filter(spent_at=None).count() == 10
    assert "10 left" in client.get(reverse("account")).content.decode()
