"""Passkeys through the pages: asked for at the moment, once, in this browser's session; SEC-06, P11-20."""

import json
import time
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, code_of, person, with_authenticator
from tests.passkeys import SecurityKey, with_passkey
from tests.quality.test_open_deviation import open_one
from tilmfg.accounts.models import Attempt, Passkey
from tilmfg.accounts.passkeys import LASTS_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    with_authenticator("quinn")
    return with_passkey("quinn")


def begin(client, username="quinn"):
    return client.post(reverse("login"), {"username": username, "password": PASSWORD})


def asked(client, name="passkey_ask"):
    return json.loads(client.post(reverse(name)).content)


def give(client, answer):
    return client.post(reverse("login_code"), {"passkey": answer})


def outcomes():
    return list(Attempt.objects.order_by("id").values_list("outcome", flat=True))


def test_password_and_passkey_open_a_session(client, key):
    assert begin(client).url == reverse("login_code")
    assert "data-passkey" in client.get(reverse("login_code")).content.decode()
    assert give(client, key.answer(asked(client))).url == reverse("home")
    assert client.get(reverse("home")).status_code == 200


def test_nobody_is_asked_before_the_password(client, key):
    assert client.post(reverse("passkey_ask")).status_code == 403
    assert give(client, "{}").url == reverse("login")


def test_who_has_none_is_offered_none(client):
    with_authenticator("quinn")
    begin(client)
    assert "data-passkey" not in client.get(reverse("login_code")).content.decode()


def test_an_answer_to_another_browser_opens_nothing_and_is_not_shown_again(client, key):
    other = Client()
    begin(other)
    stolen = key.answer(asked(other))
    begin(client)
    asked(client)
    answered = give(client, stolen)
    assert answered.status_code == 422
    assert "not accepted" in answered.content.decode()
    assert "signature" not in answered.content.decode()
    assert outcomes()[-1] == "wrong_passkey"


def test_the_last_question_alone_is_open_for_one_answer_and_some_minutes(client, key, monkeypatch):
    begin(client)
    first = key.answer(asked(client))
    asked(client)
    assert give(client, first).status_code == 422
    question = asked(client)
    assert give(client, key.answer(question, flags=0)).status_code == 422
    assert give(client, key.answer(question)).status_code == 422
    question, later = asked(client), time.time() + LASTS_SECONDS + 1
    begin_again = client.session
    begin_again["half_signed_in"] |= {"at": later}
    begin_again.save()
    monkeypatch.setattr("time.time", lambda: later)
    assert give(client, key.answer(question)).status_code == 422
    assert outcomes() == ["begun", *["wrong_passkey"] * 4]


def test_wrong_passkeys_lock_on_the_page(client, key):
    begin(client)
    for _ in range(4):
        give(client, SecurityKey().answer(asked(client)))
    assert "locked after 5 wrong tries" in give(client, "{}").content.decode()


def test_it_signs_in_place_of_the_code_and_once(client, key):
    client.force_login(person("quinn"))
    fields = {"classification": "minor", "impact": "None.", "reason": "Concluded.", "password": PASSWORD}

    def close(answer):
        url = reverse("deviation_close", args=[open_one().number])
        return client.post(url, fields | {"passkey": answer, "idempotency_key": uuid.uuid4()})

    answer = key.answer(asked(client))
    assert "one_time_code" in close("").context["form"].errors
    assert close(answer).status_code == 302
    assert outcomes() == ["accepted"]
    again = Client()
    again.force_login(person("quinn"))
    url = reverse("deviation_close", args=[open_one().number])
    replayed = again.post(url, fields | {"passkey": answer, "idempotency_key": uuid.uuid4()})
    assert "not accepted" in str(replayed.context["form"].errors["one_time_code"])
    assert outcomes() == ["accepted", "wrong_passkey"]


def add(client, key, **changes):
    sent = {
        "name": "Badge",
        "new_passkey": key.make(asked(client, "passkey_ask_new")),
        "password": PASSWORD,
        "idempotency_key": uuid.uuid4(),
    }
    return client.post(reverse("passkey_add"), sent | changes)


def test_it_is_added_after_full_proof_also_when_something_was_signed_before(client):
    quinn = with_authenticator("quinn")
    client.force_login(quinn)
    refused = add(client, SecurityKey())
    assert "one_time_code" in refused.context["form"].errors
    assert "Your device has made the passkey." in refused.content.decode()
    added = add(client, SecurityKey(), one_time_code=code_of(quinn))
    assert added.url == reverse("account")
    assert "Badge" in client.get(reverse("account")).content.decode()
    assert "one_time_code" in add(client, SecurityKey(), name="Next").context["form"].errors


def test_what_the_device_made_can_be_sent_again_under_another_name_and_once(client, key):
    client.force_login(person("quinn"))
    made = SecurityKey().make(asked(client, "passkey_ask_new"))

    def send(name):
        sent = {"name": name, "new_passkey": made, "password": PASSWORD, "idempotency_key": uuid.uuid4()}
        return client.post(reverse("passkey_add"), sent | {"passkey": key.answer(asked(client))})

    assert "name" in send("Blue key").context["form"].errors
    assert send("Red key").url == reverse("account")
    assert "new_passkey" in send("Green key").context["form"].errors
    assert Passkey.objects.count() == 2


def test_removing_one_ends_the_session(client, key):
    client.force_login(person("quinn"))
    url = reverse("passkey_remove", args=[Passkey.objects.get().pk])
    sent = {"reason": "Lost on the train", "password": PASSWORD, "idempotency_key": uuid.uuid4()}
    assert client.post(url, sent).status_code == 422
    sent |= {"passkey": key.answer(asked(client)), "idempotency_key": uuid.uuid4()}
    assert client.post(url, sent).url == reverse("login")
    assert client.get(reverse("home")).status_code == 302
    assert not person("quinn").has_passkey
