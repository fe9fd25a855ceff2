"""What raw SQL, as the application's own role and with an actor set, still cannot do to methods."""

import pytest
from django.db import DatabaseError, connection, transaction

from assays import catalogue, services
from assays.services.methods import KIND, WITHDRAWAL, shown_of
from tests import factories
from tests.assays import bench
from tests.assays.test_withdraw_method import withdraw
from tests.cast import person, qualify
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.records.context import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return services.draft_method(**catalogue.STERILITY, by=person("ana"))


@pytest.fixture
def approved():
    return bench.approved(catalogue.STERILITY)


def sql(statement, *values, actor="rosa"):
    with (
        transaction.atomic(),
        acting(actor=actor, verb="tests.sql.run", reason="By hand in SQL."),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)


def refused(rule):
    return pytest.raises(DatabaseError, match=rule)


def signed(method, by, *, kind=KIND, meaning="approved"):
    return factories.sign_for(method, kind, by, meaning, shown_of(method))


APPROVE = "UPDATE assays_method SET approval_id = %s WHERE id = %s"


@pytest.mark.parametrize(
    "change",
    [
        "content = '{}'",
        "name = 'Another'",
        "digest = 'x'",
        "code = 'another'",
        "version = 9",
        "kind = 'plate'",
        "approval_id = NULL",
        "discarded = 'No longer wanted.'",
    ],
)
def test_an_approved_version_is_never_altered(approved, change):
    with refused("approved_methods_are_frozen|only_drafts_of_methods_are_discarded"):
        sql(f"UPDATE assays_method SET {change} WHERE id = %s", approved.pk)


def test_a_draft_keeps_its_number_and_what_it_is_of(draft):
    for change in ("code = 'another'", "version = 9", "kind = 'plate'"):
        with refused("approved_methods_are_frozen"):
            sql(f"UPDATE assays_method SET {change} WHERE id = %s", draft.pk)


def test_a_version_is_not_approved_by_its_author(draft):
    qualify("ana", signing_code(Role.QA_APPROVER))
    signature = signed(draft, "ana")
    with refused("authors_do_not_approve_their_methods"):
        sql(APPROVE, signature.pk, draft.pk)


def test_not_by_somebody_who_edited_it_once_either(draft):
    sql("UPDATE assays_method SET name = 'Mine' WHERE id = %s", draft.pk, actor="rosa")
    signature = signed(draft, "rosa")
    with refused("authors_do_not_approve_their_methods"):
        sql(APPROVE, signature.pk, draft.pk)


def test_not_by_the_signature_of_another_record(draft, approved):
    signature = signed(approved, "rosa")
    with refused("authors_do_not_approve_their_methods"):
        sql(APPROVE, signature.pk, draft.pk)


def test_not_by_a_signature_that_rejects(draft):
    signature = factories.sign_for(draft, WITHDRAWAL, "rosa", "rejected")
    with refused("authors_do_not_approve_their_methods"):
        sql(APPROVE, signature.pk, draft.pk)


def test_its_content_does_not_change_with_the_approval(draft):
    signature = signed(draft, "rosa")
    with refused("approved_methods_are_frozen"):
        sql("UPDATE assays_method SET approval_id = %s, content = '{}' WHERE id = %s", signature.pk, draft.pk)


def test_another_persons_approval_is_one(draft):
    """The guard lets through what it should: the refusals above are not for another cause."""
    sql(APPROVE, signed(draft, "rosa").pk, draft.pk)


def test_a_method_does_not_begin_approved(approved):
    with refused("authors_do_not_approve_their_methods"):
        sql(
            "INSERT INTO assays_method (code, version, name, kind, content, digest, discarded, approval_id) "
            "SELECT code, 2, name, kind, content, digest, '', approval_id FROM assays_method WHERE id = %s",
            approved.pk,
        )


def test_a_draft_is_not_withdrawn(draft):
    signature = signed(draft, "rosa", kind=WITHDRAWAL, meaning="rejected")
    with refused("only_approved_methods_are_withdrawn"):
        sql("UPDATE assays_method SET withdrawal_id = %s WHERE id = %s", signature.pk, draft.pk)


def test_a_withdrawal_is_signed_as_one_and_stays(approved):
    with refused("authors_do_not_approve_their_methods"):
        sql("UPDATE assays_method SET withdrawal_id = approval_id WHERE id = %s", approved.pk)
    withdraw(approved)
    with refused("approved_methods_are_frozen"):
        sql("UPDATE assays_method SET withdrawal_id = NULL WHERE id = %s", approved.pk)


def test_a_discarded_draft_stays_discarded(draft):
    services.discard_method(method=draft, reason="Drafted by mistake.", by=person("ana"))
    with refused("approved_methods_are_frozen"):
        sql("UPDATE assays_method SET discarded = '' WHERE id = %s", draft.pk)


def test_a_withdrawn_version_gives_no_run_and_no_result():
    sample = bench.received_sample()
    factories.make_bags(sample.order)
    run = bench.import_counts(sample)
    withdraw(run.method)
    columns = (
        "method_id, signal_read, reference_read, acceptance, file_id, instrument_id, state, analyst_id, "
        "plate_in_file, plate_read, plate_scanned"
    )
    values = columns.replace("state", "'imported'")
    with refused("runs_execute_approved_methods"):
        sql(
            f"INSERT INTO assays_run ({columns}, measured_at, findings) "
            f"SELECT {values}, measured_at, findings FROM assays_run WHERE id = %s",
            run.pk,
        )
