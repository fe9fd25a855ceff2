"""From a name to a session, in two halves, and out of it; P11-22, SEC-06, SEC-07."""

import re
import time

import pytest
from django.contrib.auth import authenticate
from django.urls import reverse

from tests import factories
from tests.cast import PASSWORD, code_of, person, with_authenticator
from tilmfg.accounts import codes
from tilmfg.accounts.models import Attempt, Authenticator, RecoveryCode
from tilmfg.accounts.proof import begin_sign_in
from tilmfg.accounts.services import issue_recovery_codes
from tilmfg.accounts.sessions import end_sessions
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def quinn():
    return with_authenticator("quinn")


def give(client, username="quinn", password=PASSWORD, **fields):
    return client.post(reverse("login"), {"username": username, "password": password} | fields)


def give_code(client, code):
    return client.post(reverse("login_code"), {"one_time_code": code})


def is_in(client):
    return client.get(reverse("home")).status_code == 200


def outcomes():
    return list(Attempt.objects.order_by("id").values_list("outcome", "with_code"))


def test_name_password_and_code_open_a_session_under_new_keys(client, quinn):
    client.get(reverse("login"))
    assert give(client).url == reverse("login_code")
    half = client.session.session_key
    assert not is_in(client)
    assert give_code(client, code_of(quinn)).url == reverse("home")
    assert is_in(client)
    assert client.session.session_key != half
    assert outcomes() == [("begun", False), ("accepted", True)]


def test_case_and_spaces_of_the_name_do_not_count(client, quinn):
    assert give(client, username=" Quinn ").status_code == 302


def test_it_goes_where_the_person_was_going_and_never_to_another_host(client, quinn):
    for wanted, reached in (("/lots/", "/lots/"), ("https://evil.example/", "/"), ("//evil.example/", "/")):
        client.logout()
        give(client, next=wanted)
        assert give_code(client, issue_recovery_codes(by=quinn)[0]).url == reached


@pytest.mark.parametrize("changes", [{"password": "wrong"}, {"username": "nobody"}])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(client, quinn, changes):
    answer = give(client, **changes)
    assert answer.status_code == 422
    assert "Name and password do not fit." in answer.content.decode()
    assert client.get(reverse("login_code")).url == reverse("login")


def test_a_wrong_code_opens_nothing_and_the_fifth_locks(client, quinn):
    give(client)
    for _ in range(4):
        assert "This code is not right" in give_code(client, "000000").content.decode()
    assert "account is locked after 5 wrong tries" in give_code(client, "000000").content.decode()
    assert "account is locked" in give_code(client, code_of(quinn)).content.decode()
    assert "account is locked" in give(client).content.decode()
    assert not is_in(client)


def test_giving_the_password_again_gives_no_new_guesses_at_the_code(client, quinn):
    for _ in range(4):
        give(client)
        give_code(client, "000000")
    give(client)
    assert "account is locked" in give_code(client, "000000").content.decode()


def test_a_code_opens_one_session(client, quinn):
    code = code_of(quinn)
    give(client)
    give_code(client, code)
    client.logout()
    give(client)
    assert "This code was used before" in give_code(client, code).content.decode()
    assert not is_in(client)


def test_the_password_must_have_been_right_minutes_ago(client, quinn):
    give(client)
    session = client.session
    session["half_signed_in"] |= {"at": session["half_signed_in"]["at"] - 301}
    session.save()
    assert give_code(client, code_of(quinn)).url == reverse("login")


def test_whatever_ends_a_persons_sessions_ends_a_sign_in_half_way(client):
    """Who got in by a password that was changed meanwhile sets up no authenticator of their own."""
    person("quinn")
    give(client)
    assert client.get(reverse("enrol")).status_code == 200
    code = codes.code_at(client.session["new_secret"], int(time.time() // codes.STEP_SECONDS)).decode()
    with factories.writing():
        end_sessions(person("quinn"))
    assert client.post(reverse("enrol"), {"one_time_code": code}).url == reverse("login")
    assert not Authenticator.objects.exists()


def test_a_recovery_code_opens_one_session(client, quinn):
    [first, *_] = issue_recovery_codes(by=quinn)
    give(client)
    assert give_code(client, first.lower().replace("-", " ")).url == reverse("home")
    client.logout()
    give(client)
    assert "not right" in give_code(client, first).content.decode()
    [newer, *_] = issue_recovery_codes(by=quinn)
    assert newer != first
    assert RecoveryCode.objects.filter(spent_at=None).count() == 10


def test_who_has_no_authenticator_sets_one_up_before_anything_opens(client):
    person("quinn")
    assert give(client, next="/lots/").url == reverse("enrol")
    assert not is_in(client)
    page = client.get(reverse("enrol")).content.decode()
    sealed = client.session["new_secret"]
    assert codes.typed_secret(sealed) in page
    assert "data:image/svg+xml" in page
    refused = client.post(reverse("enrol"), {"one_time_code": "000000"})
    assert refused.status_code == 422
    assert not Authenticator.objects.exists()
    assert client.session["new_secret"] == sealed
    code = codes.code_at(sealed, int(time.time() // codes.STEP_SECONDS)).decode()
    shown = client.post(reverse("enrol"), {"one_time_code": code}).content.decode()
    assert len(re.findall(r"<code>\w{5}-\w{5}</code>", shown)) == 10
    assert 'href="/lots/"' in shown
    assert is_in(client)
    assert "used before" in again(client, code)


def test_nobody_sets_up_an_authenticator_on_an_account_that_was_locked_meanwhile(client):
    """Whoever has the password alone, while others guess at it."""
    person("quinn")
    give(client)
    client.get(reverse("enrol"))
    code = codes.code_at(client.session["new_secret"], int(time.time() // codes.STEP_SECONDS)).decode()
    for _ in range(5):
        begin_sign_in(name="quinn", password="wrong")
    assert client.get(reverse("enrol")).url == reverse("login")
    assert client.post(reverse("enrol"), {"one_time_code": code}).url == reverse("login")
    assert not Authenticator.objects.exists()
    assert not is_in(client)


def again(client, code):
    client.logout()
    give(client)
    return give_code(client, code).content.decode()


def test_who_has_an_authenticator_sets_up_no_other_with_the_password_alone(client, quinn):
    give(client)
    assert client.get(reverse("enrol")).url == reverse("login")


def test_the_secret_is_neither_in_the_trail_nor_readable_in_the_table(client, quinn):
    held = Authenticator.objects.get()
    secret = codes.typed_secret(held.sealed).replace(" ", "")
    assert secret not in held.sealed
    [event] = AuditEvent.objects.filter(relation="accounts_authenticator")
    assert held.sealed not in event.content
    assert "sha256:" in event.content


def test_leaving_is_on_record(client, quinn):
    client.force_login(quinn)
    assert client.post(reverse("logout")).url == reverse("login")
    assert not is_in(client)
    assert Event.objects.filter(name="accounts.session.ended", actor=quinn).exists()


def test_one_leaves_by_post_only(client, quinn):
    client.force_login(quinn)
    assert client.get(reverse("logout")).status_code == 405
    assert is_in(client)


def test_there_is_no_way_around_the_counted_tries(quinn):
    assert authenticate(username="quinn", password=PASSWORD) is None
