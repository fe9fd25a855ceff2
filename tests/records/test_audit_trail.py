"""Every way of writing leaves one event per row; nothing the application may do escapes or changes the trail."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests import factories
from tests.cast import person
from tilmfg.accounts.services import service_account
from tilmfg.facility.models import Site
from tilmfg.identity.models import Label, TherapyOrder
from tilmfg.records.context import acting
from tilmfg.records.models import AuditEvent, Event
from tilmfg.records.triggers import AuditTriggerSql

pytestmark = pytest.mark.django_db


def run(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchall() if cursor.description else None


def refused(statement, match):
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        run(statement)


def events(relation, **where):
    return list(AuditEvent.objects.filter(relation=relation, **where).order_by("chain", "seq"))


def test_tests_run_as_the_application_role():
    assert run("SELECT session_user, current_user") == [("tilmfg_app", "tilmfg_app")]


def test_every_way_of_writing_is_recorded():
    """P11-05"""
    with acting(actor="bob", verb="tests.write", reason="many ways"):
        one, two = Site.objects.bulk_create(
            [Site(code=code, name=code, time_zone="UTC") for code in ("A1", "B2")]
        )
        Site.objects.update(name="both")
        one.name = "saved"
        one.save()
        two.name = "bulk"
        Site.objects.bulk_update([two], ["name"])
        run("SET LOCAL pgtrigger.ignore = '{" + AuditTriggerSql.__name__ + "}'")
        run("UPDATE facility_site SET name = 'raw' WHERE id = %s", two.pk)
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY facility_site (code, name, time_zone) FROM STDIN") as copy,
        ):
            copy.write_row(("C3", "copied", "UTC"))
    written = events("facility_site")
    assert [event.op for event in written] == ["INSERT"] * 2 + ["UPDATE"] * 5 + ["INSERT"]
    assert {(event.actor, event.verb, event.reason) for event in written} == {
        ("bob", "tests.write", "many ways")
    }
    assert [event.seq for event in written] == list(range(written[0].seq, written[0].seq + 8))
    old, new = written[-2].before_and_after
    assert (old["name"], new["name"]) == ("bulk", "raw")
    now = datetime.now(UTC)
    for event in written:
        stated = datetime.fromisoformat(json.loads(event.content)[2])
        assert stated == event.at
        assert stated.utcoffset() == timedelta(0)
        assert abs(now - stated) < timedelta(minutes=1)


def test_the_hash_covers_the_event_and_its_predecessor():
    import hashlib

    order = factories.make_order()
    chain = list(AuditEvent.objects.filter(chain=order.chain).order_by("seq"))
    previous = b""
    for event in chain:
        assert bytes(event.hash) == hashlib.sha256(previous + event.content.encode()).digest()
        name, seq, *_, relation, key, _, _ = json.loads(event.content)
        assert (name, seq, relation, key) == (event.chain, event.seq, event.relation, event.key)
        previous = bytes(event.hash)
    assert len(chain) >= 2


def test_it_refuses_a_write_without_an_actor():
    refused("INSERT INTO facility_site (code, name, time_zone) VALUES ('X', 'x', 'UTC')", "no actor and verb")


def test_it_refuses_a_correction_without_a_reason_and_names_the_field():
    site = factories.make_site()
    with (
        pytest.raises(DatabaseError, match="changing name needs a reason"),
        acting(actor="bob", verb="tests.write"),
    ):
        Site.objects.filter(pk=site.pk).update(name="other")


@pytest.mark.parametrize("reason", [" \t\n", "\u200b\u200b\u200b\u200b", "x", "n/a"])
def test_it_refuses_a_correction_whose_reason_says_nothing(reason):
    """MHRA-2"""
    site = factories.make_site()
    with (
        pytest.raises(DatabaseError, match="changing name needs a reason"),
        acting(actor="bob", verb="tests.write", reason=reason),
    ):
        Site.objects.filter(pk=site.pk).update(name="other")


@pytest.mark.parametrize("moment", ["transaction_timestamp() - interval '1 ms'", "now() + interval '1 day'"])
def test_it_refuses_a_row_that_was_recorded_at_another_time(moment):
    """ALC-3: the database's clock says when, nobody else."""
    site = (
        "INSERT INTO facility_site (code, name, time_zone, recorded_at) VALUES ('R1', 'recorded', 'UTC', {})"
    )
    with acting(actor="bob", verb="tests.write"):
        refused(site.format(moment), "refused: recorded at")
        run(site.format("DEFAULT"))


def test_when_a_row_was_recorded_is_not_corrected():
    """ALC-3"""
    factories.make_site()
    with acting(actor="bob", verb="tests.write", reason="it was earlier"):
        refused("UPDATE facility_site SET recorded_at = recorded_at - interval '1 day'", "is not corrected")


def test_a_verb_moves_a_state_without_a_reason():
    order = factories.make_order()
    with acting(actor="bob", verb="tests.write"):
        TherapyOrder.objects.filter(pk=order.pk).update(state="cancelled")


def test_an_inner_block_puts_the_outer_actor_back():
    with acting(actor="outer", verb="tests.write"):
        with acting(actor="inner", verb="tests.write"):
            Site.objects.create(code="I1", name="inner", time_zone="UTC")
        Site.objects.create(code="O1", name="outer", time_zone="UTC")
    assert [event.actor for event in events("facility_site")] == ["inner", "outer"]


def test_a_password_enters_the_trail_only_as_a_digest():
    user = person("olga")
    [event] = events("accounts_user", key=str(user.pk))
    _, new = event.before_and_after
    assert new["password"].startswith("sha256:")
    assert user.password not in event.content


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM facility_site",
        "TRUNCATE facility_site CASCADE",
        "INSERT INTO audit.event DEFAULT VALUES",
        "UPDATE audit.event SET actor = 'x'",
        "DELETE FROM audit.event",
        "TRUNCATE audit.event",
        "DELETE FROM audit.chain",
        "DROP TABLE audit.event",
        "ALTER TABLE facility_site DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SET ROLE tilmfg_owner",
        "SET ROLE tilmfg_audit",
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE OR REPLACE FUNCTION audit.record() RETURNS trigger LANGUAGE sql AS ''",
        "CREATE TRIGGER forged AFTER INSERT ON records_effect FOR EACH ROW EXECUTE FUNCTION audit.record('facility:x')",
        "DELETE FROM django_migrations",
    ],
)
def test_the_application_role_cannot(statement):
    refused(statement, "permission denied|must be owner")


def test_rows_of_two_orders_do_not_mix():
    """COI-5"""
    one, other = factories.make_batch(), factories.make_batch()
    sample = factories.make_sample(batch=one)
    with pytest.raises(DatabaseError, match="rows_of_one_order_stay_together"), factories.writing():
        run("UPDATE batches_sample SET batch_id = %s WHERE id = %s", other.pk, sample.pk)


def test_a_row_does_not_move_to_another_chain():
    one, other = factories.make_order(), factories.make_order()
    label = make_label(one)
    with pytest.raises(DatabaseError, match="may not move to another chain"), factories.writing():
        run(
            "UPDATE identity_label SET order_id = %s, container_id = %s WHERE id = %s",
            other.pk,
            other.containers.get().pk,
            label.pk,
        )


def test_a_row_does_not_change_its_key():
    site = factories.make_site()
    with pytest.raises(DatabaseError, match="may not move to another chain or key"), factories.writing():
        run("UPDATE facility_site SET id = id + 1000 WHERE id = %s", site.pk)


def make_label(order):
    with factories.writing():
        return Label.objects.create(
            order=order,
            container=order.containers.get(),
            copy=1,
            payload=order.coi_id,
            decoded=order.coi_id,
            pdf=b"%PDF",
            printed_by=person("adam"),
        )


def test_what_happened_was_done_by_who_acts():
    """ALC-1: or by the program itself, in whoever's name it was called."""
    order, celery = factories.make_order(), service_account()
    event = {"chain": order.chain, "subject_kind": "x", "subject_id": 1}
    with pytest.raises(DatabaseError, match="events_name_who_acts"), factories.writing("eve"):
        Event.objects.create(name="tests.seen", actor=person("rosa"), **event)
    with factories.writing("eve"):
        Event.objects.create(name="tests.seen", actor=celery, **event)


def test_what_happened_is_never_rewritten():
    order = factories.make_order()
    with factories.writing("adam"):
        Event.objects.create(
            name="tests.seen", chain=order.chain, subject_kind="x", subject_id=1, actor=person("adam")
        )
    with (
        pytest.raises(DatabaseError, match="records_event is append-only"),
        transaction.atomic(),
        factories.writing(),
    ):
        Event.objects.filter(name="tests.seen").update(name="tests.unseen")
