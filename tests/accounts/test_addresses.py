"""Whoever tries one name after the other from one address waits; P11-21"""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from tests.cast import PASSWORD, person
from tilmfg.accounts import addresses
from tilmfg.accounts.addresses import MINUTES, address_of
from tilmfg.accounts.models import Attempt
from tilmfg.records.models import Event

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"
FEW = 4


@pytest.fixture
def few_tries(monkeypatch):
    assert addresses.WRONG_TRIES == 30
    monkeypatch.setattr(addresses, "WRONG_TRIES", FEW)


def give(client, name, password, *, address=HERE):
    return client.post(reverse("login"), {"username": name, "password": password}, REMOTE_ADDR=address)


@pytest.mark.django_db
def test_after_thirty_wrong_tries_at_any_names_an_address_waits_and_no_other_does(client, few_tries):
    person("quinn")
    for number in range(FEW):
        assert give(client, f"nobody{number}", "a guess").status_code == 422
    refused = give(client, "quinn", PASSWORD)
    assert (refused.status_code, refused["Retry-After"]) == (429, str(MINUTES * 60))
    assert "Wait a few minutes" in refused.content.decode()
    for page in ("login_code", "invited"):
        assert client.post(reverse(page), REMOTE_ADDR=HERE).status_code == 429
    assert Attempt.objects.filter(address=HERE).count() == FEW, "nothing more was compared"
    told = Event.objects.filter(name="accounts.user.refused", details__address=reverse("login")).get()
    assert HERE in told.details["because"]
    assert client.get(reverse("login"), REMOTE_ADDR=HERE).status_code == 200
    assert give(client, "quinn", PASSWORD, address=ELSEWHERE).status_code == 302


@pytest.mark.django_db
def test_tries_that_are_right_are_not_counted(client, few_tries):
    person("quinn")
    for _ in range(FEW + 1):
        assert give(client, "quinn", PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("proxied", "forwarded", "address"),
    [
        (True, f"{ELSEWHERE}, {HERE}", HERE),  # what stands before the last, whoever asked could have written
        (True, "", "10.0.0.1"),
        (True, "unknown", None),
        (False, ELSEWHERE, "10.0.0.1"),
    ],
)
def test_only_the_last_proxy_is_believed(settings, proxied, forwarded, address):
    settings.TILMFG_BEHIND_PROXY = proxied
    told = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert address_of(RequestFactory().post("/", REMOTE_ADDR="10.0.0.1", **told)) == address
