"""Nobody signs before somebody else saw them and a document that says who they are. P11-15"""

import uuid

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from tests import factories
from tests.cast import PASSWORD, person, qualify, sign_in
from tests.raw_sql import again, refused, run
from tests.release import stage
from tilmfg.accounts import services
from tilmfg.accounts.models import IdentityVerification, User
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.accounts.services import UnableToVerify, register_user, verify_identity
from tilmfg.accounts.signing import why_not
from tilmfg.accounts.training import current_statement
from tilmfg.records.context import acting
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import AuditEvent, Event, Signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def petra():
    """Registered, trained, the statement acknowledged; nobody has looked who she is."""
    petra = register_user(
        username="petra",
        printed_name="Petra Novak",
        roles=(Role.QA_REVIEWER,),
        password=PASSWORD,
        by=services.service_account(),
    )
    services.acknowledge_statement(version=current_statement().version, by=petra)
    qualify("petra", signing_code(Role.QA_REVIEWER))
    return petra


def verify(who, *, by="root", document="passport"):
    return verify_identity(person=who, document=document, by=person(by))


def test_a_first_signature_waits_for_it_in_code_and_in_the_database(petra):
    lot = stage.make_reviewable_lot()
    said = why_not("release.lot", parts={"worker": set()}, by=petra)
    assert said.startswith("The identity of Petra Novak was not verified")
    assert "system administrator or a QA approver" in said
    words = "signers_are_qualified: the identity of the signer was not verified"
    with refused(words), acting(actor="petra", verb="tests.sign"):
        factories.sign_for(lot, "release.lot", "petra", "reviewed")
    verify(petra)
    assert factories.sign_for(lot, "release.lot", "petra", "reviewed").signer == petra
    assert not why_not("release.lot", parts={"worker": set()}, by=petra)


def test_the_refused_page_says_who_can_do_it(client):
    """quinn signed under another name and has a new one since."""
    lot = stage.make_reviewable_lot()
    stage.look_through(lot)
    sign_in(client, "quinn")
    url = reverse("lot_review", args=[lot.number])
    hidden = client.get(url).context["form"]
    sent = {name: hidden[name].value() for name in ("seen_digest", "seen_version")}
    sent |= {"decision": "release", "reason": "Complete and correct", "password": PASSWORD}
    run("UPDATE accounts_user SET printed_name = 'Quinn Novak' WHERE username = 'quinn'")
    answer = client.post(url, sent | {"idempotency_key": str(uuid.uuid4())})
    page = answer.content.decode()
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "The identity of Quinn Novak was not verified" in page
    assert "QA approver other than you" in page
    assert "Complete and correct" in page  # what was typed is still here …
    assert PASSWORD not in page  # … but the secret
    assert not Signature.objects.filter(subject_kind="release.lot", meaning="reviewed").exists()
    assert "The identity of Quinn Novak was not verified" in client.get(url).content.decode()


def test_it_is_on_record_by_whom_when_and_by_what(petra):
    verification = verify(petra, document="driving_licence")
    event = Event.objects.get(name="accounts.identity.verified")
    assert event.details == {
        "username": "petra", "printed_name": "Petra Novak", "document": "driving_licence",
    }  # fmt: skip
    audited = AuditEvent.objects.get(relation="accounts_identityverification", key=str(verification.pk))
    assert (audited.actor, audited.verb) == ("root", "accounts.identity.verify")


def test_it_refuses_oneself_leavers_the_program_and_a_document_that_does_not_count(petra):
    with pytest.raises(UnableToVerify, match="Nobody verifies their own identity"):
        verify(person("rosa"), by="rosa")
    with pytest.raises(UnableToVerify, match="no active account of a person"):
        verify(User.objects.service_account())
    with pytest.raises(UnableToVerify, match="“library_card” is no document that counts; these do: passport"):
        verify(petra, document="library_card")
    with pytest.raises(NotAuthorised):
        verify(petra, by="quinn")
    services.deactivate_user(user=petra, reason="Left the house", by=person("root"))
    petra.refresh_from_db()
    with pytest.raises(UnableToVerify, match="no active account"):
        verify(petra)


def write(petra, *, actor, by=None, **changed):
    values = {"printed_name": petra.printed_name, "document": "passport"} | changed
    with acting(actor=actor, verb="tests.write"), transaction.atomic():
        IdentityVerification.objects.create(person=petra, verified_by=person(by or actor), **values)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"actor": "eve"}, "identities_are_verified_by_who_may: not somebody who may"),
        ({"actor": "quinn"}, "identities_are_verified_by_who_may: not somebody who may"),
        ({"actor": "eve", "by": "root"}, "identities_are_verified_by_who_may: nobody vouches in the name"),
        ({"actor": "root", "printed_name": "Rosa"}, "identities_are_verified_by_who_may: not the name"),
        ({"actor": "root", "document": "library_card"}, "identities_are_verified_by_a_known_document"),
    ],
)
def test_the_database_takes_no_other_verification(petra, given, words):
    for who in {given["actor"], given.get("by", given["actor"])}:
        person(who)
    with refused(words):
        write(petra, **given)


def test_the_database_lets_nobody_verify_themselves_or_change_what_was_said(petra):
    rosa = person("rosa")
    with refused("nobody_verifies_their_own_identity"):
        write(rosa, actor="rosa")
    verification = verify(petra)
    with refused("append-only"):
        run("UPDATE accounts_identityverification SET document = 'company_badge'")
    with refused("identities_are_verified_by_who_may"):  # lent to another person, by an intruder
        again(verification, person_id=rosa.pk)


def test_it_is_done_on_the_page_of_the_person_who_sees_it_too(petra, client):
    client.force_login(person("rosa"))
    url = reverse("person", args=["petra"])
    assert "Not verified under this name" in client.get(url).content.decode()
    sent = {"idempotency_key": str(uuid.uuid4())}
    empty = client.post(reverse("identity_verify", args=["petra"]), sent)
    assert (empty.status_code, petra.identity_verifications.count()) == (422, 0)
    sent = {"document": "national_identity_card", "idempotency_key": str(uuid.uuid4())}
    assert client.post(reverse("identity_verify", args=["petra"]), sent).url == url
    assert "by Rosa Almeida: national identity card" in client.get(url).content.decode()
    assert (
        reverse("identity_verify", args=["rosa"])
        not in client.get(reverse("person", args=["rosa"])).content.decode()
    )
    client.force_login(petra)
    assert "by Rosa Almeida: national identity card" in client.get(reverse("account")).content.decode()


def test_whose_identity_is_missing_stands_on_the_first_page_of_those_who_verify(petra, client):
    for who in ("root", "rosa"):
        client.force_login(person(who))
        assert "identity to verify before a first signature" in client.get(reverse("home")).content.decode()
    verify(petra)
    assert "to verify before a first" not in client.get(reverse("home")).content.decode()


def test_the_administrator_of_the_first_start_verifies_others_and_is_verified_by_one_of_them(capsys):
    call_command("register_administrator", "ruth", "Ruth Ottesen", reason="First start of the facility")
    ruth = User.objects.get(username="ruth")
    by = services.service_account()  # ruth has no password yet to prove herself with
    maria = register_user(username="maria", printed_name="Maria Sol", roles=(Role.QA_APPROVER,), by=by)
    verify_identity(person=maria, document="passport", by=ruth)
    verify_identity(person=ruth, document="passport", by=maria)
    assert {one.person.username for one in IdentityVerification.objects.all()} == {"maria", "ruth"}
    assert "accounts/invited" in capsys.readouterr().out
