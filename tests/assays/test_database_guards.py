"""What raw SQL, as the application's own role and with an actor set, still cannot do to the laboratory's facts."""

import json

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from assays import services
from assays.models import Result
from assays.shown import shown_of_run
from tests import factories
from tests.assays import bench
from tests.assays.test_review_run import on_page, review
from tests.cast import person, qualify

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return bench.compute(bench.import_plate(bench.received_sample()))


@pytest.fixture
def result(run):
    return run.results.get()


def sql(statement, *values):
    with transaction.atomic(), factories.writing(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(rule):
    return pytest.raises(DatabaseError, match=rule)


@pytest.mark.parametrize(
    "change",
    [
        "value = 9999",
        "raw_value = 9999",
        "qualifier = '>'",
        "text = 'No growth'",
        "missing = 'lost'",
        "unit = 'ng/mL'",
        "stage = 'post_thaw'",
        "decimals = 3",
        "performed_at = now() + interval '1 day'",
        "recorded_by_id = reviewed_by_id",
        "run_id = NULL",
        "reason = 'because'",
    ],
)
def test_a_result_is_never_edited(result, change):
    with refused("results_are_never_edited|not-null"):
        sql(f"UPDATE assays_result SET {change} WHERE id = %s", result.pk)


def test_a_result_does_not_become_final_without_a_review(result):
    with refused("final_results_are_reviewed_and_signed|invalid_runs_give_no_result"):
        sql("UPDATE assays_result SET state = 'final' WHERE id = %s", result.pk)


def test_a_final_result_does_not_become_recorded_again(run, result):
    review(run)
    with refused("results_move_along_their_states"):
        sql("UPDATE assays_result SET state = 'recorded' WHERE id = %s", result.pk)


def test_a_superseded_result_does_not_come_back(run, result):
    sql("UPDATE assays_result SET state = 'superseded' WHERE id = %s", result.pk)
    with refused("results_move_along_their_states"):
        sql("UPDATE assays_result SET state = 'recorded' WHERE id = %s", result.pk)


def test_the_analyst_is_not_the_reviewer(run, result):
    signature = forged(run, "ana")
    with refused("analyst_is_not_reviewer"):
        sql(
            "UPDATE assays_result SET review_id = %s, reviewed_by_id = %s WHERE id = %s",
            signature.pk,
            person("ana").pk,
            result.pk,
        )
    with refused("the_analyst_of_a_run_does_not_review_it"):
        sql(
            "UPDATE assays_run SET review_id = %s, reviewed_by_id = %s WHERE id = %s",
            signature.pk,
            person("ana").pk,
            run.pk,
        )


def forged(run, username):
    """A signature of everything that is shown, as a review keeps it."""
    shown = shown_of_run(run)
    sql("UPDATE assays_run SET controls = %s WHERE id = %s", json.dumps(shown["controls"]), run.pk)
    return factories.sign_for(run, "assays.run", username, "reviewed_result", shown)


def test_a_signature_of_another_run_reviews_nothing(run, result):
    other = bench.compute(bench.import_plate(bench.received_sample()))
    review(other)
    other.refresh_from_db()
    statement = "UPDATE assays_result SET review_id = %s, reviewed_by_id = %s WHERE id = %s"
    with refused("result_reviews_are_signed"):
        sql(statement, other.review_id, person("ines").pk, result.pk)


def test_a_signature_of_another_person_reviews_nothing(run):
    signature = forged(run, "ana")
    with refused("run_reviews_are_signed"):
        sql(
            "UPDATE assays_run SET review_id = %s, reviewed_by_id = %s WHERE id = %s",
            signature.pk,
            person("ines").pk,
            run.pk,
        )


@pytest.mark.parametrize(
    "change",
    ["outcome = '{}'", "kernel_version = '9'", "inputs_digest = ''", "number = 2", "second_solver = NULL"],
)
def test_a_computation_is_never_edited(run, change):
    with refused("append-only"):
        sql(f"UPDATE assays_computation SET {change} WHERE run_id = %s", run.pk)


ANOTHER_COMPUTATION = (
    "INSERT INTO assays_computation (run_id, number, outcome, kernel_version, inputs_digest) "
    "VALUES (%s, %s, '{}', '', '')"
)


def test_a_run_is_not_computed_again_unless_a_well_was_masked(run):
    with refused("runs_are_computed_when_it_is_their_turn: nobody"):
        sql(ANOTHER_COMPUTATION, run.pk, 2)


def test_no_computation_is_skipped(run):
    services.mask_wells(run=run, positions={"C3"}, reason="A bubble in it.", by=person("ana"))
    with refused("runs_are_computed_when_it_is_their_turn: not the next number"):
        sql(ANOTHER_COMPUTATION, run.pk, 3)


def test_a_masked_run_is_not_computed_without_a_new_computation(run):
    services.mask_wells(run=run, positions={"C3"}, reason="A bubble in it.", by=person("ana"))
    with refused("computed_runs_have_a_computation"):
        sql("UPDATE assays_run SET state = 'computed' WHERE id = %s", run.pk)


MASK = (
    "INSERT INTO assays_masking (run_id, well_id, held, computation, masked, reason, by_id) "
    "SELECT %s, w.id, '', %s, %s, %s, %s FROM assays_well w WHERE w.run_id = %s AND w.position = 'C3'"
)


def masked_by_sql(run, *, computation=2, masked=True, reason="A bubble in it.", of=None):
    sql(MASK, run.pk, computation, masked, reason, person("ana").pk, (of or run).pk)


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_a_well_is_not_masked_without_a_reason(run, reason):
    with refused("wells_are_masked_with_a_reason"):
        masked_by_sql(run, reason=reason)


def test_a_well_is_not_masked_after_the_review(run):
    review(run)
    with refused("wells_are_masked_until_the_review: it is being computed or was reviewed"):
        masked_by_sql(run)


def test_a_well_is_masked_for_the_next_computation_only(run):
    with refused("wells_are_masked_until_the_review: not for the next computation"):
        masked_by_sql(run, computation=1)


def test_a_well_of_another_run_is_not_masked_here(run):
    other = bench.compute(bench.import_plate(bench.received_sample()))
    with refused("wells_are_masked_until_the_review: a well of another run"):
        masked_by_sql(run, of=other)


def test_a_well_that_is_not_masked_is_not_put_back(run):
    with refused("wells_are_masked_until_the_review: the well is so already"):
        masked_by_sql(run, masked=False)


def test_a_masking_is_never_edited(run):
    bench.mask(run, "C3")
    with refused("append-only"):
        sql("UPDATE assays_masking SET reason = 'another'")


def test_who_masked_a_well_does_not_review(run):
    bench.mask(run, "C3", by="ines")
    signature = forged(run, "ines")
    with refused("who_masked_a_well_does_not_review"):
        sql(
            "UPDATE assays_run SET review_id = %s, reviewed_by_id = %s WHERE id = %s",
            signature.pk,
            person("ines").pk,
            run.pk,
        )


@pytest.mark.parametrize(
    "change",
    [
        "analyst_id = analyst_id + 1",
        "measured_at = now()",
        "signal_read = '620'",
        "findings = '[1]'",
        "plate_scanned = 'PL-1'",
    ],
)
def test_a_run_is_never_edited(run, change):
    with refused("runs_are_never_edited|findings_are_accepted"):
        sql(f"UPDATE assays_run SET {change} WHERE id = %s", run.pk)


def test_an_invalid_run_does_not_become_computed():
    content = bench.plate(sample := bench.received_sample()).decode().replace("\t400\t400\t", "\t900\t900\t")
    run = bench.compute(bench.import_plate(sample, content=content.encode(), acceptance="Another lot."))
    with refused("runs_move_along_their_states"):
        sql("UPDATE assays_run SET state = 'computed' WHERE id = %s", run.pk)
    with refused("invalid_runs_give_no_result"), transaction.atomic(), factories.writing():
        Result.objects.create(
            order=sample.order,
            sample=sample,
            method=run.method,
            run=run,
            attribute="ifng_net",
            stage="pre_freeze",
            value=900,
            unit="pg/mL",
            performed_at=timezone.now(),
            recorded_by=person("ana"),
        )


def test_a_result_of_one_order_is_not_moved_to_another(result):
    other = bench.received_sample()
    with refused("rows_of_one_order|results_are_never_edited|another chain"):
        sql("UPDATE assays_result SET order_id = %s WHERE id = %s", other.order_id, result.pk)


def test_the_sample_of_another_order_has_no_result_here(result):
    other = bench.received_sample()
    with refused("rows_of_one_order_stay_together"), transaction.atomic(), factories.writing():
        Result.objects.create(
            order=result.order,
            sample=other,
            method=result.method,
            attribute=result.attribute,
            unit=result.unit,
            stage="pre_freeze",
            value=90,
            performed_at=timezone.now(),
            recorded_by=person("ana"),
        )


@pytest.mark.parametrize("table", ["assays_instrumentfile", "assays_mappedsample", "assays_well"])
def test_files_mappings_and_wells_are_append_only(run, table):
    column = {"assays_instrumentfile": "filename", "assays_mappedsample": "again", "assays_well": "missing"}
    with refused("append-only"):
        sql(f"UPDATE {table} SET {column[table]} = 'altered'")


@pytest.mark.parametrize(
    "table", ["result", "run", "computation", "masking", "well", "mappedsample", "instrumentfile", "method"]
)
def test_nothing_is_deleted(run, table):
    with refused("permission denied"):
        sql(f"DELETE FROM assays_{table}")


def test_a_well_is_not_mapped_in_another_run(run):
    other = bench.compute(bench.import_plate(bench.received_sample()))
    with refused("wells_are_mapped_in_their_own_run"):
        sql(
            "INSERT INTO assays_well (run_id, position, role, instrument_name, mapped_sample_id, missing) "
            "VALUES (%s, 'P24', 'sample', 'SPL9', %s, 'x')",
            run.pk,
            other.mapped_samples.first().pk,
        )


def test_a_draft_method_gives_no_run(run):
    from assays import catalogue

    draft = services.draft_method(**catalogue.IFNG_ELISA, by=person("ana"))
    qualify("ana", draft.qualification)
    with refused("runs_execute_approved_methods"):
        sql(
            "INSERT INTO assays_run (method_id, file_id, instrument_id, state, analyst_id, measured_at, "
            "signal_read, reference_read, findings, acceptance, plate_in_file, plate_read, plate_scanned) "
            "SELECT %s, file_id, instrument_id, 'imported', analyst_id, measured_at, '', '', '[]', '', '', '', '' "
            "FROM assays_run WHERE id = %s",
            draft.pk,
            run.pk,
        )


def test_the_page_of_a_run_changes_its_digest_with_the_run(run):
    before = on_page(run)
    sql("UPDATE assays_result SET state = 'superseded' WHERE run_id = %s", run.pk)
    assert on_page(run) != before
