"""What tests of the laboratory stand on: approved methods, received samples, instruments, files of our own."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from assays import catalogue, services
from assays.models import Method
from assays.readers.specimen_files import AssayedSample, CountedSample, gen5_plate, vicell_csv
from assays.rules.mapping import Choice
from assays.rules.plates import Reads
from assays.selectors import computing_key
from assays.services.methods import seen_of
from tests import factories
from tests.cast import credential, person, qualify
from tilmfg.facility.models import Equipment, MaterialLot
from tilmfg.records.models import Effect
from tilmfg.records.outbox import deliver_effect

ZONE = "America/New_York"  # where the factories' instruments stand
IDENTITY_BY_FORM = {
    "code": "identity-flow",
    "name": "Identity CD45+CD3+, typed",
    "kind": "form",
    "content": {
        "results": [
            {
                "attribute": "identity_cd45_cd3",
                "unit": "%",
                "decimals": 1,
                "minimum": "0",
                "maximum": "100",
                "stages": catalogue.OF_THE_PRODUCT,
            }
        ]
    },
}
ELISA_READS = Reads(signal="450", reference="620")


def approved(entry: dict) -> Method:
    method = services.draft_method(**entry, by=person("ana"))
    method = services.approve_method(
        method=method,
        seen=seen_of(method),
        credential=credential("rosa"),
        reason="Validated.",
        by=person("rosa"),
    )
    for username in ("ana", "ines"):
        qualify(username, method.qualification)
    return method


def method_of(entry: dict) -> Method:
    return Method.objects.filter(code=entry["code"], approval__isnull=False).last() or approved(entry)


def received_sample(**given):
    sample = factories.make_sample(**given)
    with factories.writing():
        sample.state = "received"
        sample.save(update_fields=["state"])
    return sample


def instrument(kind: str, **given) -> Equipment:
    return Equipment.objects.filter(kind=kind).first() or factories.make_equipment(kind, **given)


def lots_of(method: Method) -> dict[str, str]:
    """The code of a released lot for each reagent that the method names."""
    return {
        reagent: (
            MaterialLot.objects.filter(material=reagent).first() or factories.make_material_lot(reagent)
        ).code
        for reagent in method.rules.reagents
    }


def an_hour_ago():
    return timezone.now().astimezone(ZoneInfo(ZONE)).replace(second=0, microsecond=0) - timedelta(hours=1)


def plate(*samples, names=True, read_at=None, **given) -> bytes:
    """An ELISA of these samples with a net of 640 pg/mL each, or of (sample, net)."""
    pairs = [sample if isinstance(sample, tuple) else (sample, 640.0) for sample in samples]
    assayed = [AssayedSample(name=str(sample) if names else "", net_pg_per_ml=net) for sample, net in pairs]
    return gen5_plate(samples=assayed, read_at=read_at or an_hour_ago(), timezone=ZONE, **given).encode()


def counts(*names, **given) -> bytes:
    given = {"viable_cells_per_ml": 5.2e7, "viability_percent": 91.24, "counted_at": an_hour_ago()} | given
    return vicell_csv([CountedSample(name=str(name), **given) for name in names], timezone=ZONE).encode()


def store(content: bytes, *, kind: str, filename: str = "export.txt"):
    method_of(catalogue.IFNG_ELISA)
    method_of(catalogue.CELL_COUNT)
    code = instrument(kind).code
    return services.store_file(filename=filename, content=content, instrument_code=code, by=person("ana"))


def choices_for(*samples) -> dict[str, Choice]:
    """SPL1, UNS1, SPL2, UNS2 … as the specimen plate lays them out."""
    chosen = {}
    for sample in samples:
        for condition in ("stimulated", "unstimulated"):
            chosen[str(len(chosen) + 1)] = Choice(sample_name=str(sample), condition=condition)
    return chosen


def import_plate(*samples, content: bytes | None = None, **given):
    file, method = store(content or plate(*samples), kind="plate_reader"), method_of(catalogue.IFNG_ELISA)
    arguments = {"choices": choices_for(*samples), "reads": ELISA_READS, "lots": lots_of(method)} | given
    return services.import_run(
        file=file,
        method=method,
        instrument_code=instrument("plate_reader").code,
        by=person("ana"),
        **arguments,
    )


def import_counts(*samples, content: bytes | None = None, **given):
    file = store(content or counts(*samples), kind="cell_counter", filename="counts.csv")
    chosen = {str(row): Choice(sample_name=str(sample)) for row, sample in enumerate(samples, start=1)}
    return services.import_run(
        file=file,
        method=method_of(catalogue.CELL_COUNT),
        instrument_code=instrument("cell_counter").code,
        by=person("ana"),
        **{"choices": chosen} | given,
    )


def compute(run):
    """As Celery does it."""
    deliver_effect(effect_id=Effect.objects.get(key=f"assays.compute_run:{computing_key(run)}").pk)
    run.refresh_from_db()
    return run


def mask(run, *positions, reason="A bubble, seen in the well.", by="ana"):
    """Masked and computed again."""
    services.mask_wells(run=run, positions=set(positions), reason=reason, by=person(by))
    return compute(run)


def unmask(run, *positions, reason="It was no bubble after all.", by="ana"):
    services.unmask_wells(run=run, positions=set(positions), reason=reason, by=person(by))
    return compute(run)


def with_reading(content: bytes, position: str, reading: str) -> bytes:
    """The plate with another 450 nm reading in one well."""
    layout, results = content.decode().split("Results", 1)
    lines = results.split("\n")
    row = next(number for number, line in enumerate(lines) if line.startswith(f"{position[0]}\t"))
    cells = lines[row].split("\t")
    cells[int(position[1:])] = reading
    lines[row] = "\t".join(cells)
    return (layout + "Results" + "\n".join(lines)).encode()
