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
    ],
    ids=lambda verb: getattr(verb, "__name__", ""),
)
def test_it_is_refused_without_the_administrators_password(verb, given):
    proof = credential("root", "guessed")
    with pytest.raises(UnableTo, match="password is not right"):
        verb(user=person("eve"), reason=WHY, credential=proof, by=person("root"), **given)


def test_only_the_program_itself_invites_without_one():
    with pytest.raises(services.UnableToAdminister, match="your own password"):
        services.invite_user(user=person("eve"), reason=WHY, credential=None, by=person("root"))


@pytest.mark.parametrize(
    "page", ["person_invite", "role_grant", "person_reset_authenticator", "person_link", "person_unlock"]
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
