"""What a system administrator does to others' accounts; P11-15, P11-17, P11-18, P11-20, A11-07, MHRA-1."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.cast import PASSWORD, credential, person, sign_in
from tilmfg.accounts.models import RoleGrant, User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.services import (
    UnableToAdminister,
    deactivate_user,
    grant_role,
    invite_user,
    reactivate_user,
    register_user,
    revoke_role,
    service_account,
)
from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db
WHY = "Agreed with the head of quality."


def is_in(client):
    return client.get(reverse("home")).status_code == 200


@pytest.fixture
def olga_twice():
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(person("olga"))
        assert is_in(client)
    return clients


def register(username="petra", roles=(Role.TECHNICIAN,), **changes):
    given = {"username": username, "printed_name": "Petra Novak", "roles": roles, "by": person("root")}
    return register_user(**given | {"credential": credential("root")} | changes)


def grant(username, role):
    return grant_role(
        user=person(username), role=role, reason=WHY, credential=credential("root"), by=person("root")
    )


def test_who_is_registered_has_roles_and_no_password_yet():
    petra = register()
    assert petra.holds(Role.TECHNICIAN)
    assert not petra.has_usable_password()
    assert petra.role_grants.get().granted_by == person("root")


def test_it_refuses_to_let_anybody_give_another_a_password():
    with pytest.raises(UnableToAdminister, match="choose their own passwords"):
        register(password="something that root knows")


@pytest.mark.parametrize("username", ["olga", " OLGA "])
def test_a_name_is_never_given_twice(username):
    person("olga")
    with pytest.raises(UnableToAdminister, match="never given twice"):
        register(username)


def test_what_is_no_user_name_is_refused():
    with pytest.raises(ValidationError, match="lower-case letters"):
        register("not a name")


@pytest.mark.parametrize("roles", [(), (Role.SYSTEM_ADMINISTRATOR, Role.QA_APPROVER)])
def test_it_refuses_no_role_and_roles_that_exclude_each_other(roles):
    with pytest.raises(UnableToAdminister):
        register(roles=roles)


def test_deactivating_ends_every_session_within_one_request(olga_twice):
    deactivate_user(user=person("olga"), reason=WHY, by=person("root"))
    assert [is_in(client) for client in olga_twice] == [False, False]
    reactivate_user(user=person("olga"), reason=WHY, credential=credential("root"), by=person("root"))
    assert [is_in(client) for client in olga_twice] == [False, False]  # and they stay ended
    assert person("olga").is_active


def test_revoking_a_role_ends_every_session_and_the_grant_stays_on_record(olga_twice):
    revoke_role(user=person("olga"), role=Role.TECHNICIAN, reason=WHY, by=person("root"))
    assert [is_in(client) for client in olga_twice] == [False, False]
    assert RoleGrant.objects.get(user=person("olga")).revoked_at is not None
    event = AuditEvent.objects.filter(relation="accounts_rolegrant", op="UPDATE").get()
    assert (event.actor, event.verb, event.reason) == ("root", "accounts.role.revoke", WHY)


def test_granting_says_who_and_why():
    grant("eve", Role.ANALYST)
    assert person("eve").holds(Role.ANALYST)
    event = Event.objects.get(name="accounts.role.granted")
    assert event.details == {"username": "eve", "role": "analyst", "reason": WHY}
    assert AuditEvent.objects.filter(relation="accounts_rolegrant", reason=WHY).exists()


def test_segregation_is_said_in_a_sentence():
    with pytest.raises(
        UnableToAdminister, match="Nobody both administers the system and works on its records"
    ):
        grant("olga", Role.SYSTEM_ADMINISTRATOR)


def proven(verb):
    return lambda **given: verb(credential=credential("root"), **given)


@pytest.mark.parametrize(
    ("verb", "changes"),
    [
        (deactivate_user, {}),
        (proven(reactivate_user), {}),
        (proven(invite_user), {}),
        (proven(grant_role), {"role": "auditor"}),
        (revoke_role, {"role": "system_administrator"}),
    ],
)
@pytest.mark.parametrize("whom", ["root", "celery"])
def test_nobody_does_it_to_themselves_and_nobody_to_the_service_account(verb, changes, whom):
    user = person("root") if whom == "root" else service_account()
    with pytest.raises(UnableToAdminister):
        verb(user=user, reason=WHY, by=person("root"), **changes)


@pytest.mark.parametrize(
    ("verb", "changes"),
    [(proven(reactivate_user), {}), (revoke_role, {"role": "analyst"})],
)
def test_what_is_so_already_is_said(verb, changes):
    with pytest.raises(ChangedMeanwhile):
        verb(user=person("olga"), reason=WHY, by=person("root"), **changes)
    with pytest.raises(UnableToAdminister, match="already"):
        grant("olga", "technician")
    with pytest.raises(UnableToAdminister, match="is no role"):
        grant("olga", "emperor")


@pytest.fixture
def send(client):
    sign_in(client, "root")

    def send(name, *arguments, **fields):
        url = reverse(name, args=arguments)
        return client.post(url, {"idempotency_key": uuid.uuid4(), "reason": WHY} | fields)

    return send


def test_a_person_is_administered_on_pages(send, client):
    petra = {"username": "Petra", "printed_name": "Petra Novak", "roles": ["analyst"]}
    registered = send("person_register", **petra, password=PASSWORD)
    assert registered.url == reverse("person", args=["petra"])
    assert send("role_grant", "petra", role="qa_reviewer", password=PASSWORD).status_code == 302
    assert send("role_revoke", "petra", role="analyst").status_code == 302
    assert User.objects.get(username="petra").roles == {"qa_reviewer"}
    refused = send("role_grant", "petra", role="system_administrator", password=PASSWORD)
    assert refused.status_code == 422
    assert "Nobody both administers the system" in refused.content.decode()
    assert WHY in refused.content.decode()  # what was typed stays
    send("person_deactivate", "petra")
    assert "Deactivated" in client.get(reverse("person", args=["petra"])).content.decode()
    send("person_reactivate", "petra", password=PASSWORD)
    assert User.objects.get(username="petra").is_active


@pytest.mark.parametrize(
    "fields", [{"username": "x y"}, {"printed_name": ""}, {"roles": []}, {"roles": ["emperor"]}]
)
def test_a_form_that_is_wrong_is_answered_with_what_is(send, fields):
    given = {"username": "petra", "printed_name": "Petra Novak", "roles": ["analyst"], "password": PASSWORD}
    assert send("person_register", **given | fields).status_code == 422
    assert not User.objects.filter(username="petra").exists()


def test_an_invitation_is_shown_once_and_kept_as_a_digest(send, client):
    person("olga")
    assert send("person_invite", "olga", password=PASSWORD).status_code == 302
    page = client.get(reverse("person", args=["olga"])).content.decode()
    words = page.partition('class="invitation"><code>')[2][:23]
    assert len(words.split("-")) == 4
    assert words not in client.get(reverse("person", args=["olga"])).content.decode()
    assert not AuditEvent.objects.filter(content__contains=words).exists()


def test_the_first_administrator_comes_from_the_command_line(capsys):
    for _ in range(2):  # the second time because the words were lost
        call_command("register_administrator", "petra", "Petra Novak", reason="First start of the facility")
    petra = User.objects.get(username="petra")
    assert petra.roles == {"system_administrator"}
    assert petra.invitations.filter(spent_at=None).count() == 1
    assert "/accounts/invited" in capsys.readouterr().out


def test_the_database_lets_nobody_invite_themselves():
    root = person("root")
    with pytest.raises(IntegrityError, match="nobody_invites_themselves"), factories.writing():
        root.invitations.create(digest="0" * 64, issued_by=root, expires_at=factories.NOW)
