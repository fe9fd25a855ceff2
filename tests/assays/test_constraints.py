"""What the tables of the laboratory take from nobody, raw SQL included: rows twice, half said or without a reason."""

import pytest
from django.utils import timezone

from assays import services
from tests.assays import bench
from tests.assays.test_runs_at_work import IFNG_BY_FORM
from tests.cast import person, qualify
from tests.raw_sql import again, refused
from tests.raw_sql import run as sql

pytestmark = pytest.mark.django_db

MASKING = """
    INSERT INTO assays_masking (run_id, well_id, row, held, computation, masked, reason, by_id)
    VALUES (%s, %s, %s, %s, 2, true, %s, %s)
"""


@pytest.fixture
def sample():
    return bench.received_sample()


@pytest.fixture
def run(sample):
    return bench.compute(bench.import_plate(sample))


def test_a_name_of_the_instrument_is_one_sample_or_left_out_for_a_reason(sample):
    name = bench.import_plate(sample).mapped_samples.first()
    with refused("an_instrument_name_is_mapped_once_in_a_run"):
        again(name)
    with refused("a_name_is_a_sample_or_left_out_with_a_reason"):
        again(name, instrument_name="SPL9", sample_id=None)
    with refused("a_name_is_a_sample_or_left_out_with_a_reason"):
        again(name, instrument_name="SPL9", left_out="Spilled.")


def test_a_well_is_there_once_with_a_signal_or_why_none_and_a_sample_if_it_holds_one(sample):
    well = bench.import_plate(sample).wells.filter(role="sample").first()
    with refused("one_row_per_well"):
        again(well)
    with refused("wells_without_signal_say_why"):
        again(well, position="P24", signal=None)
    with refused("sample_wells_and_no_others_are_mapped"):
        again(well, position="P24", mapped_sample_id=None)
    with refused("sample_wells_and_no_others_are_mapped"):
        again(well, position="P24", role="blank")


def test_a_control_was_read_or_not_for_a_reason_and_has_two_limits_or_none(run):
    reading = run.control_readings.exclude(lower=None).first()
    with refused("readings_of_controls_say_something"):
        again(reading, name="CTL9", value=None)
    with refused("limits_of_controls_are_a_pair"):
        again(reading, name="CTL9", upper=None)


def mask(run, *, well=None, row=None, held="", reason="A bubble."):
    sql(MASKING, run.pk, well and well.pk, row, held, reason, person("ana").pk)
    return run.maskings.last()


def test_a_well_is_masked_once_for_a_computation_and_for_a_reason(run):
    well = run.wells.first()
    with refused("wells_are_masked_with_a_reason"):
        mask(run, well=well, reason=" ")
    with refused("a_well_is_masked_or_a_row_with_what_it_held"):
        mask(run, well=well, held="0.482")
    with refused("a_well_is_masked_once_for_a_computation"):
        again(mask(run, well=well), masked=False)


def test_a_row_is_masked_once_for_a_computation_with_what_stood_there(sample):
    run = bench.import_counts(sample, acceptance="Counted before the bags are filled.")
    with refused("a_well_is_masked_or_a_row_with_what_it_held"):
        mask(run, row=1)
    with refused("a_row_is_masked_once_for_a_computation"):
        again(mask(run, row=1, held="56.3"), masked=False)


def test_a_version_of_a_method_is_one():
    draft = services.draft_method(**IFNG_BY_FORM, by=person("ana"))
    with refused("one_method_per_version"):
        again(draft)


@pytest.fixture
def typed(sample):
    bench.approved(IFNG_BY_FORM)
    return services.record_result(
        sample=sample, attribute="ifng_net", value=700, performed_at=timezone.now(), by=person("ana")
    )


def test_a_result_says_something_and_why_it_takes_the_place_of_another(typed):
    with refused("results_say_something"):
        again(typed, value=None)
    with refused("superseding_needs_a_reason"):
        again(typed, supersedes_id=typed.pk)


def test_a_result_is_of_a_method_in_force_and_of_a_qualified_person(typed):
    draft = services.draft_method(**IFNG_BY_FORM, by=person("ana"))
    qualify("ana", draft.qualification)
    with refused("results_come_from_approved_methods"):
        again(typed, method_id=draft.pk)
    with refused("results_are_made_by_qualified_people"):
        again(typed, recorded_by_id=person("olga").pk)


def test_a_typed_result_is_not_final_without_a_review(typed):
    with refused("final_results_are_reviewed_and_signed"):
        sql("UPDATE assays_result SET state = 'final' WHERE id = %s", typed.pk)


def test_a_run_is_accepted_for_a_reason_made_by_a_qualified_person_and_signed_by_who_reviews_it(run):
    fresh = {"state": "imported", "controls": None}
    with refused("findings_are_accepted_with_a_reason"):
        again(run, **fresh, findings='["The plate was read late."]', acceptance="")
    with refused("runs_are_made_by_qualified_people"):
        again(run, **fresh, analyst_id=person("olga").pk)
    with refused("reviewed_runs_are_signed"):
        sql("UPDATE assays_run SET state = 'reviewed' WHERE id = %s", run.pk)
