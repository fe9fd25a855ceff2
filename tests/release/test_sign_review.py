"""The first of two signatures: the record is complete and correct, and this is what I propose."""

import pytest

from tests.cast import grant, person
from tests.release import stage
from tilmfg.records.canonical import canonical_json
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import Event, Signature
from tilmfg.records.signatures import UnableToSign
from tilmfg.release import services
from tilmfg.release.dossier import decision_content
from tilmfg.release.models import Disposition
from tilmfg.release.selectors import dossier_of
from tilmfg.release.states import DispositionState

pytestmark = pytest.mark.django_db


def also_reviews(username):
    """Somebody of the floor or the laboratory who is a QA reviewer besides."""
    grant(username, "qa_reviewer")


def test_it_signs_exactly_what_was_shown_under_the_decision():
    lot = stage.make_reviewable_lot()
    shown = dossier_of(lot)
    disposition = stage.review(lot)
    signature = disposition.review
    assert disposition.state == DispositionState.REVIEWED
    assert signature.content == canonical_json(decision_content(shown, "release"))
    assert signature.content_digest == disposition.digest
    assert signature.subject_version == shown.record_version
    assert (signature.meaning, signature.printed_name) == (Signature.Meaning.REVIEWED, "Quinn O’Hara")
    assert (signature.subject_kind, signature.subject_id) == ("release.lot", lot.pk)
    assert Event.objects.get(name="release.disposition.reviewed").details == {"decision": "release"}


def test_another_decision_is_another_content():
    lot = stage.make_reviewable_lot()
    rejected = stage.review(lot, "reject")
    services.return_review(disposition=rejected, reason="It conforms.", by=person("rosa"))
    assert stage.review(lot).digest != rejected.digest


def test_it_refuses_a_record_that_changed_after_the_page_was_opened():
    """REL-10"""
    lot = stage.make_reviewable_lot()
    seen = stage.seen(lot)
    stage.supersede(stage.result_of(lot, "viability"), "90")
    with pytest.raises(ChangedMeanwhile, match="changed after you opened this page"):
        stage.review(lot, seen_digest=seen)
    assert not Disposition.objects.exists()
    assert not Signature.objects.filter(subject_kind="release.lot").exists()


@pytest.mark.parametrize("username", ["olga", "tomas", "ana", "ines"])
def test_it_refuses_whoever_worked_on_the_lot(username):
    """A11-10: performer, verifier, analyst, reviewer of a result."""
    lot = stage.make_reviewable_lot()
    also_reviews(username)
    with pytest.raises(NotAuthorised, match="You worked on this lot"):
        stage.review(lot, by=username)


@pytest.mark.parametrize("username", ["rosa", "ana", "sam", "vera", "root", "eve"])
def test_it_refuses_everybody_but_qa_reviewers(username):
    with pytest.raises(NotAuthorised, match="QA reviewer"):
        stage.review(stage.make_reviewable_lot(), by=username)


def test_it_refuses_a_wrong_password():
    with pytest.raises(UnableToSign, match="password"):
        stage.review(stage.make_reviewable_lot(), password="guess")


def test_it_refuses_a_signature_without_reason():
    with pytest.raises(UnableToSign, match="reason"):
        stage.review(stage.make_reviewable_lot(), reason="  ")


def test_it_refuses_to_propose_the_release_of_a_lot_that_fails():
    lot = stage.make_reviewable_lot(ifng_net="312")
    with pytest.raises(services.UnableToDecide, match=r"IFN-γ release.* fails") as refusal:
        stage.review(lot)
    assert refusal.value.field == "decision"


def test_a_lot_that_fails_can_be_proposed_for_rejection():
    lot = stage.make_reviewable_lot(ifng_net="312")
    assert stage.review(lot, "reject").decision == "reject"


def test_it_refuses_to_propose_a_release_while_a_deviation_is_open():
    lot = stage.make_reviewable_lot()
    stage.open_deviation(lot)
    with pytest.raises(services.UnableToDecide, match="DEV-2026"):
        stage.review(lot)


def test_it_refuses_a_lot_that_is_still_tested():
    lot = stage.make_tested_lot(leave_out=["sterility"])
    stage.evaluate(lot)
    for decision in ("release", "reject"):
        with pytest.raises(services.UnableToDecide, match="Testing is not complete"):
            stage.review(lot, decision)


def test_it_refuses_a_decision_it_does_not_know():
    with pytest.raises(services.UnableToDecide, match="'maybe'"):
        stage.review(stage.make_reviewable_lot(), "maybe")


def test_a_standing_review_keeps_a_second_one_out():
    lot = stage.make_reviewable_lot()
    stage.review(lot)
    with pytest.raises(ChangedMeanwhile, match="Quinn O’Hara has signed the review already: Release"):
        stage.review(lot, "reject")


def test_a_review_that_the_record_has_overtaken_gives_way():
    lot = stage.make_reviewable_lot()
    overtaken = stage.review(lot)
    stage.supersede(stage.result_of(lot, "viability"), "90")
    stage.evaluate(lot)
    standing = stage.review(lot)
    overtaken.refresh_from_db()
    assert overtaken.state == DispositionState.VOID
    assert standing.state == DispositionState.REVIEWED


def test_a_returned_review_says_who_returned_it_and_why():
    lot = stage.make_reviewable_lot()
    disposition = services.return_review(
        disposition=stage.review(lot), reason="Look at day 16 again.", by=person("rosa")
    )
    disposition.refresh_from_db()
    assert disposition.state == DispositionState.VOID
    assert disposition.void_because == "Returned by Rosa Almeida: Look at day 16 again."
    assert stage.review(lot).state == DispositionState.REVIEWED


def test_a_review_is_not_returned_without_a_reason():
    disposition = stage.review(stage.make_reviewable_lot())
    with pytest.raises(services.UnableToDecide, match="State why"):
        services.return_review(disposition=disposition, reason=" ", by=person("rosa"))
