from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from tests import factories
from tests.batches import bench
from tests.cast import credential, person
from tilmfg.accounts.roles import Role
from tilmfg.batches import services
from tilmfg.batches.models import Reading, Sample, StepExecution
from tilmfg.batches.services.due import UnableToRecord
from tilmfg.identity.models import Container
from tilmfg.quality.models import Deviation
from tilmfg.quality.services import close_deviation
from tilmfg.records.context import acting
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch():
    return bench.started()


def refusal(batch, step, **changes):
    with pytest.raises(UnableToRecord) as refused:
        services.record_step(batch=batch, step=step, **bench.arguments(batch, step, **changes))
    assert not StepExecution.objects.filter(batch=batch, step=step).exists()
    return refused.value


def reading(execution, parameter):
    return execution.readings.get(parameter=parameter)


def test_it_records_values_supplies_and_who_and_when(batch):
    execution = bench.record(batch, "fragment_and_seed")
    assert execution.performed_by == person("olga")
    assert execution.in_window
    assert execution.state == "recorded"
    assert execution.containers == {"TB": ["TB1"], "FL": ["FL1", "FL2"]}
    fragments = reading(execution, "fragments[FL2]")
    assert (fragments.value, fragments.unit, fragments.low, fragments.high) == (48, "fragments", 1, 60)
    total = reading(execution, "total_fragments")
    assert (total.value, total.computed) == (103, True)
    assert set(execution.materials.values_list("slot", flat=True)) == {"medium", "il2"}
    assert set(execution.equipment.values_list("slot", flat=True)) == {"cabinet", "incubator"}
    assert Event.objects.get(name="batches.step.recorded").chain == batch.order.chain


def test_it_goes_through_all_22_days():
    batch = bench.performed_until("freeze")
    freeze = bench.record(batch, "freeze")
    assert reading(freeze, "contact_minutes").value == 40
    bench.verify(freeze)
    batch.refresh_from_db()
    assert batch.state == "harvested"
    assert not Deviation.objects.filter(chain=batch.chain).exists()
    bags = Container.objects.filter(order=batch.order, kind="bag").order_by("code")
    assert [(bag.state, bag.volume_ml, bag.viable_cells) for bag in bags] == [
        ("stored", Decimal("120.00"), Decimal("7200000000")),
        ("stored", Decimal("110.50"), Decimal("6630000000")),
    ]
    harvested = Event.objects.get(name="batches.batch.harvested")
    assert (harvested.subject_id, harvested.chain) == (batch.pk, batch.order.chain)


def test_it_computes_expansion_from_what_earlier_steps_found():
    batch = bench.performed_until("harvest")
    harvest = bench.record(batch, "harvest")
    found = {item.parameter: item.value for item in harvest.readings.filter(computed=True)}
    assert found["pre_wash_cells"] == Decimal("3e10")
    assert found["fold_since_split"] == Decimal("9.4")  # 3e10 ÷ 3.2e9
    assert found["fold_expansion"] == Decimal("416.7")  # 3e10 ÷ 7.2e7
    assert found["recovery_percent"] == 90
    assert found["dose_cells"] == Decimal("1.383e10")


def test_it_draws_a_named_sample_for_each_purpose():
    batch = bench.performed_until("harvest")
    harvest = bench.record(batch, "harvest")
    samples = {sample.purpose: sample for sample in Sample.objects.filter(execution=harvest)}
    assert set(samples) == {
        "cell_count", "ifng", "identity", "endotoxin", "mycoplasma", "gram_stain", "sterility",
    }  # fmt: skip
    ifng = samples["ifng"]
    assert ifng.name == f"{batch.order.lot_number}-{ifng.container.code}"
    assert (ifng.stage, ifng.state, ifng.container.state) == ("pre_freeze", "drawn", "in_use")
    assert {link.parent.code for link in ifng.container.parent_links.all()} == {"FL4", "FL5", "FL6"}


def test_containers_are_filled_and_used_up_once_the_step_is_verified(batch):
    execution = bench.record(batch, "fragment_and_seed")
    states = Container.objects.filter(order=batch.order).values_list("code", "state")
    assert dict(states) == {"TB1": "in_use", "FL1": "labelled", "FL2": "labelled"}
    bench.verify(execution)
    assert dict(states.all()) == {"TB1": "consumed", "FL1": "in_use", "FL2": "in_use"}


def test_it_seeds_at_most_200_million_and_banks_the_rest():
    batch = bench.performed_until("rep_start")
    many = bench.numbers(bench.READINGS["rep_start"]) | {"viable_cells_per_ml": Decimal("2500000")}
    bench.lay_out(batch, "rep_start")
    assert "label and scan a cryobag" in str(refusal(batch, "rep_start", readings=many))
    services.label_containers(batch=batch, step="rep_start", counts={"CB": 1}, by=person("olga"))
    cryobag = Container.objects.get(order=batch.order, code="CB1")
    services.scan_container(batch=batch, step="rep_start", read=cryobag.payload, by=person("olga"))
    many["excess_position[CB1]"] = "LN-01 / R9 / B1"
    bench.verify(
        services.record_step(
            batch=batch, step="rep_start", **bench.arguments(batch, "rep_start", readings=many)
        )
    )
    flask = Container.objects.get(order=batch.order, code="FL3")
    cryobag.refresh_from_db()
    assert flask.viable_cells == Decimal("2e8")
    assert (cryobag.viable_cells, cryobag.state) == (Decimal("1e8"), "stored")


def test_a_value_outside_its_limits_needs_a_reason_and_opens_a_deviation():
    batch = bench.performed_until("split")
    bench.lay_out(batch, "split")
    low = bench.numbers(bench.READINGS["split"]) | {"viability_percent": Decimal("69.9")}
    refused = refusal(batch, "split", readings=low)
    assert refused.field == "reason_viability_percent"
    assert "69.9 % is outside the limits, 70 to 100 %" in str(refused)
    reasons = {"viability_percent": "Counted twice; culture was acidic"}
    arguments = bench.arguments(batch, "split", readings=low, reasons=reasons)
    execution = services.record_step(batch=batch, step="split", **arguments)
    assert not reading(execution, "viability_percent").within_limits
    deviation = Deviation.objects.get(chain=batch.chain)
    assert (deviation.kind, deviation.state, deviation.classification) == ("out_of_limit", "open", "")
    assert "Viability 69.9 %" in deviation.title
    assert "culture was acidic" in deviation.description


def test_a_value_at_its_limit_is_inside():
    batch = bench.performed_until("split")
    edge = bench.numbers(bench.READINGS["split"]) | {"viability_percent": Decimal("70.0")}
    assert reading(bench.record(batch, "split", readings=edge), "viability_percent").within_limits


def test_too_few_cells_on_day_11_stop_the_batch_until_qa_decides():
    batch = bench.performed_until("rep_start")
    few = bench.numbers(bench.READINGS["rep_start"]) | {"viable_cells_per_ml": Decimal("40000")}
    execution = bench.record(
        batch, "rep_start", readings=few, reasons={"total_viable_cells": "Small tumor, counted twice"}
    )
    bench.verify(execution)
    deviation = Deviation.objects.get(chain=batch.chain)
    assert deviation.classification == "critical"
    with pytest.raises(UnableToRecord, match=f"{deviation.number} is critical and open; QA must close it"):
        bench.lay_out(batch, "split")

    close_deviation(
        deviation=deviation,
        classification="critical",
        impact="Continue: no other tissue can be had",
        credential=credential("rosa"),
        reason="Decided with the physician",
        by=person("rosa"),
    )
    bench.record(batch, "split")


def test_a_step_outside_its_window_needs_a_reason_and_opens_a_deviation(batch):
    batch = bench.performed_until("rep_start", days_ago=20)
    bench.lay_out(batch, "rep_start")
    late = bench.later(batch, days=12, hours=15, minutes=1)  # midnight and a minute
    refused = refusal(batch, "rep_start", performed_at=late)
    assert refused.field == "window_reason"
    assert "is outside the window" in str(refused)
    arguments = bench.arguments(
        batch, "rep_start", performed_at=late, window_reason="Incubator alarm; counted again"
    )
    assert not services.record_step(batch=batch, step="rep_start", **arguments).in_window
    assert Deviation.objects.get(chain=batch.chain).kind == "out_of_window"


def test_freezing_too_late_after_the_cryo_medium_is_out_of_window():
    batch = bench.performed_until("freeze")
    bench.lay_out(batch, "freeze")
    after = batch.executions.get(step="harvest").performed_at + timedelta(hours=2, minutes=1)
    assert refusal(batch, "freeze", performed_at=after).field == "window_reason"


def test_a_late_entry_needs_a_reason():
    """ALC-3"""
    batch = bench.started(days_ago=0) if timezone.localtime().hour > 9 else bench.started(days_ago=1)
    bench.lay_out(batch, "fragment_and_seed")
    now = timezone.now()
    window = {"window_reason": "A test may run after midnight"}
    refused = refusal(
        batch, "fragment_and_seed", performed_at=now - timedelta(minutes=16), late_entry_reason="", **window
    )
    assert refused.field == "late_entry_reason"
    services.record_step(
        batch=batch,
        step="fragment_and_seed",
        **bench.arguments(
            batch,
            "fragment_and_seed",
            performed_at=now - timedelta(minutes=14),
            late_entry_reason="",
            **window,
        ),
    )


def test_it_refuses_a_time_in_the_future(batch):
    bench.lay_out(batch, "fragment_and_seed")
    refused = refusal(batch, "fragment_and_seed", performed_at=timezone.now() + timedelta(minutes=1))
    assert refused.field == "performed_at"


def test_it_refuses_a_time_before_the_step_before():
    batch = bench.performed_until("rep_start")
    bench.lay_out(batch, "rep_start")
    before = batch.started_at + timedelta(minutes=4)
    refused = refusal(batch, "rep_start", performed_at=before, window_reason="Entered after the shift")
    assert "is before the step before it was performed" in str(refused)


def test_it_refuses_a_step_out_of_order(batch):
    """P11-06"""
    with pytest.raises(UnableToRecord, match="“Fragment and seed” comes first"):
        services.record_step(batch=batch, step="rep_start", **bench.arguments(batch, "rep_start"))


def test_it_refuses_a_step_before_the_one_before_is_verified(batch):
    """P11-06"""
    bench.record(batch, "fragment_and_seed")
    with pytest.raises(UnableToRecord, match="must be recorded and verified"):
        services.record_step(batch=batch, step="rep_start", **bench.arguments(batch, "rep_start"))


def test_it_refuses_a_step_the_process_does_not_have(batch):
    with pytest.raises(UnableToRecord, match="“thaw” is no step of this process"):
        services.record_step(batch=batch, step="thaw", **bench.arguments(batch, "freeze"))


def test_a_step_is_performed_once(batch):
    bench.record(batch, "fragment_and_seed")
    with pytest.raises(UnableToRecord, match="recorded already, by Olga Petrova"):
        services.record_step(
            batch=batch, step="fragment_and_seed", **bench.arguments(batch, "fragment_and_seed")
        )


def test_raw_sql_cannot_perform_a_step_twice(batch):
    execution = bench.record(batch, "fragment_and_seed")
    columns = (
        "order_id, batch_id, step, performed_by_id, performed_at, containers, in_window, window_reason, "
        "late_entry_reason, state"
    )
    with (
        pytest.raises(IntegrityError, match="a_step_is_executed_once"),
        acting(actor="mallory", verb="raw.sql"),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO batches_stepexecution ({columns}) SELECT {columns} FROM batches_stepexecution WHERE id = %s",
            [execution.pk],
        )


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("performed_at = now()", "executions_keep_what_was_recorded"),
        ("in_window = false, window_reason = 'x'", "executions_keep_what_was_recorded"),
        (
            "state = 'verified', verified_at = now(), verified_by_id = performed_by_id",
            "performer_is_not_verifier",
        ),
        ("state = 'verified', verified_at = now()", "verified_steps_have_a_verifier"),
    ],
)
def test_raw_sql_cannot_change_what_was_recorded(batch, change, rule):
    execution = bench.record(batch, "fragment_and_seed")
    with (
        pytest.raises(DatabaseError, match=rule),
        acting(actor="mallory", verb="raw.sql", reason="I say so"),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE batches_stepexecution SET {change} WHERE id = %s", [execution.pk])


@pytest.mark.parametrize("code", ["tumor_pieces", "fragments[FL2]"])
def test_it_refuses_a_missing_value_and_names_it(batch, code):
    bench.lay_out(batch, "fragment_and_seed")
    readings = bench.numbers(bench.READINGS["fragment_and_seed"])
    del readings[code]
    refused = refusal(batch, "fragment_and_seed", readings=readings)
    assert refused.field == code
    assert "is missing" in str(refused)


def test_a_count_typed_in_millions_is_noticed():
    batch = bench.performed_until("split")
    bench.lay_out(batch, "split")
    mixed_up = bench.numbers(bench.READINGS["split"]) | {"viable_cells_per_ml": Decimal("6.4")}
    assert "too precise" in str(refusal(batch, "split", readings=mixed_up))
    mixed_up["viable_cells_per_ml"] = Decimal("6")
    assert refusal(batch, "split", readings=mixed_up).field == "reason_viable_cells_per_ml"


def test_it_refuses_what_is_not_labelled(batch):
    assert "label what is filled in this step first" in str(refusal(batch, "fragment_and_seed"))


def test_it_refuses_what_is_not_scanned(batch):
    services.label_containers(batch=batch, step="fragment_and_seed", counts={"FL": 2}, by=person("olga"))
    assert str(refusal(batch, "fragment_and_seed")) == "Not scanned yet: TB1, FL1, FL2."


def yesterday():
    return (timezone.now() - timedelta(days=30)).date()


@pytest.mark.parametrize(
    ("lot", "message"),
    [
        (lambda: factories.make_material_lot("il2", expiry=yesterday()).code, "expired on"),
        (
            lambda: factories.make_material_lot("il2", status="quarantine").code,
            "not released for use: quarantine",
        ),
        (
            lambda: factories.make_material_lot("il2", status="rejected").code,
            "not released for use: rejected",
        ),
        (lambda: factories.make_material_lot("okt3").code, "IL-2 belongs here"),
        (lambda: "ML-99999", "no material lot has the code “ML-99999”"),
        (lambda: " ", "IL-2 is not scanned"),
    ],
)
def test_it_refuses_a_material_that_may_not_be_used(batch, lot, message):
    bench.lay_out(batch, "fragment_and_seed")
    materials = bench.supplies("fragment_and_seed")["materials"] | {"il2": lot()}
    refused = refusal(batch, "fragment_and_seed", materials=materials)
    assert refused.field == "material_il2"
    assert message in str(refused)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (lambda: factories.make_equipment("incubator", due=yesterday()).code, "calibration was due on"),
        (lambda: factories.make_equipment("cabinet").code, "Incubator belongs here"),
        (lambda: "INC-999", "no equipment has the code “INC-999”"),
    ],
)
def test_it_refuses_equipment_that_may_not_be_used(batch, code, message):
    bench.lay_out(batch, "fragment_and_seed")
    equipment = bench.supplies("fragment_and_seed")["equipment"] | {"incubator": code()}
    refused = refusal(batch, "fragment_and_seed", equipment=equipment)
    assert refused.field == "equipment_incubator"
    assert message in str(refused)


def test_it_refuses_a_slot_the_step_does_not_have(batch):
    bench.lay_out(batch, "fragment_and_seed")
    given = bench.supplies("fragment_and_seed")["materials"] | {"okt3": "ML-1"}
    assert "no slot okt3" in str(refusal(batch, "fragment_and_seed", materials=given))


def test_nothing_is_performed_on_a_stopped_order(batch):
    bench.lay_out(batch, "fragment_and_seed")
    with factories.writing():
        type(batch.order).objects.filter(pk=batch.order_id).update(state="stopped")
    assert "Stopped: identity mismatch" in str(refusal(batch, "fragment_and_seed"))


def test_raw_sql_cannot_perform_a_step_on_a_stopped_order(batch):
    with factories.writing():
        type(batch.order).objects.filter(pk=batch.order_id).update(state="stopped")
    with pytest.raises(IntegrityError, match="stopped_orders_stand_still"), transaction.atomic():
        factories.make_execution(batch, "fragment_and_seed")


@pytest.mark.parametrize("username", ["ana", "quinn", "rosa", "adam", "sam", "vera", "eve"])
def test_it_refuses_whoever_is_no_technician(batch, username):
    assert services.record_step.roles == (Role.TECHNICIAN,)
    with pytest.raises(NotAuthorised):
        services.record_step(
            batch=batch,
            step="fragment_and_seed",
            **bench.arguments(batch, "fragment_and_seed", by=person(username)),
        )


def test_readings_are_never_edited(batch):
    execution = bench.record(batch, "fragment_and_seed")
    with pytest.raises(DatabaseError, match="append-only"), factories.writing():
        Reading.objects.filter(execution=execution).update(value=1)
