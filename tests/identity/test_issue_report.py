import csv
import hashlib
import io
from decimal import Decimal

import pytest

from tests.cast import person
from tests.factories import make_order
from tests.identity.test_containers import filled, from_tumor, label
from tests.identity.test_place_order import place
from tests.identity.test_receive_tumor import receive
from tilmfg.documents.contents import Tone
from tilmfg.identity.report_content import report_content
from tilmfg.identity.services import apply_label, issue_chain_of_identity_report, print_label, record_scan
from tilmfg.identity.services.report import UnableToReport
from tilmfg.records.context import acting
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.events import publish
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    """One that was received, put into a flask, and met a wrong label."""
    order = place()
    tumor_label, _ = print_label(container=order.containers.get(), by=person("adam"))
    apply_label(label=tumor_label, by=person("olga"))
    receive(order)
    [flask] = label(order)
    filled(flask, from_tumor(order), cells="210000000")
    with acting(actor="olga", verb="batches.step.record"):
        publish(
            "batches.step.recorded",
            subject=order,
            kind="batches.step",
            by=person("olga"),
            details={"step": "d11", "performed_at": "2026-11-20T09:00:00+00:00", "viable_cells": "2E8"},
        )
    record_scan(
        order=order,
        purpose="opening",
        expected=flask.payload,
        read=make_order().containers.get().payload,
        by=person("tomas"),
    )
    return order


def content_of(order):
    return report_content(order, generated_at=order.placed_at)


def test_it_holds_every_event_of_the_chain_whichever_room_wrote_it(order):
    lines = content_of(order).events
    assert len(lines) == Event.objects.filter(chain=order.chain).count()
    assert [line.event for line in lines if line.tone != Tone.NEUTRAL] == [
        "Scan mismatched",
        "Order stopped",
        "Deviation opened",
    ]
    step = next(line for line in lines if line.event == "Step recorded")
    assert (step.subject, step.actor) == ("d11", "Olga Petrova")
    assert step.occurred_at.isoformat() == "2026-11-20T09:00:00+00:00"
    assert step.recorded_at is not None
    assert all(line.recorded_at is None for line in lines if line is not step)
    assert "viable cells: 2E8" in step.outcome


def test_it_holds_the_crosswalk_genealogy_scans_labels_and_custody(order):
    content = content_of(order)
    values = {it.kind: it.value for it in content.identifiers}
    assert values["Chain-of-identity id, provisional"] == f"{order.coi_id} {order.check_character}"
    assert values["Patient pseudonym"] == "PT-7001"
    assert [(it.parent_code, it.child_code) for it in content.transfers] == [("TB1", "FL1")]
    assert [it.viable_cells for it in content.containers] == [None, Decimal("210000000")]
    assert [it.matches for it in content.scans] == [True, False]
    assert content.scans[1].resolution.startswith("DEV-")
    [applied] = content.labels
    assert (applied.container_code, applied.applied_by, applied.destroyed_at) == ("TB1", "Olga Petrova", None)
    [custody] = content.custody
    assert custody.taken_by == "Olga Petrova, with Tomás Herrera"
    assert custody.temperature_c == Decimal("4.1")


def test_it_never_names_the_person(order):
    assert not any(
        text in str(content_of(order)) for text in ("Dubois", "H-00", "00 4711", "1961-04", "date(1961")
    )


def test_it_links_to_the_order_before(order):
    again = place(previous=order)
    values = {it.kind: it.value for it in content_of(again).identifiers}
    assert values["Previous order of this patient"] == f"{order.coi_id} {order.check_character}"


@pytest.mark.parametrize("who", ["adam", "quinn", "rosa", "vera"])
def test_each_export_is_on_record_with_its_digest(order, who):
    report = issue_chain_of_identity_report(order=order, format="csv", by=person(who))
    event = Event.objects.get(name="identity.report.issued")
    assert event.chain == order.chain
    assert event.details["digest"] == hashlib.sha256(report.content).hexdigest() == report.digest


def test_the_csv_reads_back(order):
    report = issue_chain_of_identity_report(order=order, format="csv", by=person("vera"))
    rows = list(csv.DictReader(io.StringIO(report.content.decode("utf-8-sig"))))
    assert report.name == f"COI-{order.lot_number}.csv"
    assert {row["section"] for row in rows} >= {"report", "identifier", "event", "scan", "label", "custody"}


def test_the_pdf_is_one(order):
    report = issue_chain_of_identity_report(order=order, by=person("quinn"))
    assert report.content.startswith(b"%PDF-")
    assert report.name == f"COI-{order.lot_number}.pdf"


@pytest.mark.parametrize("who", ["olga", "ana", "sam", "root", "eve"])
def test_it_is_refused_to_others(order, who):
    with pytest.raises(NotAuthorised):
        issue_chain_of_identity_report(order=order, by=person(who))


def test_an_unknown_format_is_refused(order):
    with pytest.raises(UnableToReport, match="docx"):
        issue_chain_of_identity_report(order=order, format="docx", by=person("vera"))


def test_its_queries_do_not_grow_with_the_chain(order, django_assert_max_num_queries):
    label(order_going_on := make_order(state="received"), count=30)
    with django_assert_max_num_queries(16):
        content_of(order_going_on)
