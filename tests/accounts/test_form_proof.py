"""On pages: a wrong secret stays on record although the form's own transaction is rolled back."""

import uuid

import pytest
from django.http import HttpResponse
from django.urls import reverse

from tests.cast import PASSWORD, code_of, person, sign_in, with_authenticator
from tests.quality.test_open_deviation import open_one
from tilmfg.accounts.access import proves_signer
from tilmfg.accounts.models import Attempt
from tilmfg.records.models import Signature

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def close(client):
    sign_in(client, "quinn")
    url = reverse("deviation_close", args=[open_one().number])
    fields = {"classification": "minor", "impact": "None.", "reason": "Concluded.", "password": PASSWORD}
    return lambda key=None, **changes: client.post(
        url, fields | {"idempotency_key": key or uuid.uuid4()} | changes
    )


def outcomes():
    return list(Attempt.objects.filter(user=person("quinn")).values_list("outcome", flat=True))


def test_a_wrong_password_is_refused_and_stays_on_record(close):
    assert close(password="guessed").status_code == 422
    assert outcomes() == ["wrong_password"]


def test_the_fifth_locks_and_the_page_says_so_beside_the_field(close):
    for _ in range(5):
        answer = close(password="guessed")
    assert "account is locked after 5 wrong tries" in str(answer.context["form"].errors["password"])
    assert close().status_code == 422


def test_a_form_sent_twice_is_proved_once_and_answered_the_same(close):
    key = uuid.uuid4()
    assert close(key)["Location"] == close(key, password="whatever")["Location"]
    assert outcomes() == ["accepted"]


def test_a_password_that_is_missing_is_no_try(close):
    assert "This field is required" in str(close(password="").context["form"].errors["password"])
    assert outcomes() == []


@pytest.fixture
def close_anew(client):
    """Signed in, and nothing signed yet in this session."""
    client.force_login(with_authenticator("quinn"))

    def close(deviation, **changes):
        fields = {"classification": "minor", "impact": "None.", "reason": "Concluded.", "password": PASSWORD}
        url = reverse("deviation_close", args=[deviation.number])
        return client.post(url, fields | {"idempotency_key": uuid.uuid4()} | changes)

    return close


def test_the_first_signature_of_a_session_asks_for_password_and_code_the_next_for_the_password(close_anew):
    """P11-16"""
    first, second = open_one(), open_one()
    refused = close_anew(first)
    assert "This field is required" in str(refused.context["form"].errors["one_time_code"])
    assert close_anew(first, one_time_code="000000").status_code == 422
    assert close_anew(first, one_time_code=code_of(person("quinn"))).status_code == 302
    assert close_anew(second).status_code == 302
    assert outcomes() == ["wrong_code", "accepted", "accepted"]


def test_a_code_that_was_right_is_not_asked_for_again_when_the_form_is_refused_for_something_else(close_anew):
    refused = close_anew(open_one(), impact="", one_time_code=code_of(person("quinn")))
    assert refused.status_code == 422
    assert "one_time_code" not in refused.context["form"].fields


def test_a_new_session_asks_for_everything_again(close_anew, client):
    assert close_anew(open_one(), one_time_code=code_of(person("quinn"))).status_code == 302
    client.force_login(person("rosa"))
    client.force_login(person("quinn"))
    assert "one_time_code" in close_anew(open_one()).context["form"].errors


def test_a_password_or_a_session_alone_signs_nothing(client):
    """P11-16"""
    client.force_login(with_authenticator("quinn"))
    url = reverse("deviation_close", args=[open_one().number])
    assert client.post(url, {"idempotency_key": uuid.uuid4()}).status_code == 422
    assert not Signature.objects.exists()


def test_proof_below_once_is_refused_when_it_is_written():
    with pytest.raises(TypeError, match="stands above @once"):
        proves_signer(HttpResponse)
