"""A batch on the bench: everything a technician does before and around the step that a test is about."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from tests import factories
from tests.cast import credential, person, qualify
from tilmfg.batches import services
from tilmfg.batches.containers import bench_of
from tilmfg.batches.definitions import GEN2_22_DAYS
from tilmfg.batches.models import ProcessDefinition
from tilmfg.batches.progress import process_of
from tilmfg.batches.services.verification import critical_readings, newest, readings_of
from tilmfg.records.days import facility_today, facility_zone

STEPS = [step["code"] for step in GEN2_22_DAYS["steps"]]
DAYS = {"fragment_and_seed": 0, "rep_start": 11, "split": 16, "harvest": 22, "freeze": 22}
LABELS = {
    "fragment_and_seed": {"FL": 2},
    "rep_start": {"FL": 1},
    "split": {"FL": 3},
    "harvest": {"BG": 2},
    "freeze": {},
}
READINGS = {
    "fragment_and_seed": {"tumor_pieces": "2", "fragments[FL1]": "55", "fragments[FL2]": "48"},
    "rep_start": {
        "volume_ml": "120",
        "viable_cells_per_ml": "600000",
        "viability_percent": "88.5",
        "feeder_cells": "5000000000",
    },
    "split": {"volume_ml": "500", "viable_cells_per_ml": "6400000", "viability_percent": "91.0"},
    "harvest": {
        "pre_wash_volume_ml": "2000",
        "pre_wash_cells_per_ml": "15000000",
        "post_wash_volume_ml": "200",
        "post_wash_cells_per_ml": "135000000",
        "viability_percent": "90.5",
        "formulated_cells_per_ml": "60000000",
        "bag_volume_ml[BG1]": "120",
        "bag_volume_ml[BG2]": "110.5",
    },
    "freeze": {
        "storage_temperature_c": "-160",
        "storage_position[BG1]": "LN-01 / R3 / B1",
        "storage_position[BG2]": "LN-01 / R3 / B2",
    },
}


def gen2():
    """The approved process of 22 days."""
    found = ProcessDefinition.objects.filter(code="gen2-22-days").first()
    if found:
        return found
    draft = services.draft_definition(
        code="gen2-22-days", name="Gen 2, 22 days", content=GEN2_22_DAYS, by=person("quinn")
    )
    definition = services.approve_definition(
        definition=draft, credential=credential("rosa"), reason="Process validated", by=person("rosa")
    )
    for username in ("olga", "tomas"):
        qualify(username, definition.qualification)
    return definition


def started(*, days_ago=23, order=None):
    """A batch that olga began at nine in the morning, that many days ago at the facility."""
    order = order or factories.make_order(state="received")
    return services.start_batch(
        order=order,
        definition=gen2(),
        started_at=on_day(-days_ago),
        late_entry_reason="Written on paper while the network was down",
        by=person("olga"),
    )


def on_day(days, hour=9, minute=0):
    """So many days from today, on the facility's clock."""
    return datetime.combine(
        facility_today() + timedelta(days=days), time(hour, minute), tzinfo=facility_zone()
    )


def later(batch, **passed):
    """So long after the batch was begun, on the facility's wall clock."""
    return batch.started_at.astimezone(facility_zone()) + timedelta(**passed)


def supplies(step):
    """Codes of usable material lots and equipment for every slot of the step."""
    content = next(item for item in GEN2_22_DAYS["steps"] if item["code"] == step)
    return {
        "materials": {
            slot["code"]: factories.make_material_lot(slot["material"]).code
            for slot in content.get("materials", ())
        },
        "equipment": {
            slot["code"]: factories.make_equipment(slot["kind"]).code for slot in content.get("equipment", ())
        },
    }


def lay_out(batch, step, *, labels=None, by="olga"):
    """Label what the step fills and scan all that it takes in hand."""
    labels = LABELS[step] if labels is None else labels
    definition = process_of(batch.definition).step(step)
    if labels or definition.samples:
        services.label_containers(batch=batch, step=step, counts=labels, by=person(by))
    bench = bench_of(batch, definition)
    for container in (*bench.handled, *bench.to_fill):
        services.scan_container(batch=batch, step=step, read=container.payload, by=person(by))


def arguments(batch, step, **changes):
    """What record_step is given when nothing is wrong: in the window, every value inside its limits."""
    minutes = 45 if step == "freeze" else 5
    given = {
        "performed_at": later(batch, days=DAYS[step], minutes=minutes),
        "readings": numbers(READINGS[step]),
        "reasons": {},
        "window_reason": "",
        "late_entry_reason": "Written on paper while the network was down",
        "by": person("olga"),
    }
    return given | supplies(step) | changes


def numbers(readings):
    def typed(code, value):
        return value if "position" in code else Decimal(value)

    return {code: typed(code, value) for code, value in readings.items()}


def record(batch, step, *, labels=None, **changes):
    lay_out(batch, step, labels=labels)
    return services.record_step(batch=batch, step=step, **arguments(batch, step, **changes))


def verify(execution, second="tomas", *, by="olga", **changes):
    definition = execution.batch.definition
    again = {
        reading.parameter: reading.text if reading.value is None else reading.value
        for reading in critical_readings(process_of(definition), execution)
    }
    return services.verify_step(
        execution=execution,
        second=person(second),
        seen=newest(readings_of(execution).values()),
        reentered=again | changes,
        by=person(by),
    )


def performed_until(step, **start):
    """A batch with every step before `step` recorded and verified."""
    batch = started(**start)
    for code in STEPS[: STEPS.index(step)]:
        verify(record(batch, code))
    batch.refresh_from_db()
    return batch
