"""A stopped order goes on when QA has found out what happened, signed by somebody who did not stop it."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from tests.cast import PASSWORD, credential, grant, person, sign_in
from tests.factories import make_order, sign_for, writing
from tests.raw_sql import refused
from tilmfg.identity import services
from tilmfg.identity.models import Resumption, TherapyOrder
from tilmfg.identity.selectors import last_stop
from tilmfg.quality.models import Deviation
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Event
from tilmfg.records.signature_status import status

pytestmark = pytest.mark.django_db

GROUNDS = "Wristband and bag were compared by two people; the nurse stood at the wrong bed."


def stopped_order(*, state="received", deviation="closed", stopped_by="olga"):
    order = make_order(state=state)
    services.stop_order(order=order, title="Another label", description="Read.", by=person(stopped_by))
    if deviation == "closed":
        close(Deviation.objects.get(chain=order.chain))
    return order


def close(deviation):
    with writing():
        deviation.closure = sign_for(deviation, "quality.deviation", "quinn", meaning="closed")
        deviation.state, deviation.impact = "closed", "None."
        deviation.save()


def resume(order, *, by="rosa", grounds=GROUNDS, reason="The identity is certain."):
    return services.resume_order(
        order=order,
        seen=stop_of(order),
        grounds=grounds,
        reason=reason,
        credential=credential(by),
        by=person(by),
    )


def stop_of(order):
    """As the page shows it."""
    stop = last_stop(order)
    return stop.pk if stop else 0


def state_of(order):
    return TherapyOrder.objects.get(pk=order.pk).state


def test_it_goes_on_where_it_stood_and_the_stop_stays_on_record():
    order = stopped_order()
    resume(order)
    assert state_of(order) == "received"
    resumption = Resumption.objects.get()
    assert resumption.stop.name == "identity.order.stopped"
    assert status(resumption.signature, of=resumption).is_valid
    assert Event.objects.filter(chain=order.chain, name="identity.order.resumed").exists()


def test_a_later_mismatch_stops_it_again_and_needs_a_decision_of_its_own():
    order = stopped_order()
    resume(order)
    services.stop_order(order=order, title="Again", description="Read.", by=person("olga"))
    assert state_of(order) == "stopped"
    with pytest.raises(services.UnableToResume, match="is open"):
        resume(order)
    close(Deviation.objects.get(chain=order.chain, state="open"))
    resume(order)
    assert Resumption.objects.count() == 2


@pytest.mark.parametrize(
    ("circumstances", "refusal"),
    [
        ({"deviation": "open"}, "is open"),
        ({"state": "ordered"}, "before its tumor was received"),
    ],
)
def test_it_stays_stopped(circumstances, refusal):
    order = stopped_order(**circumstances)
    with pytest.raises(services.UnableToResume, match=refusal):
        resume(order)
    assert state_of(order) == "stopped"


def test_an_order_that_is_not_stopped_is_not_resumed():
    with pytest.raises(services.UnableToResume, match="not stopped"):
        resume(make_order(state="received"))


def test_who_stopped_it_does_not_lift_the_stop_with_a_new_role_either():
    order = stopped_order()
    grant("olga", "qa_approver")
    with pytest.raises(services.UnableToResume, match="somebody else lifts the stop"):
        resume(order, by="olga")


def test_the_database_takes_no_decision_without_grounds():
    order = stopped_order()
    with refused("resumptions_have_grounds"), writing():
        Resumption.objects.create(order=order, stop=last_stop(order), grounds="", decided_by=person("rosa"))


def test_it_states_what_was_found_out():
    with pytest.raises(services.UnableToResume) as refusal:
        resume(stopped_order(), grounds=" ")
    assert refusal.value.field == "grounds"


@pytest.mark.parametrize("who", ["olga", "quinn", "adam", "sam", "vera"])
def test_only_the_qa_approver_decides(who):
    with pytest.raises(NotAuthorised):
        resume(stopped_order(), by=who)


class TestPage:
    def send(self, client, order, **fields):
        sign_in(client, "rosa")
        typed = {"grounds": GROUNDS, "reason": "The identity is certain.", "password": PASSWORD}
        typed |= {"seen": stop_of(order)}
        url = reverse("order_resume", args=[order.coi_id])
        return client.post(url, typed | fields | {"idempotency_key": str(uuid.uuid4())})

    def test_it_shows_what_is_signed_and_lifts_the_stop(self, client):
        order = stopped_order()
        client.force_login(person("rosa"))
        order_page = client.get(reverse("order", args=[order.coi_id])).content.decode()
        assert reverse("order_resume", args=[order.coi_id]) in order_page
        page = client.get(reverse("order_resume", args=[order.coi_id])).content.decode()
        assert "Another label" in page
        assert self.send(client, order).status_code == 302
        assert state_of(order) == "received"

    def test_a_wrong_password_signs_nothing_and_keeps_what_was_typed(self, client):
        order = stopped_order()
        answer = self.send(client, order, password="wrong password of rosa")
        assert answer.status_code == 422
        assert GROUNDS in answer.content.decode()
        assert state_of(order) == "stopped"

    def test_a_stop_that_came_after_the_page_was_opened_is_not_lifted_with_it(self, client):
        order = stopped_order()
        seen = stop_of(order)
        resume(order)
        services.stop_order(order=order, title="A third label", description="Read.", by=person("olga"))
        close(Deviation.objects.get(chain=order.chain, state="open"))
        answer = self.send(client, order, seen=seen)
        assert answer.status_code == 409
        assert "A third label" in answer.content.decode()
        assert state_of(order) == "stopped"
        assert answer.context["form"]["seen"].value() == stop_of(order) > seen

    def test_it_says_what_stands_against_it(self, client):
        order = stopped_order(deviation="open")
        client.force_login(person("rosa"))
        page = client.get(reverse("order_resume", args=[order.coi_id])).content.decode()
        assert "is investigated and closed first" in page
        assert "Sign and lift the stop" not in page


class TestRawSql:
    def refused(self, match, statement, *values):
        with (
            pytest.raises(DatabaseError, match=match),
            transaction.atomic(),
            writing(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values)

    RECEIVED = "UPDATE identity_therapyorder SET state = 'received' WHERE id = %s"
    DECIDE = """
        INSERT INTO identity_resumption (order_id, stop_id, grounds, decided_by_id) VALUES (%s, %s, 'Raw.', %s)
    """

    def test_no_order_goes_on_without_a_signed_decision(self):
        order = stopped_order()
        self.refused("stopped_orders_stay_stopped", self.RECEIVED, order.pk)
        stop = Event.objects.get(name="identity.order.stopped", chain=order.chain)
        with writing():
            Resumption.objects.create(order=order, stop=stop, grounds="Raw.", decided_by=person("rosa"))
        self.refused("stopped_orders_stay_stopped", self.RECEIVED, order.pk)

    def test_a_decision_lifts_one_stop_only(self):
        order = stopped_order()
        resume(order)
        services.stop_order(order=order, title="Again", description="Read.", by=person("olga"))
        self.refused("stopped_orders_stay_stopped", self.RECEIVED, order.pk)

    def test_a_signature_of_something_else_does_not_count(self):
        order = stopped_order()
        stop = Event.objects.get(name="identity.order.stopped", chain=order.chain)
        with writing():
            decision = Resumption.objects.create(
                order=order, stop=stop, grounds="Raw.", decided_by=person("rosa")
            )
        other = sign_for(order, "release.specification", "rosa")
        self.refused(
            "the signature is not of this decision",
            "UPDATE identity_resumption SET signature_id = %s WHERE id = %s",
            other.pk,
            decision.pk,
        )

    @pytest.mark.parametrize(
        ("circumstances", "by", "refusal"),
        [
            ({"deviation": "open"}, "rosa", "a deviation of the order is open"),
            ({"state": "ordered"}, "rosa", "the tumor had not been received"),
            ({}, "olga", "whoever stopped the order does not lift the stop"),
        ],
    )
    def test_no_decision_is_made_against_the_rules(self, circumstances, by, refusal):
        order = stopped_order(**circumstances)
        stop = Event.objects.get(name="identity.order.stopped", chain=order.chain)
        self.refused(refusal, self.DECIDE, order.pk, stop.pk, person(by).pk)

    def test_a_decision_never_changes_and_is_never_taken_back(self):
        order = stopped_order()
        resume(order)
        [pk] = Resumption.objects.values_list("pk", flat=True)
        self.refused("never changes", "UPDATE identity_resumption SET grounds = 'x' WHERE id = %s", pk)
        self.refused("denied|never taken back", "DELETE FROM identity_resumption WHERE id = %s", pk)
