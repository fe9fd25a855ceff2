"""Nobody signs before having acknowledged what a signature binds them to. P11-10"""

import uuid

import pytest
from django.db import DatabaseError
from django.urls import reverse

from tests import factories
from tests.cast import PASSWORD, person, sign_in
from tests.release import stage
from tilmfg.accounts import services
from tilmfg.accounts.models import Acknowledgement, Statement
from tilmfg.accounts.signing import StatementNotAcknowledged
from tilmfg.accounts.training import acknowledgement_of, current_statement
from tilmfg.records.errors import ChangedMeanwhile, UnableTo
from tilmfg.records.models import Signature

pytestmark = pytest.mark.django_db


def publish(text="A stricter text.", reason="The policy was revised"):
    return services.publish_statement(text=text, reason=reason, by=person("rosa"))


def test_a_first_version_is_in_force_from_the_beginning():
    assert "handwritten" in current_statement().text


def test_a_new_version_stops_everybody_until_they_acknowledge_it():
    lot = stage.make_reviewable_lot()
    new = publish()
    with pytest.raises(StatementNotAcknowledged, match="nothing was signed"):
        stage.review(lot)
    assert not Signature.objects.filter(subject_kind="release.lot").exists()
    services.acknowledge_statement(version=new.version, by=person("quinn"))
    assert stage.review(lot).review.printed_name == "Quinn O’Hara"


def test_an_earlier_version_is_not_acknowledged_any_more():
    earlier = current_statement()
    publish()
    with pytest.raises(ChangedMeanwhile):
        services.acknowledge_statement(version=earlier.version, by=person("ana"))


def test_it_is_acknowledged_once():
    new = publish()
    for _ in range(2):
        services.acknowledge_statement(version=new.version, by=person("ana"))
    assert Acknowledgement.objects.filter(person=person("ana"), statement=new).count() == 1


@pytest.mark.parametrize(
    ("changed", "field"), [({"text": " "}, "text"), ({"reason": "."}, "reason"), ({"reason": ""}, "reason")]
)
def test_it_refuses_a_version_without_text_or_reason(changed, field):
    with pytest.raises(UnableTo) as refusal:
        publish(**changed)
    assert refusal.value.field == field


def test_the_database_keeps_every_version_as_it_was():
    with pytest.raises(DatabaseError, match="append-only"), factories.writing():
        Statement.objects.update(text="I promise nothing.")


def test_the_page_of_a_refused_signature_leads_to_the_statement_and_that_to_the_declaration(client):
    lot = stage.make_reviewable_lot()
    publish()
    sign_in(client, "quinn")
    url = reverse("lot_review", args=[lot.number])
    hidden = client.get(url).context["form"]
    sent = {name: hidden[name].value() for name in ("seen_digest", "seen_version")}
    sent |= {"decision": "release", "reason": "Complete and correct", "password": PASSWORD}
    refused = client.post(url, sent | {"idempotency_key": str(uuid.uuid4())})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Complete and correct" in page
    assert f'href="{reverse("statement")}"' in page
    declared = client.post(
        reverse("statement"),
        {"version": current_statement().version, "idempotency_key": str(uuid.uuid4())},
    )
    assert declared.status_code == 302
    assert acknowledgement_of(person("quinn"))
    assert "You acknowledged this version" in client.get(reverse("statement")).content.decode()


def test_nobody_acknowledges_what_was_published_after_they_opened_the_page(client):
    sign_in(client, "quinn")
    read = client.get(reverse("statement")).context["form"]["version"].value()
    new = publish()
    sent = {"version": read, "idempotency_key": str(uuid.uuid4())}
    refused = client.post(reverse("statement"), sent)
    assert refused.status_code == 409
    assert "A stricter text." in refused.content.decode()
    assert not acknowledgement_of(person("quinn"))
    assert refused.context["form"]["version"].value() == new.version


def test_the_approver_publishes_on_a_page(client):
    sign_in(client, "rosa")
    sent = {"text": "Another text.", "reason": "The policy was revised", "idempotency_key": str(uuid.uuid4())}
    assert client.post(reverse("statement_publish"), sent).status_code == 302
    assert current_statement().text == "Another text."
