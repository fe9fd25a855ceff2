"""Out of specification: investigated at once, retested as planned, never averaged away."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from assays import catalogue, services
from assays.models import Result
from assays.retests import final_retests, why_not_measured_again
from assays.services.imports import UnableToImport
from assays.services.recording import UnableToRecord
from assays.shown import shown_of_result
from tests import factories
from tests.assays import bench
from tests.assays.test_review_run import review as review_run
from tests.cast import credential, person
from tests.raw_sql import again, refused
from tests.raw_sql import run as sql
from tests.release import stage
from tilmfg.accounts.services import service_account
from tilmfg.quality.models import Deviation, Investigation
from tilmfg.quality.services import (
    UnableToCloseDeviation,
    UnableToConclude,
    close_deviation,
    conclude_phase,
    open_investigation,
)
from tilmfg.records.canonical import digest
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.signature_status import status
from tilmfg.release.models import Lot
from tilmfg.release.selectors import dossier_of

pytestmark = pytest.mark.django_db

PLAN = {"retest": {"retests": 2}}


@pytest.fixture
def sample():
    """Of a lot in testing; identity is measured by a method that plans two retests."""
    identity = bench.IDENTITY_BY_FORM
    bench.approved(identity | {"content": identity["content"] | PLAN})
    stage.make_specification()
    sample = bench.received_sample()
    factories.make_lot(order=sample.order)
    return sample


def measure(sample, value, *, by="ana", reason="") -> Result:
    return services.record_result(
        sample=sample,
        attribute="identity_cd45_cd3",
        value=Decimal(value),
        performed_at=timezone.now(),
        reason=reason,
        by=person(by),
    )


def review(result, by="ines") -> Result:
    result.refresh_from_db()
    return services.review_result(
        result=result,
        digest=digest(shown_of_result(result)),
        credential=credential(by),
        reason="Data and calculation are correct.",
        by=person(by),
    )


def investigated(result) -> Investigation:
    return open_investigation(
        chain=result.chain,
        result_id=result.pk,
        analyst=result.recorded_by,
        reviewer=result.reviewed_by,
        retests_planned=1,
        title="Out of specification",
        description="It is.",
        by=service_account(),
    )


def failed(sample) -> Investigation:
    result = review(measure(sample, "81.4"))
    return Investigation.objects.get(result_id=result.pk)


def conclude(investigation, *, by="quinn", **given):
    phase = Investigation.objects.get(pk=investigation.pk).phase
    words = {"findings": "Controls, staining and gates were as they should be.", "reason": "Concluded."}
    return conclude_phase(
        investigation=investigation,
        credential=credential(by),
        by=person(by),
        **{"phase": phase} | words | given,
    )


def retest_twice(sample):
    for number in (1, 2):
        review(measure(sample, "97.0", by="ines", reason=f"Retest {number} of 2."), by="ana")


ERROR = {
    "cause": "The compensation of another day was applied.",
    "evidence": "FCS header and log book p. 12.",
}


def test_a_final_result_out_of_its_limit_is_investigated_at_once(sample):
    investigation = failed(sample)
    deviation = investigation.deviation
    assert deviation.kind == "out_of_specification"
    assert "81.4 % is out of specification" in deviation.title
    assert "≥ 90" in deviation.description
    assert (investigation.state, investigation.retests_planned) == ("phase_one", 2)
    assert (investigation.analyst, investigation.reviewer) == (person("ana"), person("ines"))
    assert deviation.opened_by == service_account()


def test_a_result_within_its_limit_is_not(sample):
    review(measure(sample, "95.0"))
    assert not Investigation.objects.exists()


def test_a_result_that_nobody_has_reviewed_is_not(sample):
    measure(sample, "81.4")
    assert not Investigation.objects.exists()


def test_one_that_gives_way_before_its_review_is_a_deviation(sample):
    """Nobody measures until a value passes: QA sees the first one, and why it was taken away."""
    measure(sample, "81.4")
    passing = measure(sample, "95.0", reason="The gate looked wrong.")
    deviation = Deviation.objects.get()
    assert (deviation.kind, deviation.subject_id) == ("out_of_specification", passing.supersedes_id)
    assert "81.4 %" in deviation.title
    assert deviation.description.endswith("superseded because: The gate looked wrong.")
    assert deviation.opened_by == service_account()
    measure(sample, "96.0", reason="Measured once more for the trend.")
    review(Result.objects.get(state="recorded"))
    assert Deviation.objects.get() == deviation, "what passed is nobody's business"


def test_one_that_was_investigated_gives_way_without_another_deviation(sample):
    investigation = conclude(failed(sample), **ERROR)
    measure(sample, "95.0", reason="Invalidated: wrong compensation.")
    assert Deviation.objects.get() == investigation.deviation


def test_no_file_measures_again_what_is_investigated():
    sample = bench.received_sample()
    run = bench.compute(bench.import_plate(sample))
    review_run(run)
    result = run.results.get()
    open_investigation(
        chain=f"order:{sample.order_id}",
        result_id=result.pk,
        analyst=person("ana"),
        reviewer=person("ines"),
        retests_planned=1,
        title="It is out of specification",
        description="Below its limit.",
        by=service_account(),
    )
    again = {
        key: replace(choice, again="Measured once more.") for key, choice in bench.choices_for(sample).items()
    }
    with pytest.raises(UnableToImport, match="nothing is measured again before QA ends it"):
        bench.import_plate(sample, content=bench.plate(sample, seed=2), choices=again)


def test_a_phase_ends_with_what_was_found(sample):
    with pytest.raises(UnableToConclude, match="what was found") as refusal:
        conclude(failed(sample), findings=" ")
    assert refusal.value.field == "findings"


def test_nothing_is_measured_again_in_phase_one(sample):
    failed(sample)
    with pytest.raises(UnableToRecord, match="nothing is measured again before QA ends it"):
        measure(sample, "95.0", by="ines", reason="It looked wrong.")


def test_an_error_of_the_laboratory_with_its_evidence_makes_the_result_invalid(sample):
    investigation = conclude(failed(sample), **ERROR)
    assert investigation.state == "invalidated"
    again = measure(sample, "95.0", reason="Invalidated: wrong compensation.")
    assert again.supersedes_id == investigation.result_id
    assert again.retest_of_id is None


def test_a_cause_without_evidence_invalidates_nothing(sample):
    investigation = failed(sample)
    with pytest.raises(UnableToConclude, match="give both or neither") as refusal:
        conclude(investigation, cause="The analyst was tired.")
    assert refusal.value.field == "evidence"


def test_without_one_the_planned_retests_are_done_by_somebody_else(sample):
    investigation = conclude(failed(sample))
    assert investigation.state == "phase_two"
    with pytest.raises(UnableToRecord, match="another qualified analyst"):
        measure(sample, "95.0", by="ana", reason="Retest.")
    retest = measure(sample, "95.0", by="ines", reason="Retest 1 of 2.")
    assert (retest.retest_of_id, retest.supersedes_id) == (investigation.result_id, None)
    review(retest, by="ana")
    review(measure(sample, "94.0", by="ines", reason="Retest 2 of 2."), by="ana")
    assert final_retests(investigation) == 2
    with pytest.raises(UnableToRecord, match="All 2 retests"):
        measure(sample, "96.0", by="ines", reason="Once more.")


def test_retests_that_pass_do_not_make_the_lot_pass(sample):
    investigation = conclude(failed(sample))
    retest_twice(sample)
    lot = Lot.objects.get(order=sample.order)
    assert dossier_of(stage.fresh(lot)).evaluation.verdict == "does_not_conform"
    assert conclude(investigation, by="rosa", retests=2).state == "confirmed"
    with pytest.raises(UnableToRecord, match="confirmed"):
        measure(sample, "97.0", by="ines", reason="Once more.")


def test_phase_two_waits_for_every_planned_retest(sample):
    investigation = conclude(failed(sample))
    with pytest.raises(UnableToConclude, match="1 of 2 planned retests"):
        conclude(investigation, by="rosa", retests=1)


def test_phase_two_is_signed_by_the_approver_who_did_not_sign_phase_one(sample):
    investigation = conclude(failed(sample), by="rosa")
    with pytest.raises(NotAuthorised, match="another person decides"):
        conclude(investigation, by="rosa", retests=2)
    with pytest.raises(NotAuthorised, match="QA approver"):
        conclude(investigation, by="quinn", retests=2)


@pytest.mark.parametrize("who", ["ana", "olga", "adam", "vera"])
def test_only_qa_concludes(sample, who):
    investigation = failed(sample)
    with pytest.raises(NotAuthorised):
        conclude(investigation, by=who)


def test_a_phase_is_concluded_once(sample):
    investigation = conclude(failed(sample), **ERROR)
    with pytest.raises(UnableToConclude, match="concluded already"):
        conclude(investigation, by="rosa")


def test_the_signatures_of_both_phases_stand(sample):
    investigation = conclude(failed(sample))
    retest_twice(sample)
    conclude(investigation, by="rosa", retests=2)
    for conclusion in investigation.conclusions.all():
        assert status(conclusion.signature, of=conclusion).is_valid


def test_its_deviation_is_not_closed_before(sample):
    with pytest.raises(UnableToCloseDeviation, match="still being investigated"):
        close_deviation(
            deviation=failed(sample).deviation,
            classification="major",
            impact="None.",
            credential=credential("quinn"),
            reason="Done.",
            by=person("quinn"),
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE assays_result SET state = 'superseded' WHERE id = {result}",
        "UPDATE quality_investigation SET state = 'invalidated' WHERE id = {investigation}",
        "UPDATE quality_investigation SET state = 'phase_two' WHERE id = {investigation}",
        "UPDATE quality_investigation SET retests_planned = 9 WHERE id = {investigation}",
        "DELETE FROM quality_investigation WHERE id = {investigation}",
        "UPDATE quality_deviation SET state = 'closed' WHERE id = {deviation}",
        "INSERT INTO quality_conclusion (investigation_id, chain, phase, findings, cause, evidence)"
        " VALUES ({investigation}, 'order:1', 1, 'found', 'tired', '')",
        "INSERT INTO assays_result (order_id, sample_id, method_id, attribute, stage, qualifier, raw_value, value,"
        " decimals, text, unit, missing, notes, performed_at, late_entry_reason, recorded_by_id, state, reason,"
        " retest_of_id) SELECT order_id, sample_id, method_id, attribute, stage, qualifier, 95, 95, decimals, text,"
        " unit, missing, notes, performed_at, '', recorded_by_id, 'recorded', 'once more', id"
        " FROM assays_result WHERE id = {result}",
    ],
)
def test_the_database_refuses_every_way_around(sample, statement):
    investigation = failed(sample)
    names = {
        "result": investigation.result_id,
        "investigation": investigation.pk,
        "deviation": investigation.deviation_id,
    }
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        factories.writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(**names))


def test_the_database_counts_the_retests_itself(sample):
    investigation = conclude(failed(sample))
    with pytest.raises(DatabaseError, match="planned retests are not final"), transaction.atomic():
        conclude(investigation, by="rosa", retests=2)


def test_no_signature_closes_the_deviation_of_a_result_under_investigation(sample):
    deviation = failed(sample).deviation
    signature = factories.sign_for(deviation, "quality.deviation", "quinn", meaning="closed")
    with refused("results_are_investigated_to_the_end"):
        sql(
            "UPDATE quality_deviation SET state = 'closed', classification = 'minor', impact = 'none', "
            "closure_id = %s WHERE id = %s",
            *(signature.pk, deviation.pk),
        )


def test_a_signed_conclusion_is_never_changed(sample):
    conclusion = conclude(failed(sample)).conclusions.get()
    with refused("a_phase_is_concluded_once"):
        again(conclusion, signature_id=None)
    with refused("conclusions_say_what_was_found"):
        again(conclusion, phase=2, findings="", signature_id=None)
    with refused("investigations_go_phase_by_phase"):
        sql("UPDATE quality_investigation SET state = 'phase_one' WHERE id = %s", conclusion.investigation_id)
    for change in ("findings = 'other'", "cause = 'tired', evidence = 'seen'", "signature_id = NULL"):
        with (
            pytest.raises(DatabaseError, match="conclusions_are"),
            transaction.atomic(),
            factories.writing(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE quality_conclusion SET {change} WHERE id = %s", [conclusion.pk])


def test_another_result_of_the_deviation_opens_no_second_one(sample):
    investigation = failed(sample)
    assert Deviation.objects.count() == 1
    assert Investigation.objects.get() == investigation


def test_of_two_results_of_one_method_each_may_forbid_that_it_is_measured_again(sample):
    """The import asks before the run is computed, which could give its results to nobody."""
    for attribute in ("viability", "total_viable_cells"):
        factories.make_result(sample, attribute, value=61)
    under = [investigated(result) for result in Result.objects.order_by("pk")]
    conclude(under[1], **ERROR)
    method = bench.method_of(catalogue.CELL_COUNT)
    why = why_not_measured_again([sample], method, analyst=person("ines"))
    assert "phase I); nothing is measured again" in why[sample.name]
