"""REL-18: what raw SQL as the application's role cannot do to a lot or its decision."""

import threading

import pytest
from django.db import connection

from tests import factories
from tests.cast import grant, person, qualify, verify
from tests.raw_sql import again, refused, run
from tests.release import stage
from tilmfg.accounts.models import RoleGrant
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.records.errors import NotAuthorised, UnableTo
from tilmfg.records.models import AuditEvent, Event
from tilmfg.release import services
from tilmfg.release.models import Disposition
from tilmfg.release.states import DispositionState, LotState

pytestmark = pytest.mark.django_db

RELEASE = "UPDATE release_lot SET state = 'released' WHERE id = %s"


def insert_disposition(
    lot, *, reviewer="quinn", approver="rosa", digest=None, decision="release", state="executed"
):
    """As an intruder with the application's password would: rows written by hand, in the order that is let through."""
    content = {"lot": lot.pk, "decision": decision}
    qualify(reviewer, signing_code(Role.QA_REVIEWER))
    qualify(approver, signing_code(Role.QA_APPROVER))
    with factories.writing():
        review = factories.sign_for(lot, "release.lot", reviewer, "reviewed", content)
        approval = factories.sign_for(lot, "release.lot", approver, "approved", content)
        disposition = Disposition.objects.create(
            order=lot.order, lot=lot, decision=decision, digest=digest or review.content_digest, review=review
        )
        for step in ("signed", "executed")[: ("signed", "executed").index(state) + 1]:
            Disposition.objects.filter(pk=disposition.pk).update(state=step, approval=approval)
    if decision == "release":
        factories.review_trail(lot)
    disposition.refresh_from_db()
    return disposition


# ── A lot ────────────────────────────────────────────────────────────────────────────────────────


def test_a_lot_is_not_released_without_actor_and_verb():
    lot = stage.make_reviewable_lot()
    with refused("decided_lots_are_signed|no actor"), connection.cursor() as cursor:
        cursor.execute(RELEASE, [lot.pk])


@pytest.mark.parametrize(
    "state", ["released", "rejected", "conditionally_released", "provided_under_exception"]
)
def test_a_lot_is_not_decided_without_a_disposition(state):
    lot = stage.make_reviewable_lot()
    with refused("no executed disposition"):
        run("UPDATE release_lot SET state = %s WHERE id = %s", state, lot.pk)


def test_a_lot_is_not_released_by_a_review_alone():
    """SEC-02"""
    lot = stage.make_reviewable_lot()
    stage.review(lot)
    with refused("no executed disposition"):
        run(RELEASE, lot.pk)


def test_a_lot_is_not_released_by_a_signed_disposition_that_was_not_executed():
    lot = stage.make_reviewable_lot()
    stage.sign(stage.review(lot))
    with refused("no executed disposition"):
        run(RELEASE, lot.pk)


def test_a_lot_is_not_released_by_one_person_twice():
    """SEC-02"""
    lot = stage.make_reviewable_lot()
    grant("quinn", "qa_approver")
    with refused("both signatures are of one person"):
        insert_disposition(lot, approver="quinn")


def test_a_lot_is_not_released_by_signatures_over_something_else():
    lot = stage.make_reviewable_lot()
    with refused("a signature of something else"):
        insert_disposition(lot, digest="0" * 64)


@pytest.mark.parametrize("username", ["olga", "tomas", "ana", "ines"])
@pytest.mark.parametrize("signature", ["reviewer", "approver"])
def test_who_worked_on_a_lot_does_not_sign_about_it(username, signature):
    """A11-10, REL-16: nor by SQL, whatever roles they hold."""
    lot = stage.make_reviewable_lot()
    grant(username, f"qa_{signature}")
    verify(person(username))
    with refused("the signer worked on this lot"):
        insert_disposition(lot, **{signature: username})


@pytest.mark.parametrize(
    ("signature", "username"), [("reviewer", "rosa"), ("approver", "quinn"), ("approver", "adam")]
)
def test_a_signature_counts_only_with_its_role(signature, username):
    """A11-08"""
    lot = stage.make_reviewable_lot()
    verify(person(username))
    with refused(f"the signer is no qa_{signature}"):
        insert_disposition(lot, **{signature: username})


def test_a_role_that_was_lost_in_the_meantime_does_not_count():
    """REL-16"""
    lot = stage.make_reviewable_lot()
    with factories.writing():
        RoleGrant.objects.filter(user=person("rosa")).update(revoked_at=factories.NOW)
    with refused("the signer is no qa_approver"):
        insert_disposition(lot)


def test_a_lot_is_not_released_by_a_decision_to_reject():
    lot = stage.make_reviewable_lot()
    insert_disposition(lot, decision="reject")
    with refused("no executed disposition"):
        run(RELEASE, lot.pk)


def test_a_lot_is_not_released_by_the_disposition_of_another_lot():
    lot, other = stage.make_reviewable_lot(), stage.make_reviewable_lot()
    insert_disposition(other)
    with refused("no executed disposition"):
        run(RELEASE, lot.pk)


def test_signatures_for_another_lot_do_not_count():
    lot, other = stage.make_reviewable_lot(), stage.make_reviewable_lot()
    signed = insert_disposition(other)
    with factories.writing():
        stolen = Disposition.objects.create(
            order=lot.order,
            lot=lot,
            decision="release",
            digest=signed.digest,
            review=factories.sign_for(
                lot, "release.lot", "quinn", "reviewed", {"lot": other.pk, "decision": "release"}
            ),
        )
    with refused("a signature of another record"):
        run(
            "UPDATE release_disposition SET state = 'signed', approval_id = %s WHERE id = %s",
            signed.approval_id,
            stolen.pk,
        )


def test_a_stopped_order_is_not_released_even_with_two_signatures():
    lot = stage.make_reviewable_lot()
    insert_disposition(lot)
    run("UPDATE identity_therapyorder SET state = 'stopped' WHERE id = %s", lot.order_id)
    with refused("the order is stopped"):
        run(RELEASE, lot.pk)


def test_a_lot_is_not_born_released():
    order = factories.make_order()
    with refused("a lot is born expanding"):
        run("INSERT INTO release_lot (order_id, state, recorded_at) VALUES (%s, 'released', now())", order.pk)


@pytest.mark.parametrize("decision", ["release", "reject"])
@pytest.mark.parametrize("state", ["qa_review", "in_testing", "expanding", "infused"])
def test_a_decided_lot_does_not_go_back(decision, state):
    lot = stage.make_reviewable_lot()
    stage.decide(lot, decision)
    with refused("decided_lots_are_signed"):
        run("UPDATE release_lot SET state = %s WHERE id = %s", state, lot.pk)


def test_a_lot_keeps_its_order():
    lot = stage.make_reviewable_lot()
    with refused("keeps its order|another chain"):
        run("UPDATE release_lot SET order_id = %s WHERE id = %s", factories.make_order().pk, lot.pk)


def test_a_switch_of_the_trigger_library_switches_nothing_off():
    lot = stage.make_reviewable_lot()
    with refused("no executed disposition"):
        run("SELECT set_config('pgtrigger.ignore', '{\"release_lot:decided_lots_are_signed\"}', true)")
        run(RELEASE, lot.pk)


@pytest.mark.parametrize(
    "table", ["release_lot", "release_disposition", "release_evaluation", "release_document"]
)
def test_nothing_is_deleted(table):
    with refused("permission denied"):
        run(f"DELETE FROM {table}")


# ── A disposition ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", ["signed", "executed"])
def test_a_disposition_is_not_signed_with_one_signature(state):
    disposition = stage.review(stage.make_reviewable_lot())
    with refused("decided_dispositions_are_signed|dispositions_keep_what_was_signed"):
        run("UPDATE release_disposition SET state = %s WHERE id = %s", state, disposition.pk)


def test_a_disposition_is_not_signed_with_the_same_signature_twice():
    disposition = stage.review(stage.make_reviewable_lot())
    with refused("a signature of something else|both signatures are of one person"):
        run(
            "UPDATE release_disposition SET state = 'signed', approval_id = review_id WHERE id = %s",
            disposition.pk,
        )


def test_a_disposition_is_not_executed_before_it_is_signed():
    lot = stage.make_reviewable_lot()
    disposition = stage.review(lot)
    with factories.writing():
        approval = factories.sign_for(lot, "release.lot", "rosa", "approved")
    with refused("dispositions_keep_what_was_signed"):
        run(
            "UPDATE release_disposition SET state = 'executed', approval_id = %s WHERE id = %s",
            approval.pk,
            disposition.pk,
        )


@pytest.mark.parametrize("state", ["signed", "executed", "void"])
def test_a_disposition_is_born_reviewed(state):
    lot = stage.make_reviewable_lot()
    with factories.writing():
        review = factories.sign_for(lot, "release.lot", "quinn", "reviewed")
        approval = factories.sign_for(lot, "release.lot", "rosa", "approved")
    with refused("dispositions_keep_what_was_signed"):
        run(
            "INSERT INTO release_disposition (order_id, lot_id, decision, state, digest, review_id, approval_id,"
            " void_because, recorded_at) VALUES (%s, %s, 'release', %s, %s, %s, %s, 'why', now())",
            lot.order_id, lot.pk, state, review.digest, review.pk, approval.pk,
        )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        "decision = 'reject'",
        "digest = repeat('0', 64)",
        "state = 'void', void_because = 'x'",
        "approval_id = review_id",
    ],
)
def test_an_executed_disposition_is_not_edited(change):
    lot = stage.make_reviewable_lot()
    disposition = stage.decide(lot)
    with refused("dispositions_keep_what_was_signed|two_signatures_are_two"):
        run(f"UPDATE release_disposition SET {change} WHERE id = %s", disposition.pk)


def test_a_lot_has_one_standing_disposition():
    lot = stage.make_reviewable_lot()
    stage.review(lot)
    with refused("one_standing_disposition_per_lot"), factories.writing():
        review = factories.sign_for(lot, "release.lot", "quinn", "reviewed")
        Disposition.objects.create(
            order=lot.order, lot=lot, decision="reject", digest=review.content_digest, review=review
        )


def test_a_void_disposition_says_why():
    disposition = stage.review(stage.make_reviewable_lot())
    with refused("void_dispositions_say_why"):
        run("UPDATE release_disposition SET state = 'void' WHERE id = %s", disposition.pk)


@pytest.mark.parametrize("table", ["evaluation", "disposition", "trailreview"])
def test_nothing_decided_about_a_lot_is_of_another_order(table):
    lot, other = stage.make_reviewable_lot(), factories.make_order()
    rows = {"evaluation": lot.evaluations, "disposition": lot.dispositions, "trailreview": lot.trail_reviews}
    stage.review(lot)
    with refused("rows_of_one_order_stay_together: lot belongs to another order"):
        again(rows[table].get(), order_id=other.pk)


def test_a_review_of_the_trail_is_never_edited():
    lot = stage.make_reviewable_lot()
    stage.look_through(lot)
    with refused("release_trailreview is append-only"):
        run("UPDATE release_trailreview SET noticed = 0")


def test_a_version_of_a_specification_exists_once():
    specification = stage.make_specification()
    with refused("one_specification_per_version"):
        again(specification, approval_id=None)


# ── What is signed and issued ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records_signature SET content = '{}'",
        "UPDATE records_signature SET printed_name = 'Eve Moreau'",
        "UPDATE release_evaluation SET verdict = 'conforms'",
        "UPDATE release_document SET content = ''",
        "UPDATE release_specification SET content = '{}'",
        "UPDATE release_specification SET approval_id = NULL",
    ],
)
def test_signatures_evaluations_documents_and_approved_specifications_are_never_edited(statement):
    lot = stage.make_reviewable_lot(ifng_net="312")
    stage.decide(lot, "reject")
    stage.deliver("release.issue_certificate")
    with refused("append-only|make a new version"):
        run(statement)


def test_a_specification_is_not_approved_by_its_author():
    grant("quinn", "qa_approver")
    qualify("quinn", signing_code(Role.QA_APPROVER))
    drafted = services.draft_specification(
        code="S", name="S", indication="melanoma", effective_from_date=factories.NOW.date(),
        content=stage.catalogue.MELANOMA, by=person("quinn"),
    )  # fmt: skip
    with pytest.raises(NotAuthorised, match="You drafted"):
        services.approve_specification(
            specification=drafted, credential=stage.credential("quinn"), reason="mine", by=person("quinn")
        )
    with factories.writing():
        own = factories.sign_for(drafted, "release.specification", "quinn")
    with refused("specifications_are_approved_by_another"):
        run("UPDATE release_specification SET approval_id = %s WHERE id = %s", own.pk, drafted.pk)


# ── At once ──────────────────────────────────────────────────────────────────────────────────────


def at_once(*actions):
    """Each action on a connection of its own, all let go together; what each returned or raised."""
    start, outcomes = threading.Barrier(len(actions)), [None] * len(actions)

    def act(place, action):
        try:
            start.wait(10)
            outcomes[place] = action()
        except UnableTo as refusal:
            outcomes[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_release_and_reject_signed_at_once_one_wins():
    """REL-08, SEC-01"""
    lot = stage.make_reviewable_lot()
    stage.look_through(lot)
    seen = stage.seen(lot)
    tries = AuditEvent.objects.filter(
        relation="accounts_attempt", verb="accounts.signature.prove", actor="quinn"
    )
    before = tries.count()
    outcomes = at_once(
        *[lambda d=decision: stage.review(lot, d, seen_digest=seen) for decision in ("release", "reject")]
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ChangedMeanwhile", "Disposition"]
    assert Disposition.objects.count() == 1
    assert tries.count() == before + 2, "of the winner and of the loser"


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_at_once_one_wins():
    lot = stage.make_reviewable_lot()
    disposition = stage.review(lot)
    seen = stage.seen(lot)
    person("rosa")
    outcomes = at_once(*[lambda: stage.sign(disposition, seen_digest=seen)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ChangedMeanwhile", "Disposition"]
    assert Event.objects.filter(name="release.disposition.signed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_executed_by_four_workers_at_once_the_lot_moves_once():
    """REL-06"""
    lot = stage.make_reviewable_lot()
    disposition = stage.sign(stage.review(lot))
    at_once(*[lambda: stage.execute(Disposition.objects.get(pk=disposition.pk))] * 4)
    assert stage.fresh(lot).state == LotState.RELEASED
    assert Event.objects.filter(name="release.lot.released").count() == 1
    assert Event.objects.filter(name="release.execution.begun").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_result_that_changes_while_the_release_is_executed_is_either_seen_or_later():
    """Never a released lot whose signed record is not the one that was released."""
    lot = stage.make_reviewable_lot()
    disposition = stage.sign(stage.review(lot))
    result = stage.result_of(lot, "ifng_net")
    at_once(
        lambda: stage.execute(Disposition.objects.get(pk=disposition.pk)),
        lambda: stage.supersede(result, "120"),
    )
    disposition.refresh_from_db()
    state = stage.fresh(lot).state
    assert (disposition.state, state) in {
        (DispositionState.EXECUTED, LotState.RELEASED),
        (DispositionState.VOID, LotState.QA_REVIEW),
    }
