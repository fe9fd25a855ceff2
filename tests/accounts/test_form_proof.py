"""On pages: a wrong secret stays on record although the form's own transaction is rolled back."""

import uuid

import pytest
from django.http import HttpResponse
from django.urls import reverse

from tests.cast import PASSWORD, person
from tests.quality.test_open_deviation import open_one
from tilmfg.accounts.access import proves_signer
from tilmfg.accounts.models import Attempt

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def close(client):
    client.force_login(person("quinn"))
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


def test_proof_below_once_is_refused_when_it_is_written():
    with pytest.raises(TypeError, match="stands above @once"):
        proves_signer(HttpResponse)
