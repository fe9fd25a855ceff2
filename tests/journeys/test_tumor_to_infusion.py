"""From the tumor to the infusion, over HTTP, with a real worker: read this and you know the system."""

import io
import re

from pypdf import PdfReader

from tests.journeys import steps
from tests.journeys.person import eventually
from tilmfg.batches.models import Batch
from tilmfg.demonstration.people import PASSWORD
from tilmfg.identity import isbt128
from tilmfg.identity.models import TherapyOrder
from tilmfg.quality.models import Deviation
from tilmfg.release.models import Document, Lot
from tilmfg.release.states import LotState
from tilmfg.treatment.models import Infusion


def test_a_tumor_becomes_a_released_lot_and_is_infused(house):
    order = steps.place_order(house)
    assert isbt128.parse(order.coi_id + order.check_character).check_given
    assert steps.receive_tumor(house, order, second_username="olga").status == 422  # the same person twice
    assert steps.receive_tumor(house, order).status == 200
    steps.manufacture(house, order)
    steps.measure(house, order, net_pg_per_ml=2400.0)
    steps.decide(house, order, "release", becomes=LotState.RELEASED)

    documents = eventually(lambda: list(Document.objects.filter(order=order)) or None)
    pages = PdfReader(io.BytesIO(bytes(documents[0].content))).pages
    certificate = " ".join(page.extract_text() for page in pages)
    assert order.lot_number in certificate
    assert "Quinn O’Hara" in certificate
    assert "Rosa Almeida" in certificate
    assert house.adam.open(f"/orders/{order.coi_id}/report.pdf").content.startswith(b"%PDF")
    report = house.adam.open(f"/orders/{order.coi_id}/report.csv").content.decode("utf-8-sig")
    for word in (order.coi_id, "TB1", "BG4", "Olga Petrova"):
        assert word in report

    infuse(house, order)
    assert steps.lot_state(order) == LotState.INFUSED
    assert Infusion.objects.filter(order=order, patient=order.patient).count() == 4
    assert not Deviation.objects.exists()


def infuse(house, order):
    """`sam` receives each bag, checks it at the bedside with `nora`, and records the infusion."""
    lot = Lot.objects.get(order=order)
    for bag in order.containers.filter(kind="bag").order_by("number"):
        address = f"/treatment/{lot.number}/bags/{bag.code}"
        house.sam.must_send(
            f"{address}/receive",
            read=bag.payload,
            courier="CryoTrans, M. Okafor",
            temperature_c="-182.5",
            condition="Shipper upright, seal intact",
        )
        page = house.sam.must_send(
            f"{address}/bedside",
            wristband="H700001",
            cassette_read=bag.payload,
            bag_read=bag.payload,
            second_username="nora",
            second_password=PASSWORD,
        )
        check = bag.bedside_checks.get()
        assert re.search(rf"/checks/{check.pk}/infuse$", page.url)
        house.sam.must_send(
            page,
            started_at=f"{check.recorded_at.astimezone(steps.HERE):%Y-%m-%dT%H:%M:%S.%f}",
            ended_at=f"{check.recorded_at.now(steps.HERE):%Y-%m-%dT%H:%M:%S.%f}",
        )


def test_a_potency_failure_ends_in_rejection(house):
    order = steps.place_order(house)
    steps.receive_tumor(house, order)
    steps.manufacture(house, order)
    steps.measure(house, order, net_pg_per_ml=180.0)
    eventually(lambda: steps.lot_state(order) == LotState.QA_REVIEW)
    refused = house.quinn.send(
        f"/lots/{order.lot_number}/review/", decision="release", password=PASSWORD, reason="Looks good"
    )
    assert refused.status in (409, 422)
    steps.decide(house, order, "reject", becomes=LotState.REJECTED)
    bag = order.containers.get(code="BG1")
    page = house.sam.send(
        f"/treatment/{order.lot_number}/bags/{bag.code}/receive",
        read=bag.payload,
        courier="CryoTrans",
        temperature_c="-182",
        condition="fine",
    )
    assert page.status == 422
    assert "not released" in page.text
    assert not Infusion.objects.exists()


def test_a_wrong_label_stops_the_line(house):
    order, other = steps.place_order(house, 1), steps.place_order(house, 2)
    page = steps.receive_tumor(house, order, read=other.containers.get(code="TB1").payload)
    assert "Stop." in page.text
    assert TherapyOrder.objects.get(pk=order.pk).state == "stopped"
    scan = order.scans.get()
    assert (scan.matches, scan.read) == (False, other.containers.get(code="TB1").payload)
    assert Deviation.objects.get().classification == "critical"
    assert steps.receive_tumor(house, order).status != 200
    assert TherapyOrder.objects.get(pk=order.pk).state == "stopped"
    assert TherapyOrder.objects.get(pk=other.pk).state == "ordered"
    assert house.olga.open(f"/floor/start/{order.coi_id}/").status == 404  # there is nothing to start
    assert not Batch.objects.exists()
