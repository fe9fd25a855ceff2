"""A signature and its record after somebody with all power over the database was there. P11-14, 21 CFR 11.70."""

import pytest
from django.urls import reverse
from django.utils import timezone

from assays import catalogue, services
from assays.models import Run
from assays.shown import shown_of_run
from tests.assays import bench as laboratory
from tests.batches import bench as floor
from tests.cast import credential, person
from tests.records.test_signatures import closed_deviation
from tests.release import stage
from tilmfg.identity.report_content import report_content
from tilmfg.quality.models import Deviation
from tilmfg.records.canonical import digest
from tilmfg.records.models import Signature
from tilmfg.records.signature_status import status
from tilmfg.release.models import Specification
from tilmfg.release.selectors import lot_record

pytestmark = pytest.mark.django_db(transaction=True)

BY_EVE = "SET audit.actor = 'eve'; SET audit.verb = 'tests.attack'; SET audit.reason = 'because I can'"


@pytest.fixture
def attack(servers, slot):
    """Statements of a superuser, past the guards: seen by the audit trail, or `unseen` past its trigger too."""
    with servers.postgresql.admin(slot.database) as admin:

        def run(table, *statements, unseen=False):
            admin.execute(BY_EVE)
            guards = admin.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal "
                "AND (%s OR tgname NOT LIKE 'pgtrigger_audited%%')",
                [table, unseen],
            ).fetchall()
            for (guard,) in guards:
                admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
            for statement in statements:
                admin.execute(statement)
            for (guard,) in guards:
                admin.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")

        yield run


def reviewed_run():
    run = laboratory.import_counts(laboratory.received_sample(), acceptance="No bag is filled yet")
    services.review_run(
        run=run,
        digest=digest(shown_of_run(run)),
        credential=credential("ines"),
        reason="Agrees",
        by=person("ines"),
    )
    return Run.objects.get(pk=run.pk)


def approved_specification():
    return Specification.objects.get(pk=stage.make_specification().pk)


RECORDS = {
    "deviation": (closed_deviation, "closure", "quality_deviation", "impact"),
    "definition": (floor.gen2, "approval", "batches_processdefinition", "name"),
    "specification": (approved_specification, "approval", "release_specification", "name"),
    "method": (lambda: laboratory.approved(catalogue.CELL_COUNT), "approval", "assays_method", "name"),
    "run": (reviewed_run, "review", "assays_run", "acceptance"),
}


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("unseen", [False, True])
def test_a_changed_record_voids_its_signature_for_ever(attack, record, unseen):
    make, signature, table, column = RECORDS[record]
    row = make()
    assert status(getattr(row, signature), of=row).is_valid
    before = getattr(row, column)

    attack(table, f"UPDATE {table} SET {column} = {column} || '!' WHERE id = {row.pk}", unseen=unseen)
    row.refresh_from_db()
    stands = status(getattr(row, signature), of=row)
    assert stands.word == ("invalid" if unseen else "void")

    if not unseen:  # who leaves no trace and undoes it has changed nothing
        attack(table, f"UPDATE {table} SET {column} = left({column}, -1) WHERE id = {row.pk}")
        row.refresh_from_db()
        assert getattr(row, column) == before
        stands = status(getattr(row, signature), of=row)
        assert (stands.word, "eve" in stands.because, stands.since is not None) == ("void", True, True)


def test_a_released_lot_whose_results_were_altered_unseen_has_no_valid_signature(attack):
    lot = stage.make_reviewable_lot()
    stage.decide(lot)
    assert standing_of(lot) == {"valid"}
    result = stage.result_of(lot, "viability")
    attack("assays_result", f"UPDATE assays_result SET value = value + 1 WHERE id = {result.pk}", unseen=True)
    assert standing_of(lot) == {"invalid"}


def test_a_released_lot_whose_results_were_altered_and_put_back_has_no_valid_signature(attack):
    lot = stage.make_reviewable_lot()
    stage.decide(lot)
    result = stage.result_of(lot, "viability")
    for change in ("value + 1", "value - 1"):
        attack("assays_result", f"UPDATE assays_result SET value = {change} WHERE id = {result.pk}")
    assert standing_of(lot) == {"void"}


def standing_of(lot):
    [decision] = lot_record(lot.number, person("quinn")).decisions
    return {signed.status.word for signed in decision.signatures}


def test_a_signature_given_to_another_record_shows_as_invalid_wherever_it_is_shown(attack, client):
    one, other = closed_deviation(), closed_deviation()
    copied = Signature.objects.get(pk=one.closure_id)
    attack(
        "quality_deviation",
        f"UPDATE quality_deviation SET closure_id = NULL, state = 'open' WHERE id = {one.pk}",
        f"UPDATE quality_deviation SET closure_id = {copied.pk} WHERE id = {other.pk}",
    )
    client.force_login(person("vera"))
    page = client.get(reverse("deviation", args=[other.number])).content.decode()
    assert "INVALID" in page
    assert status(copied, of=Deviation.objects.get(pk=other.pk)).word == "invalid"


def test_a_copied_signature_shows_as_invalid_on_the_page_of_a_lot_in_its_report_and_in_the_api(
    attack, client
):
    lot, other = stage.make_reviewable_lot(), stage.make_reviewable_lot()
    stage.decide(lot)
    stage.decide(other)
    client.force_login(person("vera"))
    page, api = reverse("lot", args=[lot.number]), reverse("api_lot", args=[lot.number])
    assert "INVALID" not in client.get(page).content.decode()
    columns = ", ".join(field.column for field in Signature._meta.concrete_fields if not field.primary_key)
    moved = columns.replace("subject_id", str(lot.pk)).replace("chain", f"'{lot.chain}'")
    attack(
        "records_signature",
        "ALTER TABLE records_signature DROP CONSTRAINT signatures_are_sealed",
        f"INSERT INTO records_signature ({columns}) SELECT {moved} FROM records_signature "
        f"WHERE subject_kind = 'release.lot' AND subject_id = {other.pk} AND meaning = 'approved'",
    )
    copied = Signature.objects.filter(meaning="approved", chain=lot.chain).last()
    attack(
        "release_disposition",
        f"UPDATE release_disposition SET approval_id = {copied.pk} WHERE lot_id = {lot.pk}",
    )
    assert "INVALID" in client.get(page).content.decode()
    told = client.get(api).json()["decisions"][0]["signatures"]
    assert [one["status"] for one in told] == ["valid", "invalid"]
    report = report_content(lot.order, generated_at=timezone.now())
    # The one that the copy has displaced stands under no decision any more.
    assert [bool(line.invalid) for line in report.signatures if "decide" in line.meaning] == [True, True]
