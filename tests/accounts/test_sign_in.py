"""From a name to a session and out of it."""

import pytest
from django.contrib.auth import authenticate
from django.urls import reverse

from tests.cast import PASSWORD, person
from tilmfg.accounts.models import Attempt
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


def give(client, username="quinn", password=PASSWORD, **fields):
    person("quinn")
    return client.post(reverse("login"), {"username": username, "password": password} | fields)


def test_name_and_password_open_a_session_under_a_new_key(client):
    client.get(reverse("login"))
    client.session["planted"] = "by somebody"
    before = client.session.session_key
    assert give(client).url == reverse("home")
    assert client.session.session_key != before
    assert client.get(reverse("home")).context["request"].user == person("quinn")


def test_case_and_spaces_of_the_name_do_not_count(client):
    assert give(client, username=" Quinn ").status_code == 302


def test_it_goes_where_the_person_was_going_and_never_to_another_host(client):
    assert give(client, next="/lots/").url == "/lots/"
    client.logout()
    assert give(client, next="https://evil.example/").url == reverse("home")
    client.logout()
    assert give(client, next="//evil.example/").url == reverse("home")


@pytest.mark.parametrize("changes", [{"password": "wrong"}, {"username": "nobody"}])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(client, changes):
    answer = give(client, **changes)
    assert answer.status_code == 422
    assert "Name and password do not fit." in answer.content.decode()
    assert "wrong" not in answer.content.decode().partition("<form")[2].partition('name="password"')[2][:80]
    assert not client.session.get("_auth_user_id")


def test_a_locked_account_is_told_so(client):
    for _ in range(5):
        give(client, password="wrong")
    assert "This account is locked after 5 wrong tries" in give(client).content.decode()
    assert Attempt.objects.filter(outcome="locked").exists()


def test_leaving_is_on_record(client):
    give(client)
    assert client.post(reverse("logout")).url == reverse("login")
    assert client.get(reverse("home")).status_code == 302
    assert Event.objects.filter(name="accounts.session.ended", actor=person("quinn")).exists()


def test_one_leaves_by_post_only(client):
    give(client)
    assert client.get(reverse("logout")).status_code == 405
    assert client.get(reverse("home")).status_code == 200


def test_there_is_no_way_around_the_counted_tries():
    person("quinn")
    assert authenticate(username="quinn", password=PASSWORD) is None
