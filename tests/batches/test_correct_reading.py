from decimal import Decimal

import pytest

from tests.batches import bench
from tests.cast import grant, person, qualify
from tilmfg.accounts.roles import Role
from tilmfg.batches import services
from tilmfg.batches.progress import standing_readings
from tilmfg.batches.services.corrections import UnableToCorrect
from tilmfg.batches.services.differences import ReadDifferently
from tilmfg.batches.services.due import UnableToRecord
from tilmfg.quality.models import Deviation
from tilmfg.quality.workers import workers_of
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


def standing(batch, step, parameter):
    return next(
        item
        for item in standing_readings(batch)
        if (item.execution.step, item.parameter) == (step, parameter)
    )


def correct(
    batch, step, parameter, value, *, second=None, reason="Read off the wrong line", by="olga", reentered=None
):
    return services.correct_reading(
        reading=standing(batch, step, parameter),
        value=value if isinstance(value, str) and "/" in value else Decimal(value),
        second=second and person(second),
        reason=reason,
        reentered=reentered,
        by=person(by),
    )


@pytest.fixture
def batch():
    batch = bench.performed_until("rep_start")
    bench.record(batch, "rep_start")
    return batch


def test_the_wrong_value_stays_and_the_right_one_supersedes_it(batch):
    """ALC-6"""
    wrong = standing(batch, "rep_start", "volume_ml")
    right = correct(batch, "rep_start", "volume_ml", "125")
    assert (right.value, right.supersedes, right.reason) == (125, wrong, "Read off the wrong line")
    wrong.refresh_from_db()
    assert wrong.value == 120
    assert Event.objects.get(name="batches.reading.corrected").details["parameter"] == "volume_ml"


def test_what_followed_from_it_is_computed_anew(batch):
    correct(batch, "rep_start", "volume_ml", "125")
    total = standing(batch, "rep_start", "total_viable_cells")
    assert total.value == Decimal("75000000")
    assert total.supersedes.value == Decimal("72000000")
    assert total.reason == "Follows from a correction: Read off the wrong line"
    assert standing(batch, "rep_start", "viability_percent").supersedes is None


def test_the_corrected_value_is_the_one_that_is_verified_and_filled(batch):
    correct(batch, "rep_start", "volume_ml", "125")
    bench.verify(batch.executions.get(step="rep_start"))
    assert batch.order.containers.get(code="FL3").viable_cells == Decimal("75000000")


def test_a_corrected_value_outside_its_limits_opens_a_deviation(batch):
    correct(batch, "rep_start", "viability_percent", "65")
    assert Deviation.objects.get(chain=batch.chain).kind == "out_of_limit"


def test_a_verified_step_is_corrected_by_two_people(batch):
    with pytest.raises(UnableToCorrect, match="a second person confirms"):
        correct(batch, "fragment_and_seed", "tumor_pieces", "3")
    with pytest.raises(UnableToCorrect, match="Another technician"):
        correct(batch, "fragment_and_seed", "tumor_pieces", "3", second="olga")
    with pytest.raises(UnableToCorrect, match="Another technician"):
        correct(batch, "fragment_and_seed", "tumor_pieces", "3", second="quinn")
    corrected = correct(batch, "fragment_and_seed", "tumor_pieces", "3", second="tomas")
    assert Event.objects.get(name="batches.reading.corrected").details["second"] == "tomas"
    assert (corrected.recorded_by, corrected.confirmed_by) == (person("olga"), person("tomas"))
    assert corrected.confirmed_at >= corrected.execution.verified_at


def test_before_its_verification_a_step_is_corrected_by_one(batch):
    corrected = correct(batch, "rep_start", "volume_ml", "125")
    assert (corrected.confirmed_by, corrected.confirmed_at) == (None, None)


def test_who_confirmed_a_correction_worked_on_the_lot(batch):
    grant("eve", Role.TECHNICIAN)
    qualify("eve", batch.definition.qualification)
    assert person("eve").pk not in workers_of(batch.order_id)
    correct(batch, "fragment_and_seed", "tumor_pieces", "3", second="eve")
    assert person("eve").pk in workers_of(batch.order_id)


def test_a_critical_value_of_a_verified_step_counts_once_the_second_person_entered_it_unseen(batch):
    """A11-03"""
    place, before = ("fragment_and_seed", "fragments[FL2]"), Decimal("48")
    with pytest.raises(UnableToCorrect, match="Enter the value again") as refused:
        correct(batch, *place, "84", second="tomas")
    assert refused.value.field == "reentered"
    with pytest.raises(ReadDifferently, match="Tomás Herrera read something else"):
        correct(batch, *place, "84", second="tomas", reentered=Decimal("83"))
    assert standing(batch, *place).value == before
    event = Event.objects.get(name="batches.reading.correction_refused")
    assert (event.actor, event.details["parameters"]) == (person("tomas"), ["fragments[FL2]"])
    correct(batch, *place, "84", second="tomas", reentered=Decimal("84.0"))
    assert standing(batch, *place).value == Decimal("84")


def test_what_containers_are_recorded_to_hold_is_not_corrected(batch):
    bench.verify(batch.executions.get(step="rep_start"))
    with pytest.raises(UnableToCorrect, match="containers are recorded to hold it"):
        correct(batch, "rep_start", "volume_ml", "125", second="tomas", reentered=Decimal("125"))


def test_later_steps_are_computed_anew_too():
    batch = bench.performed_until("split")
    bench.record(batch, "split")
    correct(batch, "split", "volume_ml", "520")
    split = standing(batch, "split", "fold_expansion")
    assert (split.value, split.supersedes.value) == (Decimal("46.2"), Decimal("44.4"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": "120"}, "Nothing changes"),
        ({"value": "125", "reason": " "}, "State why"),
        ({"value": "125.25"}, "too precise"),
    ],
)
def test_it_refuses_a_correction_that_is_none(batch, change, message):
    with pytest.raises((UnableToCorrect, UnableToRecord), match=message):
        correct(batch, "rep_start", "volume_ml", **change)


def test_it_refuses_to_correct_what_was_computed(batch):
    with pytest.raises(UnableToCorrect, match="follows from what was typed"):
        correct(batch, "rep_start", "total_viable_cells", "1e9")


def test_it_refuses_a_stale_page(batch):
    seen = standing(batch, "rep_start", "volume_ml")
    correct(batch, "rep_start", "volume_ml", "125")
    with pytest.raises(UnableToCorrect, match="corrected meanwhile"):
        services.correct_reading(
            reading=seen, value=Decimal("130"), second=None, reason="again", by=person("olga")
        )
