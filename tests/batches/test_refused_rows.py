"""Rows of a batch that the database refuses whoever writes them, each by the rule it names."""

from datetime import UTC, datetime

import pytest
from django.db.models.functions import Now

from tests import factories
from tests.batches import bench
from tests.cast import person
from tests.raw_sql import again, refused, run
from tilmfg.batches.models import EquipmentUse, MaterialUse, Reading

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


@pytest.mark.parametrize(
    ("rule", "confirmed"),
    [
        ("corrector_does_not_confirm", ("olga", Now())),
        ("verified_steps_are_corrected_by_two: nobody confirms", (None, None)),
        ("verified_steps_are_corrected_by_two: the database clock", ("tomas", None)),
        (
            "verified_steps_are_corrected_by_two: the database clock",
            ("tomas", datetime(2026, 1, 5, tzinfo=UTC)),
        ),
        ("readings_are_made_by_qualified_people", ("ana", Now())),
    ],
)
def test_a_verified_step_is_corrected_by_two(execution, rule, confirmed):
    bench.verify(execution)
    who, at = confirmed
    with refused(rule), factories.writing():
        correction_of(execution, confirmed_by=who and person(who), confirmed_at=at).save()


@pytest.mark.parametrize("who", ["tomas", None])
def test_only_a_correction_is_confirmed_and_by_somebody(execution, who):
    with refused("corrections_are_confirmed_at_a_time"), factories.writing():
        first = correction_of(execution, confirmed_by=who and person(who), confirmed_at=Now())
        first.parameter, first.supersedes = "x", None
        first.save()


def correction_of(execution, **confirmed):
    """Another value of its first reading, as olga would enter it."""
    reading = execution.readings.get(parameter="tumor_pieces")
    fields = {"value": 3, "reason": "Miscounted.", "supersedes_id": reading.pk} | confirmed
    again = Reading.objects.get(pk=reading.pk)
    again.pk, again._state.adding = None, True
    for name, value in fields.items():
        setattr(again, name, value)
    return again
