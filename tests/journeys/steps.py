"""The stretches of the way that several journeys walk, each through pages only."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from assays.models import Method, Run
from assays.readers.specimen_files import AssayedSample, CountedSample, gen5_plate, vicell_csv
from assays.states import RunState
from tests.journeys.person import eventually, upload
from tilmfg.batches.containers import bench_of
from tilmfg.batches.progress import progress_of
from tilmfg.demonstration.path import DAYS, FORM_RESULTS, LATE
from tilmfg.demonstration.people import PASSWORD
from tilmfg.demonstration.tables import csv_of, mycoplasma_free, stained_cells
from tilmfg.facility.models import MaterialLot
from tilmfg.identity.models import TherapyOrder
from tilmfg.release.models import Lot
from tilmfg.release.states import LotState

HERE = ZoneInfo(settings.TIME_ZONE)
TODAY = datetime.now(HERE).replace(hour=9, minute=0, second=0, microsecond=0)
CARTRIDGE = ("endotoxin", "endotoxin", "1", {"value": "0.05", "qualifier": "<"})
DAY_0 = TODAY - timedelta(days=40)


def typed(moment):
    """As a datetime-local input sends it."""
    return f"{moment.astimezone(HERE):%Y-%m-%dT%H:%M:%S}"


def place_order(house, number=1):
    """`adam` places the order; the id is there before any tissue is, and the bottle's label is printed."""
    page = house.adam.must_send(
        "/orders/new/",
        pseudonym=f"PT-{number:04}",
        site=str(house.site.pk),
        name=f"Invented Patient {number}",
        birth_date="1961-04-12",
        hospital_number=f"H70000{number}",
        indication="melanoma",
        procurement="resection",
        needed_by_date=f"{TODAY + timedelta(days=9):%Y-%m-%d}",
    )
    coi_id = re.search(r"/orders/(CH\w{13})/", page.url)[1]
    order = TherapyOrder.objects.get(coi_id=coi_id)
    print_and_apply(house.adam, order, "TB1")
    return order


def print_and_apply(person, order, code):
    """Print the container's label, look at the PDF, put it on, say so."""
    page = person.must_send(f"/orders/{order.coi_id}/containers/{code}/label/")
    label = order.labels.get(container__code=code)
    assert person.open(f"/orders/labels/{label.pk}/").content.startswith(b"%PDF")
    person.must_send(page, to=f"/labels/{label.pk}/apply/")


def receive_tumor(house, order, *, read=None, **changes):
    """`olga` and `tomas` at one tablet."""
    return house.olga.send(
        f"/orders/{order.coi_id}/receive/",
        **{
            "read": read or order.containers.get(code="TB1").payload,
            "temperature_c": "4.8",
            "condition": "Seal intact, medium clear",
            "courier": "CryoTrans, M. Okafor",
            "received_at": typed(DAY_0 - timedelta(hours=2)),
            "late_entry_reason": LATE,
            "second_username": "tomas",
            "second_password": PASSWORD,
        }
        | changes,
    )


def manufacture(house, order):
    """Day 0 to the freezer: every container labelled and scanned, every step recorded and verified."""
    house.olga.must_send(f"/floor/start/{order.coi_id}/", started_at=typed(DAY_0), late_entry_reason=LATE)
    codes = {}
    for day in DAYS:
        codes |= prepare_bench(house, order, day)
        record(house, order, day, codes)
        verify(house, order, day, codes)


def prepare_bench(house, order, day):
    """Labels for what is filled, printed and applied; then every container on the bench is scanned."""
    address = f"/floor/{order.lot_number}/{day.step}/"
    before = set(order.containers.values_list("code", flat=True))
    if day.fills:
        counts = {prefix: str(count) for prefix, count in day.fills.items()}
        house.olga.must_send(address, to="/labels/", **counts)
    made = sorted(set(order.containers.values_list("code", flat=True)) - before)
    for code in made:
        print_and_apply(house.olga, order, code)
    while pending := bench_of(order.batch, progress_of(order.batch).process.step(day.step)).pending:
        house.olga.must_send(address, to="/scan/", read=pending[0].payload)
    return {prefix: [code for code in made if code.startswith(prefix)] for prefix in day.fills}


def record(house, order, day, codes):
    """It was done days ago: the page asks why it is entered late, and keeps what was typed."""
    scanned = {f"material_{slot}": code for slot, code in day.materials.items()}
    scanned |= {f"equipment_{slot}": code for slot, code in day.equipment.items()}
    asked = house.olga.send(
        f"/floor/{order.lot_number}/{day.step}/",
        to=f"/{day.step}/",
        performed_at=typed(DAY_0 + timedelta(days=day.day, hours=day.hour)),
        **scanned,
        **day.readings(codes),
    )
    assert asked.status == 422
    house.olga.must_send(asked, late_entry_reason=LATE)


def verify(house, order, day, codes):
    """`tomas` enters the critical values again, on olga's tablet."""
    page = house.olga.open(f"/floor/{order.lot_number}/{day.step}/verify/")
    asked = page.form(having=["second_username"]).fields
    again = {name: value for name, value in day.readings(codes).items() if name in asked}
    house.olga.must_send(page, second_username="tomas", second_password=PASSWORD, **again)


def measure(house, order, *, net_pg_per_ml):
    """Samples reach the laboratory; files and forms in by `ana`, reviewed by `ines`."""
    for sample in order.samples.filter(stage="pre_freeze"):
        house.ana.must_send("/laboratory/samples/receive", sample=sample.name)
    import_count(house, order)
    import_plate(house, order, net_pg_per_ml)
    import_table(house, order, "FLO-01", stained_cells(name_for(order, "identity"), t_cells_percent=97.4))
    import_table(house, order, "PCR-01", mycoplasma_free(name_for(order, "mycoplasma")))
    for purpose, attribute, days, value in (*FORM_RESULTS, CARTRIDGE):
        enter_result(house, order, purpose, attribute, DAY_0 + timedelta(days=22 + int(days), hours=6), value)


def name_for(order, purpose):
    return order.samples.get(stage="pre_freeze", purpose=purpose).name


def import_count(house, order):
    sample = CountedSample(
        name=name_for(order, "cell_count"),
        viable_cells_per_ml=56_300_000,
        viability_percent=88.2,
        counted_at=DAY_0 + timedelta(days=22, hours=4),
    )
    import_file(house, "VCB-01", upload("count.csv", vicell_csv([sample], timezone=settings.TIME_ZONE)))


def import_plate(house, order, net_pg_per_ml):
    sample = AssayedSample(name=name_for(order, "ifng"), net_pg_per_ml=net_pg_per_ml)
    read_at = DAY_0 + timedelta(days=23, hours=6)
    text = gen5_plate(samples=[sample], read_at=read_at, timezone=settings.TIME_ZONE)
    import_file(house, "SYN-01", upload("elisa.txt", text))


def import_table(house, order, instrument, lines):
    read_at = DAY_0 + timedelta(days=23, hours=6)
    text = csv_of(lines, measured_at=read_at, timezone=settings.TIME_ZONE)
    import_file(house, instrument, upload("table.csv", text))


def import_file(house, instrument, file):
    """Preview first; the names in the file are those of the vials. The worker computes, `ines` reviews."""
    preview = house.ana.must_send("/laboratory/import", file=file, instrument=instrument)
    method = Method.objects.get(pk=preview.form(having=["method"]).fields["method"])
    lots = {
        f"reagent_{number}": MaterialLot.objects.get(material=reagent).code
        for number, reagent in enumerate(method.rules.reagents)
    }
    page = house.ana.must_send(preview, to="/laboratory/files/", instrument=instrument, **lots)
    run = Run.objects.get(pk=page.url.rstrip("/").rpartition("/")[2])
    eventually(lambda: Run.objects.get(pk=run.pk).state == RunState.COMPUTED)
    house.ines.must_send(
        f"/laboratory/runs/{run.pk}/review",
        decision="review",
        password=PASSWORD,
        reason="Data and calculation are correct",
    )


def enter_result(house, order, purpose, attribute, performed_at, value):
    house.ana.must_send(
        f"/laboratory/samples/{name_for(order, purpose)}/results/{attribute}",
        performed_at=typed(performed_at),
        late_entry_reason=LATE,
        **{name: str(entered) for name, entered in value.items()},
    )
    result = order.results.get(attribute=attribute)
    if result.readings_agree is None:
        house.ines.must_send(f"/laboratory/results/{result.pk}/second-reading", **value)
    house.ines.must_send(
        f"/laboratory/results/{result.pk}/review", password=PASSWORD, reason="Agrees with the raw data"
    )


def lot_state(order):
    return Lot.objects.get(order=order).state


def decide(house, order, decision, *, becomes):
    """`quinn` reviews the trail, then the record, `rosa` signs, the worker executes."""
    eventually(lambda: lot_state(order) == LotState.QA_REVIEW)
    if decision == "release":
        house.quinn.must_send(
            f"/lots/{order.lot_number}/trail/",
            password=PASSWORD,
            reason="Late entries were copied from the paper record",
        )
    house.quinn.must_send(
        f"/lots/{order.lot_number}/review/",
        decision=decision,
        password=PASSWORD,
        reason="Complete; every exception was looked at",
    )
    assert lot_state(order) == LotState.QA_REVIEW
    house.rosa.must_send(
        f"/lots/{order.lot_number}/disposition/", password=PASSWORD, reason="Decided on the record as shown"
    )
    eventually(lambda: lot_state(order) == becomes)
