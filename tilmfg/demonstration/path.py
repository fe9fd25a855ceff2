"""One patient's way through the facility, verb by verb, as far as it is asked to go.

What happened on earlier days is entered late, with a reason, as from a paper record.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from assays import services as assays
from assays.models import Method, Result, Run
from assays.readers.specimen_files import AssayedSample, CountedSample, gen5_plate, vicell_csv
from assays.reading import read_stored
from assays.rules.mapping import Choice
from assays.rules.plates import Reads
from assays.rules.rows import GroupRow, Row
from assays.shown import shown_of_result, shown_of_run
from tilmfg.accounts.models import User
from tilmfg.batches import services as batches
from tilmfg.batches.containers import bench_of
from tilmfg.batches.models import Batch, ProcessDefinition
from tilmfg.batches.progress import progress_of
from tilmfg.batches.services.verification import critical_readings, newest, readings_of
from tilmfg.facility.models import MaterialLot
from tilmfg.identity import services as identity
from tilmfg.identity.models import TherapyOrder
from tilmfg.records import outbox
from tilmfg.records.canonical import digest
from tilmfg.records.days import facility_today, facility_zone
from tilmfg.records.models import Effect
from tilmfg.release.models import Disposition, Lot
from tilmfg.release.selectors.dossier import dossier_of, lots
from tilmfg.release.selectors.trail import trail_of
from tilmfg.release.services import review_trail, sign_disposition, sign_review
from tilmfg.treatment import services as treatment

from .people import signs
from .tables import SPIKED, csv_of, kinetic_lal, mycoplasma_free, stained_cells

LATE = "Entered from the paper record when the facility was set up"
FORM_RESULTS: tuple[tuple[str, str, str, dict], ...] = (
    # sample's purpose, attribute, days after harvest, value
    ("cell_count", "appearance", "0", {"text": "Bag intact, no clumps"}),
    ("gram_stain", "gram_stain", "0", {"text": "No organisms seen"}),
    ("sterility", "sterility", "14", {"text": "No growth"}),
)


def drain():
    """Do what the worker would do; at set-up there is none yet."""
    while waiting := list(Effect.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True)):
        for effect_id in waiting:
            outbox.deliver_effect(effect_id=effect_id)


@dataclass
class Case:
    """One patient's order and everything its way needs to know."""

    cast: dict[str, User]
    order: TherapyOrder
    began: datetime  # day 0
    codes: dict[str, list[str]] = field(default_factory=dict)

    def at(self, day: int, hour: int = 0) -> datetime:
        return self.began + timedelta(days=day, hours=hour)

    @property
    def batch(self) -> Batch:
        return Batch.objects.get(order=self.order)

    @property
    def lot(self) -> Lot:
        return lots().get(order=self.order)


def place(cast, site, *, number, indication="melanoma", began_days_ago, needed_in_days=None) -> Case:
    """Order, label of the tumor bottle."""
    began = datetime.combine(facility_today(), time(9), facility_zone()) + timedelta(days=-began_days_ago)
    order = identity.place_order(
        pseudonym=f"PT-{number:04}",
        name=f"Invented Patient {number}",
        birth_date=date(1950 + number, 1 + number % 12, 10 + number),
        hospital_number=f"H{700000 + number}",
        site=site,
        indication=indication,
        procurement="resection",
        needed_by_date=facility_today() + timedelta(days=needed_in_days)
        if needed_in_days is not None
        else None,
        by=cast["adam"],
    )
    case = Case(cast=cast, order=order, began=began)
    print_and_apply(case, order.containers.all(), by=cast["adam"])
    return case


def print_and_apply(case, containers, *, by):
    for container in containers:
        label, _ = identity.print_label(container=container, by=by)
        identity.apply_label(label=label, by=by)


def receive(case: Case, *, read: str = ""):
    """Two people receive the tumor; `read` is another label where the wrong one arrives."""
    scan = identity.receive_tumor(
        order=case.order,
        read=read or case.order.containers.get(code="TB1").payload,
        second=case.cast["tomas"],
        received_at=case.began - timedelta(hours=2),
        temperature_c=Decimal("4.6"),
        condition="Seal intact, medium clear",
        courier="CryoTrans, M. Okafor",
        late_entry_reason=LATE,
        by=case.cast["olga"],
    )
    case.order.refresh_from_db()
    return scan


def start(case: Case):
    batches.start_batch(
        order=case.order,
        definition=ProcessDefinition.objects.get(code="gen2-22"),
        started_at=case.began,
        late_entry_reason=LATE,
        by=case.cast["olga"],
    )


@dataclass(frozen=True)
class Day:
    """What a step of the demonstration fills and reads."""

    step: str
    day: int
    hour: int
    fills: dict[str, int]
    readings: Callable[[dict[str, list[str]]], dict[str, str]]
    materials: dict[str, str]
    equipment: dict[str, str]


BENCH = {"cabinet": "BSC-01", "incubator": "INC-01"}
COUNTED = BENCH | {"cell_counter": "VCB-01"}
DAYS = (
    Day(
        "fragment_and_seed", 0, 1, {"FL": 2},
        lambda new: {"tumor_pieces": "3", **{f"fragments[{code}]": "54" for code in new["FL"]}},
        {"medium": "ML-CM1", "il2": "ML-IL2"}, BENCH,
    ),
    Day(
        "rep_start", 11, 2, {"FL": 1},
        lambda new: {
            "volume_ml": "480", "viable_cells_per_ml": "310000", "viability_percent": "84.5", "feeder_cells": "5e9",
        },
        {"medium": "ML-CM2", "il2": "ML-IL2", "okt3": "ML-OKT3", "feeders": "ML-FEED"}, COUNTED,
    ),
    Day(
        "split", 16, 2, {"FL": 4},
        lambda new: {"volume_ml": "500", "viable_cells_per_ml": "8400000", "viability_percent": "88.1"},
        {"medium": "ML-CM4", "il2": "ML-IL2"}, COUNTED,
    ),
    Day(
        "harvest", 22, 2, {"BG": 4},
        lambda new: {
            "pre_wash_volume_ml": "3600", "pre_wash_cells_per_ml": "9500000",
            "post_wash_volume_ml": "260", "post_wash_cells_per_ml": "115000000",
            "viability_percent": "87.6", "formulated_cells_per_ml": "56000000",
            **{f"bag_volume_ml[{code}]": "110" for code in new["BG"]},
        },
        {"wash_buffer": "ML-PLA", "albumin": "ML-HSA", "cryo_medium": "ML-CS10", "il2": "ML-IL2"},
        {"cabinet": "BSC-01", "cell_counter": "VCB-01", "cell_washer": "LOV-01"},
    ),
    Day(
        "freeze", 22, 3, {},
        lambda new: {
            "storage_temperature_c": "-178",
            **{f"storage_position[{code}]": f"LN2-01 / R3 / B2 / {n}" for n, code in enumerate(new["BG"], start=1)},
        },
        {}, {"rate_freezer": "CRF-01", "storage_freezer": "LN2-01"},
    ),
)  # fmt: skip


def manufacture(case: Case, *, until: str):
    """All steps up to and including `until`."""
    for day in DAYS:
        perform(case, day)
        if day.step == until:
            return


def perform(case: Case, day: Day):
    """Label, scan, record and let another person verify."""
    olga, tomas = case.cast["olga"], case.cast["tomas"]
    batch, step = case.batch, day.step
    if day.fills:
        made = batches.label_containers(batch=batch, step=step, counts=day.fills, by=olga)
        print_and_apply(case, made, by=olga)
        for prefix in day.fills:
            case.codes[prefix] = [container.code for container in made if container.code.startswith(prefix)]
    for container in bench_of(batch, progress_of(batch).process.step(step)).pending:
        batches.scan_container(batch=batch, step=step, read=container.payload, by=olga)
    readings = {name: typed(value) for name, value in day.readings(case.codes).items()}
    execution = batches.record_step(
        batch=batch,
        step=step,
        performed_at=case.at(day.day, day.hour),
        readings=readings,
        materials=day.materials,
        equipment=day.equipment,
        reasons={},
        window_reason="",
        late_entry_reason=LATE,
        by=olga,
    )
    process = progress_of(batch).process
    again = {item.parameter: readings[item.parameter] for item in critical_readings(process, execution)}
    seen = newest(readings_of(execution).values())
    batches.verify_step(execution=execution, second=tomas, seen=seen, reentered=again, by=olga)
    drain()


def typed(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def measure(case: Case, *, net_pg_per_ml: float = 2400.0, without: tuple[str, ...] = ()):
    """Samples are received, those of the product measured and reviewed; attributes in `without` stay out."""
    for sample in case.order.samples.all():
        batches.receive_sample(sample=sample, by=case.cast["ana"])
    count_cells(case)
    import_tables(case)
    if "ifng_net" not in without:
        read_plate(case, net_pg_per_ml)
    for purpose, attribute, days, value in FORM_RESULTS:
        if attribute not in without:
            enter_result(case, purpose, attribute, case.at(22 + int(days), 6), value)
    drain()


def sample_for(case: Case, purpose: str):
    return case.order.samples.get(stage="pre_freeze", purpose=purpose)


def count_cells(case: Case):
    counted = CountedSample(
        name=sample_for(case, "cell_count").name,
        viable_cells_per_ml=56_300_000,
        viability_percent=88.2,
        counted_at=case.at(22, 4),
    )
    content = vicell_csv([counted], timezone=settings.TIME_ZONE)
    import_file(case, f"{case.order.lot_number} count.csv", content, instrument="VCB-01", method="cell-count")


def read_plate(case: Case, net_pg_per_ml: float):
    sample = AssayedSample(name=sample_for(case, "ifng").name, net_pg_per_ml=net_pg_per_ml)
    content = gen5_plate(
        samples=[sample],
        read_at=case.at(23, 6),
        timezone=settings.TIME_ZONE,
        plate_name=(plate := f"PL-{case.order.pk:04d}"),
        seed=case.order.pk,
    )
    name = f"{case.order.lot_number} IFN-g.txt"
    reads = Reads(signal="450", reference="620")
    import_file(case, name, content, instrument="SYN-01", method="ifng-elisa", reads=reads, plate=plate)


def import_tables(case: Case):
    """Flow cytometer, LAL reader and PCR cycler."""
    vial = {purpose: sample_for(case, purpose).name for purpose in ("identity", "endotoxin", "mycoplasma")}
    measured = (
        ("identity-flow", "FLO-01", 1, stained_cells(vial["identity"], t_cells_percent=97.4)),
        ("endotoxin-kinetic", "SYN-01", 1, kinetic_lal(vial["endotoxin"], eu_per_ml=0.06)),
        ("mycoplasma-pcr", "PCR-01", 2, mycoplasma_free(vial["mycoplasma"])),
    )
    for method, instrument, days, lines in measured:
        content = csv_of(lines, measured_at=case.at(22 + days, 6), timezone=settings.TIME_ZONE)
        name = f"{case.order.lot_number} {method}.csv"
        import_file(case, name, content, instrument=instrument, method=method)


def import_file(
    case: Case,
    filename: str,
    text: str,
    *,
    instrument: str,
    method: str,
    reads: Reads | None = None,
    plate: str = "",
):
    """Store, map every row to the sample it names, name reagents, compute, let a second analyst review."""
    ana, ines = case.cast["ana"], case.cast["ines"]
    file = assays.store_file(filename=filename, content=text.encode(), instrument_code=instrument, by=ana)
    version = Method.objects.get(code=method)
    rows = version.rules.rows_of(read_stored(file, time_zone=settings.TIME_ZONE))
    run = assays.import_run(
        file=file,
        method=version,
        instrument_code=instrument,
        choices={row.key: as_named(row) for row in rows},
        lots={name: MaterialLot.objects.get(material=name).code for name in version.rules.reagents},
        **({"reads": reads} if reads else {}),
        plate_scanned=plate,
        by=ana,
    )
    drain()
    run = Run.objects.get(pk=run.pk)
    seen = digest(shown_of_run(run))
    assays.review_run(
        run=run, digest=seen, credential=signs(ines), reason="Data and calculation are correct", by=ines
    )


def as_named(row: Row) -> Choice:
    """Each row is the sample whose name it carries, under the condition that the layout says."""
    if isinstance(row, GroupRow):
        return Choice(sample_name=row.sample_name, condition=row.condition)
    if row.name.endswith(SPIKED):
        return Choice(sample_name=row.name.removesuffix(SPIKED), condition="spiked")
    return Choice(sample_name=row.sample_name)


def enter_result(case: Case, purpose: str, attribute: str, performed_at: datetime, value: dict):
    result = assays.record_result(
        sample=sample_for(case, purpose),
        attribute=attribute,
        performed_at=performed_at,
        late_entry_reason=LATE,
        by=case.cast["ana"],
        **value,
    )
    ines = case.cast["ines"]
    if result.readings_agree is None:
        assays.read_again(result=result, text=value["text"], by=ines)
    result = Result.objects.get(pk=result.pk)
    seen = digest(shown_of_result(result))
    assays.review_result(
        result=result, digest=seen, credential=signs(ines), reason="Agrees with the raw data", by=ines
    )


def look_through(case: Case) -> None:
    """The audit trail is reviewed as it stands."""
    trail = trail_of(case.lot)
    review_trail(
        lot=case.lot,
        seen_sequence=trail.last_sequence,
        seen_digest=digest(trail.content),
        credential=signs(case.cast["quinn"]),
        reason="Late entries were copied from the paper record; everything else went as planned",
        by=case.cast["quinn"],
    )


def review(case: Case, decision: str) -> Disposition:
    if decision == "release":
        look_through(case)
    lot = case.lot
    return sign_review(
        lot=lot,
        decision=decision,
        seen_digest=dossier_of(lot).digest,
        credential=signs(case.cast["quinn"]),
        reason="The record is complete; every exception was looked at",
        by=case.cast["quinn"],
    )


def decide(case: Case, decision: str):
    """Review by one, signature by another, execution."""
    disposition = review(case, decision)
    sign_disposition(
        disposition=disposition,
        seen_digest=dossier_of(case.lot).digest,
        credential=signs(case.cast["rosa"]),
        reason="Agrees with the specification"
        if decision == "release"
        else "IFN-γ release is below its limit",
        by=case.cast["rosa"],
    )
    drain()


def infuse(case: Case):
    """Every bag is received, checked at the bedside and given."""
    sam, nora = case.cast["sam"], case.cast["nora"]
    wristband = identity.read_vault(patient=case.order.patient, purpose="bedside", by=sam).hospital_number
    for bag in case.order.containers.filter(kind="bag").order_by("number"):
        treatment.receive_product(
            lot=case.lot,
            container=bag,
            read=bag.payload,
            courier="CryoTrans, M. Okafor",
            temperature_c=Decimal("-182.5"),
            condition="Shipper upright, seal intact",
            received_at=timezone.now(),
            by=sam,
        )
        check = treatment.check_at_bedside(
            lot=case.lot,
            container=bag,
            wristband=wristband,
            cassette_read=bag.payload,
            bag_read=bag.payload,
            second=nora,
            by=sam,
        )
        treatment.record_infusion(check=check, started_at=check.recorded_at, ended_at=timezone.now(), by=sam)
    drain()
