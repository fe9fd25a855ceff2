"""An administrator's desk left open for a moment lets nobody in as somebody else; P11-17, SEC-02."""

import uuid

import pytest
from django.urls import reverse

from tests.cast import PASSWORD, code_of, credential, person, with_authenticator
from tilmfg.accounts import services
from tilmfg.accounts.models import RoleGrant
from tilmfg.records.errors import UnableTo

pytestmark = pytest.mark.django_db
WHY = "Asked for at the desk"


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        (services.invite_user, {}),
        (services.grant_role, {"role": "analyst"}),
        (services.reset_authenticator, {}),
        (services.link_provider, {"subject": "00u1eve"}),
        (services.unlock_user, {"lock": 0}),
        (services.issue_badge, {}),
        (services.reactivate_user, {}),
    ],
    ids=lambda verb: getattr(verb, "__name__", ""),
)
def test_it_is_refused_without_the_administrators_password(verb, given):
    proof = credential("root", "guessed")
    with pytest.raises(UnableTo, match="password is not right"):
        verb(user=person("eve"), reason=WHY, credential=proof, by=person("root"), **given)


NEW = {"username": "petra", "printed_name": "Petra Novak", "roles": ("analyst",)}


def test_nobody_is_registered_without_it():
    with pytest.raises(UnableTo, match="password is not right"):
        services.register_user(**NEW, credential=credential("root", "guessed"), by=person("root"))
    services.register_user(**NEW, credential=credential("root"), by=person("root"))


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        (services.invite_user, {"reason": WHY}),
        (services.issue_badge, {"reason": WHY}),
        (services.register_user, NEW),
    ],
    ids=lambda verb: getattr(verb, "__name__", ""),
)
def test_only_the_program_itself_gives_none(verb, given):
    whom = {} if given is NEW else {"user": person("olga")}
    with pytest.raises(UnableTo, match="your own password"):
        verb(**whom, **given, credential=None, by=person("root"))
    assert verb(**whom, **given, credential=None, by=services.service_account())


def test_the_page_that_registers_asks_for_password_and_code(client):
    client.force_login(with_authenticator("root"))
    answer = client.post(reverse("person_register"), NEW | {"idempotency_key": uuid.uuid4()})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"password", "one_time_code"}
    assert "Petra Novak" in answer.content.decode()  # what was typed stays


@pytest.mark.parametrize(
    "page",
    [
        "badge_issue",
        "person_invite",
        "person_link",
        "person_reactivate",
        "person_reset_authenticator",
        "person_unlock",
        "role_grant",
    ],
)
def test_each_page_asks_for_password_and_code(client, page):
    client.force_login(with_authenticator("root"))
    person("eve")
    url = reverse(page, args=["eve"])
    answer = client.post(url, {"reason": WHY, "idempotency_key": uuid.uuid4()})
    assert answer.status_code == 422
    assert {"password", "one_time_code"} <= set(answer.context["form"].errors)
    assert WHY in answer.content.decode()  # what was typed stays


def test_the_first_time_of_a_session_takes_both_the_next_the_password(client):
    root = with_authenticator("root")
    client.force_login(root)
    person("eve")
    sent = {"reason": WHY, "password": PASSWORD}
    first = {"role": "analyst", "one_time_code": code_of(root), "idempotency_key": uuid.uuid4()}
    assert client.post(reverse("role_grant", args=["eve"]), sent | first).status_code == 302
    again = {"idempotency_key": uuid.uuid4()}
    assert client.post(reverse("person_invite", args=["eve"]), sent | again).status_code == 302
    assert RoleGrant.objects.get(user=person("eve")).granted_by == root
