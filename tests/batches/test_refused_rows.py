"""Rows of a batch that the database refuses whoever writes them, each by the rule it names."""

import pytest

from tests import factories
from tests.batches import bench
from tests.raw_sql import again, refused, run
from tilmfg.batches.models import EquipmentUse, MaterialUse

pytestmark = pytest.mark.django_db


@pytest.fixture
def execution():
    return bench.record(bench.started(), "fragment_and_seed")


def test_readings_and_steps_are_what_they_must_be(execution):
    reading = execution.readings.filter(supersedes=None).first()
    for row, rule, changed in (
        (execution.batch.definition, "one_definition_per_version", {"approval_id": None}),
        (execution, "steps_out_of_window_have_a_reason",
         {"step": "other", "in_window": False, "window_reason": ""}),
        (reading, "one_first_reading_of_a_parameter", {}),
        (reading, "readings_hold_a_value", {"parameter": "x", "value": None, "text": ""}),
        (reading, "readings_out_of_limits_have_a_reason",
         {"parameter": "x", "within_limits": False, "reason": ""}),
        (reading, "corrections_have_a_reason", {"supersedes_id": reading.pk, "reason": ""}),
    ):  # fmt: skip
        with refused(rule):
            again(row, **changed)


def test_what_was_used_is_of_one_order_and_never_edited(execution):
    other = factories.make_order().pk
    used = [MaterialUse.objects.first(), EquipmentUse.objects.first()]
    for row in (execution, execution.readings.first(), *used):
        with refused("rows_of_one_order_stay_together"):
            again(row, order_id=other)
    for row in used:
        with refused("append-only"):
            run(f"UPDATE {row._meta.db_table} SET id = id")
