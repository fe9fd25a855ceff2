"""A run names a lot of every reagent of its method: released, not expired, of that very material."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse

from assays import catalogue, selectors, services
from assays.models import RunReagent
from assays.report import report_content
from assays.services.reagents import UnableToUseLot, why_not_usable
from assays.shown import shown_of_run
from tests import factories
from tests.assays import bench
from tests.cast import person, sign_in
from tests.documents.samples import pdf_text, squeezed
from tests.identity.pages import keyed
from tests.raw_sql import refused
from tests.raw_sql import run as sql
from tilmfg.documents import record
from tilmfg.records.days import facility_zone

pytestmark = pytest.mark.django_db

KIT, BEADS = "IFN-γ ELISA kit", "Anti-CD3/CD28/CD137 beads"
YESTERDAY = date.today() - timedelta(days=1)  # noqa: DTZ011


@pytest.fixture
def world():
    method, sample = bench.approved(catalogue.IFNG_ELISA), bench.received_sample()
    file = bench.store(bench.plate(sample), kind="plate_reader")
    return method, sample, file


def import_with(world, lots):
    method, sample, file = world
    return services.import_run(
        file=file,
        method=method,
        instrument_code=bench.instrument("plate_reader").code,
        choices=bench.choices_for(sample),
        reads=bench.ELISA_READS,
        lots=lots,
        by=person("ana"),
    )


@pytest.mark.parametrize(
    ("lot", "words"),
    [
        (None, "IFN-γ ELISA kit: scan the lot that was used."),
        ({"material": KIT, "status": "quarantine"}, "is not released for use (quarantine)"),
        ({"material": KIT, "status": "rejected"}, "is not released for use (rejected)"),
        ({"material": KIT, "expiry": YESTERDAY - timedelta(days=1)}, "expired on"),
        ({"material": BEADS}, "another material (Anti-CD3/CD28/CD137 beads)"),
    ],
)
def test_a_lot_that_may_not_be_used_is_refused(world, lot, words):
    lots = bench.lots_of(world[0]) | {KIT: factories.make_material_lot(**lot).code if lot else " "}
    with pytest.raises(UnableToUseLot) as refusal:
        import_with(world, lots)
    assert words in str(refusal.value)
    assert refusal.value.field == "reagent_0"
    assert not RunReagent.objects.exists()


@pytest.mark.parametrize(
    ("hour", "refusal"),
    [
        (23, ""),
        (25, "expired on 20 Nov 2026, before the measurement"),
    ],  # of the last day, by the facility's clocks
)
def test_a_lot_is_good_until_its_last_day_has_ended_at_the_facility(hour, refusal):
    begun = datetime.combine(date(2026, 11, 20), time(), facility_zone()).astimezone(UTC)
    lot = factories.make_material_lot(KIT, expiry=date(2026, 11, 20))
    found = why_not_usable((KIT,), {KIT: lot.code}, measured_at=begun + timedelta(hours=hour))
    assert refusal in found.get("reagent_0", "")
    assert bool(found) == bool(refusal)


def test_an_unknown_code_is_refused_and_small_letters_are_the_same_code(world):
    with pytest.raises(UnableToUseLot, match="no material lot has the code “X1”"):
        import_with(world, bench.lots_of(world[0]) | {KIT: "X1"})
    run = import_with(world, {name: code.lower() for name, code in bench.lots_of(world[0]).items()})
    assert [used.reagent for used in run.reagents.all()] == [KIT, BEADS]


def test_page_report_and_signature_name_the_lots(world, client):
    lots = bench.lots_of(world[0])
    run = bench.compute(import_with(world, lots))
    used = run.reagents.first()
    assert shown_of_run(run)["reagents"][0] == [KIT, lots[KIT], used.lot.lot_number]
    sign_in(client, "ines")
    page = client.get(run.get_absolute_url()).content.decode()
    found = selectors.run_with_everything(run.pk)
    text = pdf_text(record(report_content(found, generated_at=factories.NOW)))
    for words in (KIT, BEADS, used.lot.lot_number):
        assert words in page
        assert squeezed(words) in text


def test_the_import_page_offers_usable_lots_and_keeps_what_was_scanned(world, client):
    method, sample, file = world
    lots = bench.lots_of(method)
    factories.make_material_lot(KIT, status="quarantine")
    sign_in(client, "ana")
    url = reverse("import_preview", args=[file.pk])
    typed = {"instrument": bench.instrument("plate_reader").code, "method": str(method.pk), "signal": "450"}
    typed |= {"reference": "620", "reagent_0": "nowhere", "reagent_1": lots[BEADS]}
    for key, choice in bench.choices_for(sample).items():
        typed |= {f"sample_{key}": choice.sample_name, f"condition_{key}": choice.condition}
    page = client.get(f"{url}?instrument={typed['instrument']}").content.decode()
    assert page.count(f'<option value="{lots[KIT]}"') == 1
    assert page.count("<datalist") == 2
    answer = client.post(url, keyed(**typed))
    assert answer.status_code == 422
    assert "no material lot has the code “nowhere”" in answer.content.decode()
    assert 'value="nowhere"' in answer.content.decode()
    assert client.post(url, keyed(**typed | {"reagent_0": lots[KIT]})).status_code == 302


@pytest.mark.parametrize(
    "lot",
    [
        {"material": KIT, "status": "quarantine"},
        {"material": KIT, "expiry": YESTERDAY - timedelta(days=1)},
        {"material": BEADS},
    ],
)
def test_the_database_refuses_such_a_lot(world, lot, monkeypatch):
    monkeypatch.setattr("assays.services.imports.keep_lots", lambda run, lots: None)
    run = import_with(world, bench.lots_of(world[0]))
    insert = "INSERT INTO assays_runreagent (run_id, reagent, lot_id) VALUES (%s, %s, %s)"
    with refused("runs_use_released_lots"):
        sql(insert, run.pk, KIT, factories.make_material_lot(**lot).pk)
    usable = factories.make_material_lot(KIT)
    with refused("runs_use_released_lots"):  # the method does not ask for it
        sql(insert, run.pk, "Kit", usable.pk)
    sql(insert, run.pk, KIT, usable.pk)
    with refused("a_run_names_one_lot_of_a_reagent"):
        sql(insert, run.pk, KIT, usable.pk)
    with refused("append-only"):
        sql("UPDATE assays_runreagent SET reagent = 'x' WHERE run_id = %s", run.pk)
    sql(
        "INSERT INTO assays_computation (run_id, number, outcome, kernel_version, inputs_digest) "
        "VALUES (%s, 1, '{}', '', '')",
        run.pk,
    )
    with refused("runs_name_a_lot_of_each_reagent"):  # that of the beads is lacking
        sql("UPDATE assays_run SET state = 'computed' WHERE id = %s", run.pk)


def test_a_computed_run_takes_no_other_lot(world):
    run = bench.compute(import_with(world, bench.lots_of(world[0])))
    with refused("runs_use_released_lots"):
        sql(
            "INSERT INTO assays_runreagent (run_id, reagent, lot_id) VALUES (%s, %s, %s)",
            run.pk,
            KIT,
            factories.make_material_lot(KIT).pk,
        )
