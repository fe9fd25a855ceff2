import pytest
from django.db import DatabaseError, connection, transaction

from tests.cast import PASSWORD, credential, grant, person, qualify, sign_in, verify
from tests.factories import make_batch, make_order, sign_for, writing
from tests.quality.test_open_deviation import open_one
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.identity.services import record_scan
from tilmfg.quality.models import Deviation
from tilmfg.quality.selectors import open_deviations
from tilmfg.quality.services import UnableToCloseDeviation, close_deviation
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Event, Signature
from tilmfg.records.signatures import UnableToSign, is_intact

pytestmark = pytest.mark.django_db


def close(deviation, by="quinn", password=PASSWORD, **changes):
    usual = {
        "classification": "minor",
        "impact": "None: the door stood open before the flask was put in.",
        "reason": "Investigated and concluded.",
    }
    signed = {"credential": credential(by, password), "by": person(by)}
    return close_deviation(deviation=deviation, **usual | changes, **signed)


def test_it_is_closed_with_a_signature_over_what_was_concluded():
    deviation = close(open_one())
    deviation.refresh_from_db()
    signature = Signature.objects.get(meaning="closed")
    assert deviation.state == "closed"
    assert deviation.closure == signature
    assert signature.signer == person("quinn")
    assert deviation.impact in signature.content
    assert is_intact(signature)
    assert Event.objects.filter(name="quality.deviation.closed", subject_id=deviation.pk).exists()
    assert not open_deviations(deviation.chain).exists()


@pytest.mark.parametrize("who", ["olga", "ana", "adam", "sam", "vera", "root", "eve"])
def test_it_refuses_whoever_is_not_qa(who):
    deviation = open_one()
    with pytest.raises(NotAuthorised):
        close(deviation, by=who)


@pytest.fixture
def of_a_lot():
    """Opened by ana; olga began the batch of this lot, and may close deviations of others."""
    for username in ("olga", "ana"):
        grant(username, Role.QA_REVIEWER)
        qualify(username, signing_code(Role.QA_REVIEWER))
        verify(person(username))
    return open_one(by="ana", chain=make_batch().chain)


def test_it_refuses_whoever_worked_on_the_lot(client, of_a_lot):
    with pytest.raises(NotAuthorised, match="You worked on this lot"):
        close(of_a_lot, by="olga")
    sign_in(client, "olga")
    page = client.get(f"{of_a_lot.get_absolute_url()}close/").content.decode()
    assert "You worked on this lot" in page
    assert "Sign and close" not in page
    assert close(open_one(by="ana", chain=make_order().chain), by="olga").state == "closed"


@pytest.mark.parametrize("who", ["olga", "ana"])
def test_the_database_keeps_no_closure_of_who_worked_on_the_lot_or_opened_it(of_a_lot, who):
    signature = sign_for(of_a_lot, "quality.deviation", who, meaning="closed")
    with (
        pytest.raises(DatabaseError, match="deviations_are_closed_by_strangers"),
        transaction.atomic(),
        writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE quality_deviation SET state = 'closed', classification = 'minor', impact = 'none', "
            "closure_id = %s WHERE id = %s",
            [signature.pk, of_a_lot.pk],
        )


def test_it_refuses_a_wrong_password_and_signs_nothing():
    deviation = open_one()
    with pytest.raises(UnableToSign) as refused:
        close(deviation, password="guessed")
    assert refused.value.field == "password"
    deviation.refresh_from_db()
    assert (deviation.state, deviation.impact) == ("open", "")
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"classification": ""}, "classification"), ({"impact": " "}, "impact"), ({"reason": ""}, "reason")],
)
def test_it_names_what_is_missing(change, field):
    deviation = open_one()
    with pytest.raises((UnableToCloseDeviation, UnableToSign)) as refused:
        close(deviation, **change)
    assert refused.value.field == field


def test_it_refuses_to_close_twice():
    deviation = open_one()
    stale = Deviation.objects.get(pk=deviation.pk)
    close(deviation)
    with pytest.raises(UnableToCloseDeviation, match="closed already"):
        close(stale, by="rosa")
    assert Signature.objects.count() == 1


def test_closing_a_mismatch_does_not_let_the_order_go_on():
    order, other = make_order(), make_order()
    record_scan(
        order=order,
        purpose="tumor receipt",
        expected=order.containers.get().payload,
        read=other.containers.get().payload,
        by=person("olga"),
    )
    close(open_deviations(order.chain).get(), classification="critical", impact="The tumor was returned.")
    order.refresh_from_db()
    assert order.state == "stopped"


@pytest.mark.parametrize(
    "change",
    ["state = 'closed'", "number = 'DEV-1999-0001'", "chain = 'order:999'", "subject_id = 999"],
)
def test_the_database_closes_none_without_a_signature_and_changes_none_in_what_it_is_about(change):
    deviation = open_one()
    with pytest.raises(DatabaseError), transaction.atomic(), writing(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE quality_deviation SET {change} WHERE id = %s", [deviation.pk])


@pytest.mark.parametrize("change", ["state = 'open'", "impact = 'none'", "closure_id = NULL"])
def test_the_database_keeps_a_closed_one_as_it_is(change):
    deviation = close(open_one())
    with (
        pytest.raises(DatabaseError, match="closed_deviations_stay_closed"),
        transaction.atomic(),
        writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE quality_deviation SET {change} WHERE id = %s", [deviation.pk])
