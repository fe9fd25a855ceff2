from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection

from tests import factories
from tests.batches import bench
from tests.cast import person
from tilmfg.batches import services
from tilmfg.batches.services.differences import ReadDifferently
from tilmfg.batches.services.due import UnableToRecord
from tilmfg.batches.services.verification import UnableToVerify, newest, readings_of
from tilmfg.records.context import acting
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def execution():
    return bench.record(bench.started(), "fragment_and_seed")


def test_another_technician_confirms_on_the_same_tablet(execution):
    verified = bench.verify(execution)
    verified.refresh_from_db()
    assert (verified.state, verified.verified_by) == ("verified", person("tomas"))
    assert verified.verified_at is not None
    change = AuditEvent.objects.filter(relation="batches_stepexecution", op="UPDATE").get()
    assert change.actor == "tomas"


def test_the_second_person_may_use_their_own_session(execution):
    assert bench.verify(execution, by="tomas").state == "verified"


def test_it_is_done_on_the_tablet_of_a_technician(execution):
    with pytest.raises(NotAuthorised, match="This is done by"):  # before anything is compared
        bench.verify(execution, by="quinn", **{"fragments[FL2]": Decimal("84")})


def test_it_refuses_the_performer(execution):
    with pytest.raises(UnableToVerify, match="does not verify it"):
        bench.verify(execution, second="olga", by="tomas")


@pytest.mark.parametrize("username", ["ana", "quinn", "eve"])
def test_it_refuses_a_second_person_who_is_no_technician(execution, username):
    with pytest.raises(UnableToVerify, match="is not a technician"):
        bench.verify(execution, second=username)


def test_a_value_that_was_read_differently_leaves_the_step_unverified_and_stays_on_record(execution):
    """A11-03"""
    with pytest.raises(ReadDifferently, match="Tomás Herrera read something else"):
        bench.verify(execution, **{"fragments[FL2]": Decimal("84")})
    execution.refresh_from_db()
    assert (execution.state, execution.verified_by) == ("recorded", None)
    event = Event.objects.get(name="batches.step.verification_refused")
    assert (event.actor, event.details["parameters"]) == (person("tomas"), ["fragments[FL2]"])


def test_equal_numbers_are_equal_however_they_are_written(execution):
    assert bench.verify(execution, **{"fragments[FL2]": Decimal("4.80e1")}).state == "verified"


def test_it_refuses_when_a_critical_value_was_not_entered_again(execution):
    """A11-03"""
    with pytest.raises(UnableToVerify, match="Enter the value again") as refused:
        services.verify_step(
            execution=execution,
            second=person("tomas"),
            seen=newest(readings_of(execution).values()),
            reentered={"fragments[FL1]": Decimal("55")},
            by=person("olga"),
        )
    assert refused.value.field == "fragments[FL2]"


def test_it_verifies_once(execution):
    bench.verify(execution)
    with pytest.raises(UnableToVerify, match="has been verified already"):
        bench.verify(execution)


def test_nothing_is_verified_on_a_stopped_order(execution):
    with factories.writing():
        type(execution.order).objects.filter(pk=execution.order_id).update(state="stopped")
    with pytest.raises(UnableToRecord, match="nothing is performed on it"):
        bench.verify(execution)


def test_raw_sql_cannot_verify_in_the_performers_name(execution):
    with (
        pytest.raises(IntegrityError, match="performer_is_not_verifier"),
        acting(actor="olga", verb="raw.sql", reason="I was alone"),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE batches_stepexecution SET state = 'verified', verified_by_id = performed_by_id,"
            " verified_at = now() WHERE id = %s",
            [execution.pk],
        )


@pytest.mark.parametrize(
    "moment", ["transaction_timestamp() - interval '1 ms'", "now() + interval '1 hour'", "NULL"]
)
def test_raw_sql_cannot_say_when_a_step_was_verified(execution, moment):
    """ALC-3: the database's clock says it."""
    with (
        pytest.raises(DatabaseError, match="steps_are_verified_now"),
        acting(actor="tomas", verb="raw.sql"),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE batches_stepexecution SET state = 'verified', verified_by_id = %s,"
            f" verified_at = {moment} WHERE id = %s",
            [person("tomas").pk, execution.pk],
        )
