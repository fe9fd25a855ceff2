"""The audit trail is looked through and signed for before a lot is released. A11-06, A11-10, ALC-6."""

import json
import uuid
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from django.urls import reverse

from tests import factories
from tests.cast import PASSWORD, grant, person, qualify, sign_in, verify
from tests.release import stage
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.batches.models import Reading, StepExecution
from tilmfg.identity.models import Container, Scan
from tilmfg.quality import services as quality  # noqa: F401 (the room that opens deviations)
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised, UnableTo
from tilmfg.records.models import AuditEvent, Event, Signature
from tilmfg.records.signature_status import status
from tilmfg.release import services
from tilmfg.release.models import TrailReview
from tilmfg.release.selectors.trail import trail_of
from tilmfg.release.states import DispositionState, LotState
from tilmfg.release.trail import Group, group_of, reason_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return stage.make_reviewable_lot()


def change_the_record(lot, day=date(2030, 1, 2)):
    with factories.writing():
        Container.objects.filter(order=lot.order, code="BG1").update(expiry_date=day)


def groups(lot):
    return [noticed.group for noticed in trail_of(stage.fresh(lot)).noticed]


# ── What is noticed ──────────────────────────────────────────────────────────────────────────────


def read_another_label(lot):
    Scan.objects.create(
        order=lot.order, purpose="receipt", expected="a", read="b", matches=False, scanned_by=person("olga")
    )


def enter_late(lot):
    StepExecution.objects.create(
        order=lot.order,
        batch=lot.order.batch,
        step="split",
        performed_by=person("olga"),
        performed_at=factories.NOW,
        in_window=True,
        late_entry_reason="the network was down",
    )


def correct_a_reading(lot):
    kinds = {
        "order": lot.order,
        "execution": lot.order.batch.executions.first(),
        "recorded_by": person("olga"),
    }
    first = Reading.objects.create(parameter="viability", text="90", within_limits=True, **kinds)
    kinds |= {"supersedes": first, "confirmed_by": person("tomas"), "confirmed_at": Now()}
    Reading.objects.create(parameter="viability", text="91", within_limits=True, reason="misread", **kinds)


@pytest.mark.parametrize(
    ("happen", "group"),
    [
        (read_another_label, Group.MISMATCH),
        (enter_late, Group.LATE),
        (correct_a_reading, Group.SUPERSEDED),
        (stage.open_deviation, Group.DEVIATION),
        (change_the_record, Group.CHANGED),
    ],
)
def test_what_needs_an_eye_is_noticed(lot, happen, group):
    before = groups(lot)
    with factories.writing():
        happen(lot)
    after = groups(lot)
    assert after.count(group) == before.count(group) + 1
    assert len(after) == len(before) + 1


def test_the_ordinary_course_is_counted_and_not_shown(lot):
    trail = trail_of(lot)
    assert trail.noticed == ()
    assert trail.events == AuditEvent.objects.filter(chain=lot.chain).count() > 20
    assert trail.records < trail.events
    assert trail.broken_at is None


def test_a_voided_decision_and_a_removed_row_are_noticed(lot):
    services.return_review(disposition=stage.review(lot), reason="Look again.", by=person("rosa"))
    assert groups(lot) == [Group.VOIDED]
    removed = group_of(relation="x", operation="DELETE", old={}, new=None, moved_by_verbs=set())
    assert removed is Group.REMOVED


def test_a_reason_that_stands_in_the_row_is_shown(lot):
    with factories.writing():
        enter_late(lot)
    assert [noticed.reason for noticed in trail_of(lot).noticed] == ["a test stands on this row"]
    reason = reason_in({"late_entry_reason": "the network was down", "reason": "", "number": 1})
    assert reason == "the network was down"


def test_a_change_is_told_before_and_after(lot):
    change_the_record(lot)
    [noticed] = trail_of(stage.fresh(lot)).noticed
    [change] = noticed.changes
    assert (change.field, change.new) == ("Expiry date", "2 Jan 2030")
    assert change.old.endswith(str(factories.NOW.year + 1))
    assert noticed.reason == "a test stands on this row"


# ── Signing ──────────────────────────────────────────────────────────────────────────────────────


def test_it_signs_the_last_event_and_its_hash_and_through_it_the_whole_trail(lot):
    trail = trail_of(lot)
    review = stage.look_through(lot)
    assert (review.last_sequence, review.last_hash) == (trail.last_sequence, trail.last_hash)
    last = AuditEvent.objects.get(chain=lot.chain, seq=review.last_sequence)
    assert bytes(last.hash).hex() == review.last_hash
    signature = review.signature
    assert signature.meaning == Signature.Meaning.TRAIL_REVIEWED
    assert json.loads(signature.content)["last_hash"] == review.last_hash
    assert signature.subject_version == review.last_sequence
    assert status(signature, of=lot).is_valid
    assert Event.objects.get(name="release.trail.reviewed").details["events"] == trail.events


def test_it_refuses_a_trail_that_went_on_after_the_page_was_opened(lot):
    trail = trail_of(lot)
    change_the_record(lot)
    with pytest.raises(ChangedMeanwhile, match="Look at its trail again"):
        stage.look_through(lot, seen_sequence=trail.last_sequence)
    assert not TrailReview.objects.exists()


def test_it_refuses_a_digest_of_something_else(lot):
    with pytest.raises(ChangedMeanwhile):
        stage.look_through(lot, seen_digest="0" * 64)


def test_reading_a_document_meanwhile_does_not_disturb_it(lot):
    trail = trail_of(lot)
    with factories.writing("vera"):
        Event.objects.create(
            name="release.document.read",
            chain=lot.chain,
            subject_kind="x",
            subject_id=1,
            actor=person("vera"),
        )
    assert stage.look_through(lot, seen_sequence=trail.last_sequence, seen_digest=stage.digest(trail.content))


def test_it_refuses_who_worked_on_the_lot(lot):
    grant("olga", "qa_reviewer")
    with pytest.raises(NotAuthorised, match="You worked on this lot"):
        stage.look_through(lot, by="olga")


def test_it_hears_of_every_part_that_people_had_in_the_lot(lot):
    grant("ines", "qa_reviewer")
    with pytest.raises(NotAuthorised):
        stage.look_through(lot, by="ines")


@pytest.mark.parametrize("username", ["rosa", "ana", "adam", "vera", "root"])
def test_it_refuses_who_is_no_reviewer(lot, username):
    with pytest.raises(NotAuthorised):
        stage.look_through(lot, by=username)


def test_it_refuses_a_wrong_password_and_an_empty_reason(lot):
    for changes in ({"password": "wrong"}, {"reason": " "}):
        with pytest.raises(UnableTo):
            stage.look_through(lot, **changes)
    assert not TrailReview.objects.exists()


def test_it_refuses_a_lot_that_does_not_wait_for_qa():
    with pytest.raises(UnableTo, match="in testing"):
        stage.look_through(stage.make_tested_lot())


def test_it_refuses_a_trail_whose_chain_is_broken(lot, monkeypatch):
    monkeypatch.setattr("tilmfg.release.selectors.trail.first_break", lambda events: 7)
    with pytest.raises(UnableTo, match="broken at no"):
        stage.look_through(lot)


# ── The gate ─────────────────────────────────────────────────────────────────────────────────────


def sign_review(lot):
    return services.sign_review(
        lot=lot,
        decision="release",
        seen_digest=stage.seen(lot),
        reason=stage.FOUND_AS_PLANNED,
        credential=stage.credential("quinn", PASSWORD),
        by=person("quinn"),
    )


def test_no_release_is_proposed_before_the_trail_was_reviewed(lot):
    with pytest.raises(UnableTo, match="audit trail has not been reviewed"):
        sign_review(lot)
    stage.look_through(lot)
    assert sign_review(lot).state == DispositionState.REVIEWED


def test_a_rejection_needs_no_review_of_the_trail(lot):
    assert stage.review(lot, "reject").state == DispositionState.REVIEWED
    assert not TrailReview.objects.exists()


def test_a_change_after_the_review_voids_it_and_blocks_the_release_again(lot):
    review = stage.look_through(lot)
    change_the_record(lot)
    assert not status(review.signature, of=lot).is_valid
    with pytest.raises(UnableTo, match="changed after its audit trail was reviewed"):
        sign_review(lot)
    stage.look_through(lot)
    assert sign_review(lot).state == DispositionState.REVIEWED


def test_undoing_the_change_does_not_revive_the_review(lot):
    review = stage.look_through(lot)
    before = lot.order.containers.get(code="BG1").expiry_date
    change_the_record(lot)
    change_the_record(lot, before)
    assert not status(review.signature, of=lot).is_valid
    assert stage.trail_waits(lot)


def test_what_release_itself_writes_needs_no_second_review(lot):
    stage.look_through(lot)
    stage.decide(lot)
    assert TrailReview.objects.count() == 1
    assert stage.fresh(lot).state == LotState.RELEASED


def test_a_change_between_signature_and_execution_is_not_released(lot):
    signed = stage.sign(stage.review(lot))
    change_the_record(lot)
    voided = stage.execute(signed)
    assert voided.state == DispositionState.VOID
    assert "changed after its audit trail was reviewed" in voided.void_because


# ── The database ─────────────────────────────────────────────────────────────────────────────────


def release_by_sql(lot):
    with factories.writing(), connection.cursor() as cursor:
        cursor.execute("UPDATE release_lot SET state = 'released' WHERE id = %s", [lot.pk])


def executed_without_trail(lot):
    """Both signatures, executed, by whoever has the application's password."""
    content = {"lot": lot.pk}
    with factories.writing():
        review = factories.sign_for(lot, "release.lot", "quinn", "reviewed", content)
        approval = factories.sign_for(lot, "release.lot", "rosa", "approved", content)
        disposition = lot.dispositions.create(
            order=lot.order, decision="release", digest=review.content_digest, review=review
        )
        for state in ("signed", "executed"):
            lot.dispositions.filter(pk=disposition.pk).update(state=state, approval=approval)


def test_the_database_releases_no_lot_whose_trail_nobody_reviewed(lot):
    executed_without_trail(lot)
    with pytest.raises(DatabaseError, match="nobody reviewed the audit trail"), transaction.atomic():
        release_by_sql(lot)
    factories.review_trail(lot)
    change_the_record(lot)
    with pytest.raises(DatabaseError, match="nobody reviewed the audit trail"), transaction.atomic():
        release_by_sql(lot)
    factories.review_trail(lot)
    release_by_sql(lot)
    assert stage.fresh(lot).state == LotState.RELEASED


@pytest.mark.parametrize(
    "changes", [{"last_hash": "0" * 64}, {"last_sequence": 10**9}, {"last_sequence": 1}], ids=str
)
def test_the_database_takes_no_review_of_another_event(lot, changes):
    last = AuditEvent.objects.filter(chain=lot.chain).latest("seq")
    digest = bytes(last.hash).hex()
    values = {"last_hash": digest, "last_sequence": last.seq, "events": last.seq, "noticed": 0} | changes
    signature = factories.sign_for(
        lot, "release.trail", "quinn", "trail_reviewed", {"last_hash": digest}, version=last.seq
    )
    with pytest.raises(DatabaseError, match="trail_reviews_are_signed"), factories.writing():
        TrailReview.objects.create(order=lot.order, lot=lot, signature=signature, **values)


@pytest.mark.parametrize(("username", "role"), [("rosa", None), ("olga", "qa_reviewer")])
def test_the_database_takes_no_review_of_who_may_not_give_it(lot, username, role):
    if role:
        grant(username, role)
    qualify(username, signing_code(Role.QA_REVIEWER))
    verify(person(username))
    with pytest.raises(DatabaseError, match="trail_reviews_are_signed"), factories.writing():
        factories.review_trail(lot, by=username)


def test_the_database_takes_no_other_signature_for_a_review_of_the_trail(lot):
    last = AuditEvent.objects.filter(chain=lot.chain).latest("seq")
    with pytest.raises(DatabaseError, match="trail_reviews_are_signed"), factories.writing():
        TrailReview.objects.create(
            order=lot.order,
            lot=lot,
            signature=factories.sign_for(lot, "release.lot", "quinn", "reviewed"),
            last_sequence=last.seq,
            last_hash=bytes(last.hash).hex(),
            events=1,
            noticed=0,
        )


# ── The page ─────────────────────────────────────────────────────────────────────────────────────


def test_a_reviewer_signs_on_the_page_and_goes_on_to_the_record(client, lot):
    change_the_record(lot)
    sign_in(client, "quinn")
    address = reverse("lot_trail", args=[lot.number])
    assert address in client.get(reverse("lot", args=[lot.number])).content.decode()
    page = client.get(address)
    shown = page.content.decode()
    assert "Changed after first entry" in shown
    assert "a test stands on this row" in shown
    sent = {name: field.initial for name, field in page.context["form"].fields.items() if field.initial}
    sent |= page.context["form"].initial | {"idempotency_key": str(uuid.uuid4())}
    sent |= {"reason": "The number was misread.", "password": PASSWORD}
    refused = client.post(address, sent | {"password": "wrong"})
    assert refused.status_code == 422
    assert "The number was misread." in refused.content.decode()
    answer = client.post(address, sent | {"idempotency_key": str(uuid.uuid4())})
    assert answer["Location"] == reverse("lot_review", args=[lot.number])
    signed = client.get(address).content.decode()
    assert "Quinn O’Hara" in signed
    assert "Sign the trail review" not in signed


def test_a_page_that_the_record_has_overtaken_is_refused_and_shows_it_anew(client, lot):
    sign_in(client, "quinn")
    address = reverse("lot_trail", args=[lot.number])
    form = client.get(address).context["form"]
    change_the_record(lot)
    sent = form.initial | {
        "idempotency_key": str(uuid.uuid4()),
        "reason": "All explained.",
        "password": PASSWORD,
    }
    refused = client.post(address, sent)
    assert refused.status_code == 409
    assert "Changed after first entry" in refused.content.decode()
    assert refused.context["form"].data["seen_sequence"] != form.initial["seen_sequence"]
