"""What signers see: complete, canonical, and different as soon as anything changes."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.assays import bench
from tests.cast import person
from tests.release import stage
from tilmfg.batches.models import EquipmentUse, MaterialUse, Reading
from tilmfg.identity.models import Label, Lineage, Scan, TherapyOrder
from tilmfg.quality.workers import workers_of
from tilmfg.records.canonical import canonical_json
from tilmfg.records.events import publish
from tilmfg.release.dossier import Dossier, read
from tilmfg.release.selectors import dossier_of

pytestmark = pytest.mark.django_db


def add_reading(lot, parameter="viable_cells", value="12500000000.5", **changes):
    execution = lot.order.batch.executions.get()
    with factories.writing():
        return Reading.objects.create(
            order=lot.order,
            execution=execution,
            parameter=parameter,
            value=value,
            unit="cells",
            low=Decimal("1e9"),
            within_limits=True,
            recorded_by=person("olga"),
            **changes,
        )


@pytest.fixture
def full_lot():
    """With at least one of everything that a dossier holds."""
    lot = stage.make_reviewable_lot()
    add_reading(lot)
    execution = lot.order.batch.executions.get()
    bottle, *_, bag = lot.order.containers.order_by("pk").filter(kind__in=["tumor_bottle", "bag"])
    with factories.writing():
        MaterialUse.objects.create(
            order=lot.order, execution=execution, slot="medium", lot=factories.make_material_lot("medium")
        )
        EquipmentUse.objects.create(
            order=lot.order,
            execution=execution,
            slot="incubator",
            equipment=factories.make_equipment("incubator"),
        )
        Label.objects.create(
            order=lot.order,
            container=bag,
            copy=1,
            pdf=b"%PDF",
            template="bag-1",
            payload="x",
            decoded="x",
            pdf_digest="0" * 64,
            printed_by=person("adam"),
        )
        Lineage.objects.create(order=lot.order, parent=bottle, child=bag, viable_cells=Decimal("12000000000"))
        Scan.objects.create(
            order=lot.order, purpose="fill", expected="x", read="x", matches=True, scanned_by=person("olga")
        )
    stage.open_deviation(lot)
    return stage.fresh(lot)


def test_it_holds_what_the_rooms_below_recorded(full_lot):
    dossier = dossier_of(full_lot)
    [step] = dossier.steps
    assert [r.value for r in step.readings] == [Decimal("12500000000.500000")]
    assert step.materials[0].status == "released"
    assert step.equipment[0].slot == "incubator"
    assert step.verified_by.printed_name == "Tomás Herrera"
    bag = dossier.bags[-1]
    assert bag.origins[0].code == "TB1"
    assert bag.labels[0].state == "printed"
    assert len(dossier.results) == 9
    assert dossier.scans[0].matches
    assert dossier.deviations[0].state == "open"
    assert dossier.evaluation.verdict == "conforms"


def test_it_reads_back_from_what_was_signed(full_lot):
    dossier = dossier_of(full_lot)
    assert read(Dossier, json.loads(canonical_json(dossier.content))) == dossier


def test_it_is_the_same_as_long_as_nothing_happens(full_lot):
    assert dossier_of(full_lot).digest == dossier_of(stage.fresh(full_lot)).digest


def test_what_release_itself_writes_does_not_change_it():
    lot = stage.make_reviewable_lot()
    before = dossier_of(lot)
    stage.review(lot)
    assert dossier_of(stage.fresh(lot)) == before


def test_an_event_alone_does_not_change_it(full_lot):
    before = dossier_of(full_lot)
    with factories.writing("vera"):
        publish("release.document.read", subject=full_lot, kind="release.lot", by=person("vera"))
    assert dossier_of(stage.fresh(full_lot)) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda lot: add_reading(lot, "viability", "91"),
        lambda lot: stage.supersede(stage.result_of(lot, "ifng_net"), "2000"),
        stage.open_deviation,
        lambda lot: factories.make_sample(batch=lot.order.batch),
    ],
    ids=["a reading", "a result", "a deviation", "a sample that nothing shows"],
)
def test_whatever_changes_below_makes_it_another(change):
    lot = stage.make_reviewable_lot()
    before = dossier_of(lot)
    change(lot)
    after = dossier_of(stage.fresh(lot))
    assert after.record_version > before.record_version
    assert after.digest != before.digest


def test_changing_back_does_not_bring_the_old_digest_back():
    lot = stage.make_reviewable_lot()
    before = dossier_of(lot)
    for needed_by in (None, before.order.needed_by_date):
        with factories.writing():
            TherapyOrder.objects.filter(pk=lot.order_id).update(needed_by_date=needed_by)
    after = dossier_of(stage.fresh(lot))
    assert replace(after, record_version=before.record_version) == before
    assert after.digest != before.digest


def test_everybody_who_worked_on_the_lot_is_named():
    lot = stage.make_reviewable_lot()
    add_reading(lot)
    with CaptureQueriesContext(connection) as queries:
        workers = workers_of(lot.order_id)
    assert workers == {person(name).pk for name in ("olga", "tomas", "ana", "ines")}
    assert len(queries) == 1


def test_who_masked_a_well_worked_on_the_lot():
    sample = bench.received_sample()
    run = bench.compute(bench.import_plate(sample))
    assert person("ines").pk not in workers_of(sample.order_id)
    bench.mask(run, "C3", by="ines")
    assert person("ines").pk in workers_of(sample.order_id)


def test_it_names_who_read_again_and_who_confirmed_a_correction(full_lot):
    wrong = Reading.objects.get(order=full_lot.order)
    with factories.writing():
        Reading.objects.create(
            order=full_lot.order,
            execution=wrong.execution,
            parameter=wrong.parameter,
            value="12600000000",
            unit="cells",
            within_limits=True,
            recorded_by=person("olga"),
            supersedes=wrong,
            reason="Digits exchanged",
            confirmed_by=person("tomas"),
            confirmed_at=Now(),
        )
    dossier = dossier_of(stage.fresh(full_lot))
    [[step]] = [step.readings for step in dossier.steps]
    assert step.confirmed_by.printed_name == "Tomás Herrera"
    assert step.confirmed_at == Reading.objects.get(supersedes=wrong).confirmed_at
    assert read(Dossier, json.loads(canonical_json(dossier.content))) == dossier

    twice = dossier_of(stage.make_lot_read_twice())
    [again] = [result.second_reading for result in twice.results if result.second_reading]
    assert (again.text, again.read_by.username) == ("No organisms seen", "ines")
    assert read(Dossier, json.loads(canonical_json(twice.content))) == twice


def test_what_nobody_read_again_or_confirmed_reads_as_it_did_before_there_was_any(full_lot):
    """What was signed under an earlier version of the program keeps its digest."""
    content = dossier_of(full_lot).content
    assert "second_reading" not in content["results"][0]
    assert not {"confirmed_by", "confirmed_at"} & set(content["steps"][0]["readings"][0])


def test_it_asks_the_same_few_questions_however_long_the_record(
    full_lot, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(6):
        dossier_of(full_lot)
    for number in range(5):
        add_reading(full_lot, f"parameter_{number}")
        factories.make_sample(batch=full_lot.order.batch)
    with django_assert_num_queries(6):
        dossier_of(full_lot)
