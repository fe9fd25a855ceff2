"""Rows that raw SQL would slip under a run: another patient's sample, another stage, a well that nobody measured."""

import pytest

from tests.assays import bench
from tests.raw_sql import refused
from tests.raw_sql import run as sql

pytestmark = pytest.mark.django_db

RESULT = """
    INSERT INTO assays_result (order_id, sample_id, method_id, run_id, attribute, stage, qualifier, raw_value, value,
        decimals, text, unit, missing, notes, performed_at, late_entry_reason, recorded_by_id, state, reason)
    SELECT s.order_id, s.id, r.method_id, r.run_id, 'tnfa_net', %s, '=', 1, 1, 0, '', 'pg/mL', '', '', r.performed_at,
        '', r.recorded_by_id, 'recorded', ''
    FROM assays_result r, batches_sample s WHERE r.run_id = %s AND s.id = %s
"""


@pytest.fixture
def run():
    return bench.compute(bench.import_plate(bench.received_sample()))


def test_a_result_has_the_stage_of_its_sample_and_a_sample_of_its_run(run):
    measured, other = run.results.get().sample, bench.received_sample()
    with refused("results_are_of_a_sample_that_was_measured"):
        sql(RESULT, "post_thaw", run.pk, measured.pk)
    with refused("results_are_of_a_sample_that_was_measured"):
        sql(RESULT, other.stage, run.pk, other.pk)
    sql(RESULT, measured.stage, run.pk, measured.pk)


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
