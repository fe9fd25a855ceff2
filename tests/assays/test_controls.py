"""Lots of controls: read in every run, given a value by two people, bridged, charted, held to Westgard's rules."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from assays import catalogue, services
from assays.models import ControlLot, ControlReading
from assays.report import report_content
from assays.selectors import controls as selectors
from assays.selectors import run_with_everything
from assays.selectors.methods import latest_approved
from assays.services.controls import UnableToKeepControl, shown_of_value
from assays.shown import shown_of_run
from tests import factories
from tests.assays import bench
from tests.assays.control_bench import measured, register, reviewed
from tests.assays.test_mask_wells import untrained
from tests.assays.test_review_run import review
from tests.cast import credential, grant, person, sign_in
from tests.documents.samples import pdf_text, squeezed
from tests.identity.pages import keyed
from tests.raw_sql import again, refused
from tests.raw_sql import run as sql
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.documents import record
from tilmfg.records.canonical import digest
from tilmfg.records.days import facility_today
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.signature_status import status

pytestmark = pytest.mark.django_db


def test_every_run_adds_a_reading_of_every_control():
    lot = register()
    run = measured()
    readings = {reading.name: reading for reading in run.control_readings.all()}
    kept = {control["name"]: control for control in run.outcome["controls"]}
    assert readings.keys() == kept.keys()
    assert readings["CTL1"].lot == lot
    assert float(readings["CTL1"].value) == pytest.approx(kept["CTL1"]["concentration"]["mean"], abs=1e-9)
    others = [reading.lot for name, reading in readings.items() if name != "CTL1"]
    assert others == [None] * len(others)


@pytest.fixture
def twenty():
    """CTL1, lot A1, in twenty reviewed runs; CTL2 is on trial as its next lot, in the last five of them."""
    lot = register()
    runs = []
    for number in range(20):
        if number == 15:
            register("CTL1", trial_name="CTL2", lot_number="B1")
        runs.append(reviewed(seed=number))
    return lot, runs


def approve(value, *, by="rosa", seen=None):
    return services.approve_value(
        value=value,
        seen=seen or digest(shown_of_value(value)),
        credential=credential(by),
        reason="From twenty runs, as planned.",
        by=person(by),
    )


def test_a_lot_gets_its_value_from_twenty_reviewed_runs_and_the_next_lot_is_bridged(twenty, client):
    lot, runs = twenty
    more = measured()
    value = services.propose_value(lot=lot, by=person("ana"))
    assert value.basis == "own_runs"
    assert value.runs == [run.pk for run in runs], "a run that nobody reviewed does not count"
    found = [reading.value for reading in ControlReading.objects.filter(lot=lot, run__in=runs)]
    mean = sum(found) / len(found)
    assert abs(value.mean - mean) < Decimal("1e-11")
    variance = sum((one - mean) ** 2 for one in found) / 19
    assert abs(value.sd - variance.sqrt()) < Decimal("1e-11")

    with refused("lots_of_controls_begin_and_end_once: no approved value"):
        sql("UPDATE assays_controllot SET in_use_from = now() WHERE id = %s", lot.pk)
    with pytest.raises(UnableToKeepControl, match="no approved value yet"):
        services.put_in_use(lot=lot, reason="The first lot", by=person("ana"))
    with pytest.raises(ChangedMeanwhile, match="changed while you looked at it"):
        approve(value, seen="0" * 64)
    approve(value)
    value.refresh_from_db()
    assert status(value.approval, of=value).is_valid
    with pytest.raises(UnableToKeepControl, match="approved already"):
        approve(value)
    services.put_in_use(lot=lot, reason="The first lot", by=person("ana"))

    following = ControlLot.objects.get(lot_number="B1")
    beside = selectors.beside_the_lot_in_use(following)
    assert (beside.other, beside.count) == (lot, 5)
    bridged = services.propose_value(lot=following, by=person("ana"))
    assert bridged.mean == beside.mean.quantize(bridged.mean)
    assert (bridged.basis, bridged.bridged_from, bridged.runs) == ("bridged", value, value.runs[-5:])
    relative = value.sd / value.mean
    assert abs(bridged.sd / bridged.mean - relative) < Decimal("1e-9")
    # What a reviewer signs of the controls stays, whatever is in force later.
    review(more)
    approve(bridged)
    more.refresh_from_db()
    kept = {facts["name"]: facts for facts in more.controls}
    assert json.loads(more.review.content)["controls"] == more.controls
    assert (kept["CTL1"]["lot_number"], Decimal(kept["CTL1"]["mean"])) == ("A1", value.mean)
    assert (kept["CTL2"]["lot_number"], kept["CTL2"]["mean"]) == ("B1", None)
    assert status(more.review, of=more).is_valid
    text = pdf_text(record(report_content(run_with_everything(more.pk), generated_at=timezone.now())))
    assert squeezed("Controls beside earlier runs As the reviewer saw and signed it.") in text
    with refused("one_lot_of_a_control_in_use"):
        sql("UPDATE assays_controllot SET in_use_from = now() WHERE id = %s", following.pk)
    services.put_in_use(lot=following, reason="Lot A1 is nearly empty", by=person("ana"))
    lot.refresh_from_db()
    assert (lot.state, lot.end_reason) == ("ended", "CTL1, lot B1 took over: Lot A1 is nearly empty")
    assert selectors.lots_at("ifng-elisa", ["CTL1", "CTL2"], timezone.now()) == {"CTL1": following}
    last = measured()  # the plate was read an hour ago, before the lots changed
    assert last.control_readings.get(name="CTL1").lot == lot
    assert last.control_readings.get(name="CTL2").lot == following
    assert more.control_readings.get(name="CTL1").lot == lot

    # The pages
    for name in ("ana", "rosa", "vera"):
        sign_in(client, name)
        assert "Levey" not in client.get(reverse("controls")).content.decode()
        page = client.get(lot.get_absolute_url()).content.decode()
        assert page.count('class="control-point') == 22
        assert "Bias to the assigned mean" in page
        assert "Ppk <strong>" in page
        assert "CTL1, lot B1" in page, "the lot that took over"
        assert client.get(value.get_absolute_url()).status_code == 200
        assert "Controls beside earlier runs" in client.get(runs[-1].get_absolute_url()).content.decode()

    chart = (
        client.get(reverse("control_csv", args=[lot.pk]), {"analyst": "ana"}).content.decode().splitlines()
    )
    assert len(chart) == 23
    assert f",{value.mean},{value.sd},320.000000000000,480.000000000000," in chart[-1]
    assert "0," not in client.get(reverse("control_csv", args=[lot.pk]), {"analyst": "ines"}).content.decode()
    paper = pdf_text(client.get(reverse("control_pdf", args=[lot.pk])).content)
    assert squeezed(f"Control chart of {lot}") in paper
    beside = selectors.beside_the_lot_in_use(following)
    assert beside is None, "it is on trial no more"

    # By hand
    with refused("reviews_say_how_the_controls_stood: what was reviewed stays"):
        sql("UPDATE assays_run SET controls = '[]' WHERE id = %s", more.pk)
    with factories.writing():
        seen = shown_of_run(last) | {"controls": []}
        unseen = factories.sign_for(last, "assays.run", "ines", "reviewed_result", seen)
    with refused("reviews_say_how_the_controls_stood: the signature does not cover them"):
        sql(
            "UPDATE assays_run SET review_id = %s, reviewed_by_id = %s, controls = %s WHERE id = %s",
            unseen.pk,
            unseen.signer_id,
            json.dumps(more.controls),
            last.pk,
        )
    more.controls = None  # as in reviews from before
    assert "controls" not in shown_of_run(more)
    with refused("assigned_values_are_frozen"):
        sql("UPDATE assays_assignedvalue SET sd = 2 * sd WHERE id = %s", value.pk)
    with refused("assigned_values_are_approved_by_another: once"):
        again(value)
    with refused("assigned_values_rest_on_reviewed_runs"):
        again(value, approval_id=None, runs=str(value.runs[:19]))
    with refused("assigned_values_rest_on_reviewed_runs"):
        again(value, approval_id=None, runs=str([*value.runs[:19], last.pk]))
    with refused("assigned_values_rest_on_reviewed_runs"):
        again(value, approval_id=None, runs=str([value.runs[0]] * 20))
    with refused("assigned_values_have_a_spread"):
        again(value, approval_id=None, sd=0)
    with refused("bridged_values_name_what_they_come_from"):
        again(bridged, approval_id=None, bridged_from_id=None)
    with refused("no_value_is_bridged_from_itself"):
        sql(
            "INSERT INTO assays_assignedvalue (id, lot_id, basis, mean, sd, runs, bridged_from_id, proposed_by_id)"
            " SELECT 900000, lot_id, basis, mean, sd, runs, 900000, proposed_by_id FROM assays_assignedvalue"
            " WHERE id = %s",
            bridged.pk,
        )
    with refused("assays_controlreading is append-only"):
        sql("UPDATE assays_controlreading SET value = 1")
    with refused("readings_of_controls_are_of_their_run"):
        again(last.control_readings.get(name="CTL2"), name="CTL9", unit="ng/mL", lot_id=following.pk)
    with refused("a_control_is_read_once_in_a_computation"):
        again(last.control_readings.get(name="CTL1"))
    with refused("lots_of_controls_stay_what_they_are"):
        sql("UPDATE assays_controllot SET lot_number = 'C1' WHERE id = %s", following.pk)
    with refused("lots_of_controls_begin_and_end_once"):
        sql("UPDATE assays_controllot SET ended_at = NULL, end_reason = '' WHERE id = %s", lot.pk)


def test_raw_sql_registers_and_ends_no_lot_that_says_nothing():
    lot = register()
    with refused("lots_of_a_control_differ_by_number"):
        again(lot, trial_name="CTL2")
    with refused("lots_of_controls_are_named"):
        again(lot, lot_number="", trial_name="CTL2")
    with refused("lots_on_trial_differ_by_name"):
        again(lot, lot_number="A2")
    with refused("lots_of_controls_end_for_a_reason"):
        sql("UPDATE assays_controllot SET ended_at = now() WHERE id = %s", lot.pk)


def test_whoever_proposed_a_value_does_not_approve_it(twenty):
    lot, _ = twenty
    grant("ana", "qa_approver")
    bench.qualify("ana", signing_code(Role.QA_APPROVER))
    value = services.propose_value(lot=lot, by=person("ana"))
    with pytest.raises(NotAuthorised, match="You proposed this value"):
        approve(value, by="ana")
    with factories.writing():
        own = factories.sign_for(value, "assays.assigned_value", "ana")
    with refused("assigned_values_are_approved_by_another"):
        sql("UPDATE assays_assignedvalue SET approval_id = %s WHERE id = %s", own.pk, value.pk)


def test_too_few_runs_give_no_value():
    lot = register()
    reviewed()
    with pytest.raises(
        UnableToKeepControl, match="in 1 reviewed runs; 20 of its own are needed, or 5 beside"
    ):
        services.propose_value(lot=lot, by=person("ana"))


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"method_code": "none"}, "method_code", "No approved method"),
        ({"expiry_date": facility_today() - timedelta(days=1)}, "expiry_date", "expired on"),
        ({"opened_at": timezone.now() + timedelta(days=1)}, "opened_at", "by now or earlier"),
        ({}, "lot_number", "registered already"),
        ({"lot_number": "A2"}, "trial_name", "is CTL1, lot A1 already"),
    ],
)
def test_a_lot_is_registered_with_what_it_needs(wrong, field, words):
    register()
    with pytest.raises(UnableToKeepControl, match=words) as refusal:
        register(**wrong)
    assert refusal.value.field == field


def test_what_was_measured_before_a_lot_was_opened_is_not_of_it():
    register(opened_at=timezone.now())
    assert measured().control_readings.get(name="CTL1").lot is None


def test_a_masked_well_gives_another_reading_and_the_last_one_counts():
    lot = register()
    run = measured()
    position = run.wells.filter(role="control", instrument_name="CTL1").order_by("pk").first().position
    bench.mask(run, position)
    assert run.control_readings.filter(name="CTL1").count() == 2
    [standing] = selectors.readings_of_lot(lot)
    assert standing.computation.number == 2


def test_a_lot_that_ended_is_read_no_more():
    lot = register()
    services.end_control_lot(lot=lot, reason="Dropped on the floor", by=person("ana"))
    with pytest.raises(UnableToKeepControl, match="no longer used"):
        services.end_control_lot(lot=lot, reason="Once more, for good", by=person("ana"))
    with pytest.raises(UnableToKeepControl, match="no longer used"):
        services.propose_value(lot=lot, by=person("ana"))
    with pytest.raises(UnableToKeepControl, match="is not on trial"):
        services.put_in_use(lot=lot, reason="It was found again", by=person("ana"))
    assert selectors.lots_at("ifng-elisa", ["CTL1"], timezone.now()) == {}


def test_a_lot_that_expired_on_trial_is_not_put_in_use():
    bench.method_of(catalogue.IFNG_ELISA)
    with factories.writing():
        lot = ControlLot.objects.create(
            method_code="ifng-elisa",
            name="CTL1",
            trial_name="CTL1",
            lot_number="A1",
            unit="pg/mL",
            expiry_date=facility_today() - timedelta(days=1),
            opened_at=timezone.now() - timedelta(days=30),
            registered_by=person("ana"),
        )
    with pytest.raises(UnableToKeepControl, match="has expired"):
        services.put_in_use(lot=lot, reason="The first lot", by=person("ana"))


@pytest.mark.parametrize("verb", [services.put_in_use, services.end_control_lot])
def test_a_lot_begins_and_ends_for_a_reason(verb):
    with pytest.raises(UnableToKeepControl, match="Say why") as refusal:
        verb(lot=register(), reason=" ", by=person("ana"))
    assert refusal.value.field == "reason"


@pytest.mark.parametrize("verb", [services.propose_value, services.put_in_use, services.end_control_lot])
def test_only_who_is_qualified_for_the_method_keeps_its_controls(verb):
    lot = register()
    untrained(person("ana"), latest_approved("ifng-elisa").qualification)
    given = {} if verb is services.propose_value else {"reason": "Nearly empty, and the next one is here"}
    with pytest.raises(NotAuthorised, match="Ana Lindqvist is not qualified"):
        verb(lot=lot, **given, by=person("ana"))
    with pytest.raises(NotAuthorised, match="Ana Lindqvist is not qualified"):
        register(lot_number="A2")


def test_who_is_not_qualified_reads_why_instead_of_buttons(client):
    lot = register()
    sign_in(client, "ana")
    end, propose = (reverse(name, args=[lot.pk]) for name in ("control_end", "control_propose"))
    page = client.get(lot.get_absolute_url()).content.decode()
    assert end in page
    assert propose not in page  # there is nothing yet to propose it from
    assert "A value is proposed from 20 reviewed runs" in page
    untrained(person("ana"), latest_approved("ifng-elisa").qualification)
    page = client.get(lot.get_absolute_url()).content.decode()
    assert end not in page
    assert propose not in page
    assert "Ana Lindqvist is not qualified for" in page


def test_the_list_names_controls_that_nobody_registered(client):
    measured()
    sign_in(client, "ana")
    page = client.get(reverse("controls")).content.decode()
    assert "no lot registered" in page
    assert "name=CTL1" in page


def test_a_lot_is_registered_on_its_page_and_what_was_typed_stays_when_it_is_refused(client):
    measured()
    sign_in(client, "ana")
    typed = {
        "method_code": "ifng-elisa",
        "name": "CTL1",
        "lot_number": "A1",
        "unit": "pg/mL",
        "expiry_date": "2020-01-01",
        "opened_at": "2025-01-01T08:00",
    }
    answer = client.post(reverse("control_new"), keyed(**typed))
    assert answer.status_code == 422
    assert "This lot expired on 01 Jan 2020" in answer.content.decode()
    assert 'value="A1"' in answer.content.decode()
    assert not ControlLot.objects.exists()
    later = facility_today() + timedelta(days=300)
    answer = client.post(reverse("control_new"), keyed(**typed | {"expiry_date": later.isoformat()}))
    assert answer.url == ControlLot.objects.get().get_absolute_url()
