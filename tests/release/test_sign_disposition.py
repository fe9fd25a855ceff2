"""The second signature, of another person over the same record: the decision."""

from datetime import timedelta

import pytest

from tests import factories
from tests.cast import grant, person
from tests.release import stage
from tilmfg.accounts.models import RoleGrant
from tilmfg.records.days import facility_today
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import Effect, Signature
from tilmfg.records.signatures import UnableToSign
from tilmfg.release import services
from tilmfg.release.models import Disposition
from tilmfg.release.states import DispositionState, LotState

pytestmark = pytest.mark.django_db


def also_approves(username):
    grant(username, "qa_approver")


def test_it_signs_the_same_content_as_the_reviewer_and_promises_the_execution():
    lot = stage.make_reviewable_lot()
    disposition = stage.sign(stage.review(lot))
    disposition.refresh_from_db()
    assert disposition.state == DispositionState.SIGNED
    assert disposition.approval.meaning == Signature.Meaning.APPROVED
    assert disposition.approval.content_digest == disposition.review.content_digest == disposition.digest
    assert Effect.objects.get(task="release.execute").arguments == {"disposition_id": disposition.pk}


def test_signing_alone_does_not_move_the_lot():
    lot = stage.make_reviewable_lot()
    stage.sign(stage.review(lot))
    assert stage.fresh(lot).state == LotState.QA_REVIEW


def test_it_refuses_the_person_who_reviewed():
    disposition = stage.review(stage.make_reviewable_lot())
    also_approves("quinn")
    with pytest.raises(NotAuthorised, match="You gave the signature before this one"):
        stage.sign(disposition, by="quinn")


@pytest.mark.parametrize("username", ["olga", "tomas", "ana", "ines"])
def test_it_refuses_whoever_worked_on_the_lot(username):
    """A11-10, REL-16"""
    disposition = stage.review(stage.make_reviewable_lot())
    also_approves(username)
    with pytest.raises(NotAuthorised, match="You worked on this lot"):
        stage.sign(disposition, by=username)


@pytest.mark.parametrize("username", ["quinn", "adam", "sam", "vera", "root", "eve"])
def test_it_refuses_everybody_but_qa_approvers(username):
    disposition = stage.review(stage.make_reviewable_lot())
    with pytest.raises(NotAuthorised, match="This is done by: QA approver"):
        stage.sign(disposition, by=username)


def test_it_refuses_an_approver_whose_role_was_taken_away():
    """REL-16"""
    disposition = stage.review(stage.make_reviewable_lot())
    rosa = person("rosa")
    with factories.writing():
        RoleGrant.objects.filter(user=rosa).update(revoked_at=factories.NOW)
    with pytest.raises(NotAuthorised):
        stage.sign(disposition)


def test_it_refuses_a_record_that_changed_after_the_page_was_opened():
    """REL-10"""
    lot = stage.make_reviewable_lot()
    disposition, seen = stage.review(lot), stage.seen(lot)
    stage.supersede(stage.result_of(lot, "viability"), "90")
    with pytest.raises(ChangedMeanwhile, match="after you opened this page"):
        stage.sign(disposition, seen_digest=seen)


def test_it_refuses_a_record_that_changed_between_the_signatures():
    """REL-11: even though the approver has seen the changed record."""
    lot = stage.make_reviewable_lot()
    disposition = stage.review(lot)
    stage.supersede(stage.result_of(lot, "viability"), "90")
    with pytest.raises(ChangedMeanwhile, match="after Quinn O’Hara reviewed it"):
        stage.sign(disposition)
    assert not Effect.objects.filter(task="release.execute").exists()


def test_it_refuses_a_disposition_that_is_signed_already():
    disposition = stage.sign(stage.review(stage.make_reviewable_lot()))
    with pytest.raises(ChangedMeanwhile, match="already signed"):
        stage.sign(disposition)


def test_it_refuses_a_review_that_was_returned():
    disposition = stage.review(stage.make_reviewable_lot())
    services.return_review(disposition=disposition, reason="Not complete.", by=person("rosa"))
    with pytest.raises(ChangedMeanwhile, match="already void"):
        stage.sign(disposition)


def test_it_refuses_a_wrong_password_and_leaves_everything_as_it_was():
    disposition = stage.review(stage.make_reviewable_lot())
    with pytest.raises(UnableToSign):
        stage.sign(disposition, password="guess")
    assert Disposition.objects.get().state == DispositionState.REVIEWED
    assert Disposition.objects.get().approval is None


def test_it_refuses_a_release_whose_gates_have_shut_meanwhile(monkeypatch):
    """A bag expires between the two signatures: nothing was written, and still nobody signs for it."""
    disposition = stage.review(stage.make_reviewable_lot())
    in_a_year = facility_today() + timedelta(days=365)
    monkeypatch.setattr("tilmfg.release.services.dispositions.facility_today", lambda: in_a_year)
    with pytest.raises(services.UnableToDecide, match="Not possible to release: Bag BG1 expired"):
        stage.sign(disposition)


def test_a_decision_that_is_signed_is_not_given_back():
    disposition = stage.sign(stage.review(stage.make_reviewable_lot()))
    with pytest.raises(ChangedMeanwhile, match="already signed"):
        services.return_review(disposition=disposition, reason="On second thoughts.", by=person("rosa"))
