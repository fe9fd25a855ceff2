"""Rows that raw SQL would slip under a run: another patient's sample, another stage, a well that nobody measured."""

import pytest

from tests import factories
from tests.assays import bench
from tests.raw_sql import refused
from tests.raw_sql import run as sql

pytestmark = pytest.mark.django_db

RESULT = """
    INSERT INTO assays_result (order_id, sample_id, method_id, run_id, attribute, stage, qualifier, raw_value, value,
        decimals, text, unit, missing, notes, performed_at, late_entry_reason, recorded_by_id, state, reason)
    SELECT s.order_id, s.id, r.method_id, r.run_id, %s, %s, '=', 1, 1, 0, '', %s, '', '', r.performed_at,
        '', r.recorded_by_id, 'recorded', ''
    FROM assays_result r, batches_sample s WHERE r.run_id = %s AND s.id = %s
"""


@pytest.fixture
def run():
    return bench.compute(bench.import_plate(bench.received_sample()))


def add(run, sample, *, attribute="ifng_net", stage="pre_freeze", unit="pg/mL"):
    sql(RESULT, attribute, stage, unit, run.pk, sample.pk)


def test_a_result_has_the_stage_of_its_sample_and_a_sample_of_its_run(run):
    with refused("results_are_of_a_sample_that_was_measured"):
        add(run, run.results.get().sample, stage="post_thaw")
    with refused("results_are_of_a_sample_that_was_measured"):
        add(run, bench.received_sample())


def test_a_result_is_told_as_its_method_reports_it(run):
    sample = run.results.get().sample
    for other in ({"attribute": "viability"}, {"unit": "ng/mL"}, {"unit": ""}):
        with refused("results_are_told_as_their_method_reports"):
            add(run, sample, **other)
    with refused("results_are_told_as_their_method_reports"):
        early = factories.make_sample(stage="in_process")
        factories.make_result(early, "ifng_net", value=1, unit="pg/mL", method=run.method)
    with refused("one_standing_result_of_an_attribute"):
        add(run, sample)


def test_a_computed_run_takes_no_further_name_or_well(run):
    with refused("names_are_mapped_with_the_import"):
        sql(
            "INSERT INTO assays_mappedsample (run_id, row, instrument_name, condition, left_out, again)"
            " VALUES (%s, 0, 'SPL9', 'as_is', 'Empty.', '')",
            run.pk,
        )
    with refused("wells_come_with_the_import"):
        sql(
            "INSERT INTO assays_well (run_id, position, role, instrument_name, signal, missing, analyte, place)"
            " VALUES (%s, 'Z9', 'blank', 'BLK', 1, '', '', '')",
            run.pk,
        )
