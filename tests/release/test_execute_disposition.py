"""The signed decision is carried out once, or void with its reason."""

import io
import re
from datetime import timedelta

import pypdf
import pytest

from assays.models import SecondReading
from tests import factories
from tests.cast import person
from tests.release import stage
from tilmfg import documents
from tilmfg.documents.text import instant
from tilmfg.identity.models import Container, Scan, TherapyOrder
from tilmfg.records.days import facility_today
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Effect, Event
from tilmfg.records.outbox import deliver_effect
from tilmfg.release import services
from tilmfg.release.models import Document
from tilmfg.release.services.dispositions import _objections
from tilmfg.release.states import DispositionState, LotState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("decision", "state"), [("release", LotState.RELEASED), ("reject", LotState.REJECTED)]
)
def test_it_carries_the_signed_decision_out(decision, state):
    lot = stage.make_reviewable_lot()
    disposition = stage.decide(lot, decision)
    assert disposition.state == DispositionState.EXECUTED
    assert stage.fresh(lot).state == state
    assert Event.objects.filter(name=f"release.lot.{state}").count() == 1


def test_a_lot_that_fails_ends_rejected():
    lot = stage.make_reviewable_lot(ifng_net="312")
    stage.decide(lot, "reject")
    assert stage.fresh(lot).state == LotState.REJECTED


def fail_a_result(lot):
    stage.supersede(stage.result_of(lot, "ifng_net"), "120")


def stop_the_order(lot):
    with factories.writing():
        TherapyOrder.objects.filter(pk=lot.order_id).update(state="stopped")


def let_a_bag_expire(lot):
    with factories.writing():
        Container.objects.filter(order=lot.order, code="BG1").update(
            expiry_date=facility_today() - timedelta(days=1)
        )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (fail_a_result, "changed after it was signed.*fails"),
        (stop_the_order, "The order is stopped"),
        (stage.open_deviation, "Deviation DEV-2026-.* is open"),
        (let_a_bag_expire, "Bag BG1 expired"),
        (
            lambda lot: stage.supersede(stage.result_of(lot, "viability"), "91.2"),
            "changed after it was signed",
        ),
    ],
    ids=["result", "stop", "deviation", "expiry", "same value again"],
)
def test_a_change_after_the_second_signature_voids_it_and_leaves_the_lot(change, why):
    lot = stage.make_reviewable_lot()
    disposition = stage.sign(stage.review(lot))
    change(lot)
    stage.execute(disposition)
    assert disposition.state == DispositionState.VOID
    assert re.match(f"Not executed. .*{why}", disposition.void_because)
    assert stage.fresh(lot).state == LotState.QA_REVIEW
    assert not Effect.objects.filter(task="release.issue_certificate").exists()


def test_a_gate_that_shuts_without_any_change_of_the_record_voids_it(monkeypatch):
    """A bag expires overnight: nothing was written, and still it is not released."""
    lot = stage.make_reviewable_lot()
    disposition = stage.sign(stage.review(lot))
    in_a_year = facility_today() + timedelta(days=365)
    monkeypatch.setattr("tilmfg.release.services.dispositions.facility_today", lambda: in_a_year)
    stage.execute(disposition)
    assert disposition.void_because.startswith("Not executed. Bag BG1 expired")


def test_after_a_void_the_lot_can_be_reviewed_again():
    lot = stage.make_reviewable_lot()
    disposition = stage.sign(stage.review(lot))
    stage.supersede(stage.result_of(lot, "viability"), "90")
    stage.execute(disposition)
    stage.evaluate(lot)
    stage.decide(lot)
    assert stage.fresh(lot).state == LotState.RELEASED


def test_what_is_only_reviewed_is_not_executed():
    lot = stage.make_reviewable_lot()
    disposition = stage.execute(stage.review(lot))
    assert disposition.state == DispositionState.REVIEWED
    assert stage.fresh(lot).state == LotState.QA_REVIEW


def test_a_signer_who_did_work_on_the_lot_voids_it():
    lot = stage.make_reviewable_lot()
    disposition = stage.sign(stage.review(lot))
    with factories.writing():
        Scan.objects.create(
            order=lot.order, purpose="fill", expected="x", read="x", matches=True, scanned_by=person("rosa")
        )
    stage.execute(disposition)
    assert "A signer worked on this lot." in disposition.void_because


def test_people_do_not_execute():
    disposition = stage.sign(stage.review(stage.make_reviewable_lot()))
    with pytest.raises(NotAuthorised):
        services.execute_disposition(disposition=disposition, by=person("rosa"))


# ── Exactly once ─────────────────────────────────────────────────────────────────────────────────


def test_a_hundred_deliveries_make_one_transition_and_one_certificate():
    """REL-06"""
    lot = stage.make_reviewable_lot()
    stage.sign(stage.review(lot))
    for task in ("release.execute", "release.issue_certificate"):
        effect = Effect.objects.get(task=task)
        for _ in range(100):
            deliver_effect(effect_id=effect.pk)
    assert Event.objects.filter(name="release.lot.released").count() == 1
    assert Event.objects.filter(name="release.disposition.executed").count() == 1
    assert Document.objects.filter(kind="certificate_of_analysis").count() == 1


def test_executing_again_changes_nothing():
    lot = stage.make_reviewable_lot()
    disposition = stage.decide(lot)
    events = Event.objects.count()
    stage.execute(disposition)
    assert Event.objects.count() == events


# ── The certificate ──────────────────────────────────────────────────────────────────────────────


def certificate_text(lot):
    document = Document.objects.get(order=lot.order, kind="certificate_of_analysis")
    pages = pypdf.PdfReader(io.BytesIO(document.content)).pages
    return " ".join("".join(page.extract_text() for page in pages).split())


def test_the_certificate_says_what_was_signed():
    lot = stage.make_reviewable_lot()
    disposition = stage.decide(lot)
    stage.deliver("release.issue_certificate")
    text = certificate_text(lot)
    for words in (lot.order.lot_number, "RELEASED", "Quinn O’Hara", "Rosa Almeida", "I agree.", "No growth"):
        assert words in text
    assert disposition.approval.digest in text.replace(" ", "")


def test_the_certificate_names_both_readers_of_a_slide_and_when_they_read():
    lot = stage.make_lot_read_twice()
    stage.decide(lot)
    stage.deliver("release.issue_certificate")
    again = SecondReading.objects.get()
    first, second = instant(again.result.performed_at), instant(again.recorded_at)
    told = f"Read by Ana Lindqvist, {first}; again by Inês Carvalho, {second}."
    assert told.replace(" ", "") in certificate_text(lot).replace(" ", "")


def test_the_certificate_of_a_rejected_lot_says_so():
    lot = stage.make_reviewable_lot(ifng_net="312")
    stage.decide(lot, "reject")
    stage.deliver("release.issue_certificate")
    assert "REJECTED" in certificate_text(lot)


def test_a_later_result_does_not_change_the_certificate():
    lot = stage.make_reviewable_lot(viability="91")
    stage.decide(lot)
    stage.supersede(stage.result_of(lot, "viability"), "77")
    stage.deliver("release.issue_certificate")
    told = certificate_text(lot).split("IFN")[0].split("Viability")[1]
    assert "91 %" in told
    assert "77 %" not in told


def test_a_printer_that_fails_does_not_undo_the_release(monkeypatch):
    """REL-15"""
    lot = stage.make_reviewable_lot()
    stage.decide(lot)

    def fail(content):
        raise documents.UnableToPrint("no paper")

    with monkeypatch.context() as broken:
        broken.setattr(documents, "certificate_of_analysis", fail)
        with pytest.raises(documents.UnableToPrint):
            stage.deliver("release.issue_certificate")
    assert stage.fresh(lot).state == LotState.RELEASED
    assert not Document.objects.exists()
    assert "no paper" in Effect.objects.get(task="release.issue_certificate").last_error
    stage.deliver("release.issue_certificate")
    assert Document.objects.count() == 1


def test_reading_a_document_stays_on_record():
    lot = stage.make_reviewable_lot()
    stage.decide(lot)
    stage.deliver("release.issue_certificate")
    document = Document.objects.get()
    assert services.read_document(document=document, by=person("vera")).startswith(b"%PDF")
    assert Event.objects.get(name="release.document.read").actor == person("vera")


# ── Rows that no verb writes ─────────────────────────────────────────────────────────────────────


def test_what_nobody_approved_is_not_carried_out():
    lot = stage.make_reviewable_lot()
    assert _objections(lot, stage.review(lot)) == ["Nobody has approved it."]


def test_two_signatures_of_one_person_carry_nothing_out():
    lot = stage.make_reviewable_lot()
    disposition = stage.sign(stage.review(lot))
    disposition.approval.signer_id = disposition.review.signer_id
    assert "Both signatures are of the same person." in _objections(lot, disposition)


@pytest.mark.parametrize(
    "change", [{"content": "{}"}, {"content_digest": "0" * 64}, {"reason": "Another reason than was given"}]
)
def test_a_signature_that_says_something_else_carries_nothing_out(change):
    lot = stage.make_reviewable_lot()
    disposition = stage.sign(stage.review(lot))
    for field, value in change.items():
        setattr(disposition.approval, field, value)
    assert "A signature does not belong to this decision." in _objections(lot, disposition)
