"""What raw SQL as the application's role cannot do for people without training or statement. P11-09, P11-10"""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from tests import factories
from tests.assays import bench as laboratory
from tests.batches import bench as floor
from tests.cast import person, qualify
from tests.raw_sql import again, refused, run
from tests.release import stage
from tilmfg.accounts import services
from tilmfg.accounts.models import Qualification
from tilmfg.accounts.roles import Role, signing_code

pytestmark = pytest.mark.django_db


def revoke(username):
    for held in person(username).qualifications.filter(revoked_at=None):
        by = "rosa" if username == "quinn" else "quinn"
        services.revoke_qualification(qualification=held, reason="Training lapsed", by=person(by))


# ── The floor ────────────────────────────────────────────────────────────────────────────────────


def test_nobody_begins_a_batch_of_a_version_they_are_not_trained_for():
    batch = floor.started()
    revoke("olga")
    with refused(
        "batches_are_started_by_qualified_people: not qualified for process: gen2-22-days, version 1"
    ):
        again(batch, order_id=factories.make_order(state="received").pk)


def test_nobody_is_made_who_began_a_batch():
    batch = floor.started()
    with refused("batches_are_started_by_qualified_people"):
        run("UPDATE batches_batch SET started_by_id = %s WHERE id = %s", person("ana").pk, batch.pk)


def test_nobody_performs_a_step_they_are_not_trained_for():
    execution = floor.record(floor.started(), "fragment_and_seed")
    revoke("olga")
    with refused("steps_are_done_by_qualified_people: not qualified for process"):
        again(execution, step="other")


def test_nobody_verifies_a_step_they_are_not_trained_for():
    execution = floor.record(floor.started(), "fragment_and_seed")
    revoke("tomas")
    with refused("steps_are_done_by_qualified_people"):
        run(
            "UPDATE batches_stepexecution SET state = 'verified', verified_by_id = %s, verified_at = now() "
            "WHERE id = %s",
            person("tomas").pk,
            execution.pk,
        )


def test_a_step_is_verified_after_the_training_of_the_performer_lapsed():
    execution = floor.record(floor.started(), "fragment_and_seed")
    revoke("olga")
    verified = floor.verify(execution)
    assert verified.verified_by == person("tomas")


def test_nobody_reads_or_corrects_a_value_of_a_step_they_are_not_trained_for():
    reading = floor.record(floor.started(), "fragment_and_seed").readings.first()
    revoke("olga")
    with refused("readings_are_made_by_qualified_people"):
        again(reading, supersedes_id=reading.pk, reason="typed wrongly")
    with refused("readings_are_made_by_qualified_people"), transaction.atomic():
        again(reading, recorded_by_id=person("ana").pk)


# ── The laboratory ───────────────────────────────────────────────────────────────────────────────


def test_nobody_makes_a_run_by_a_method_they_are_not_trained_for():
    made = laboratory.import_plate(laboratory.received_sample())
    revoke("ana")
    with refused("runs_are_made_by_qualified_people: not qualified for method: "):
        again(made)


def test_nobody_is_made_the_reviewer_of_a_run_they_are_not_trained_for():
    made = laboratory.compute(laboratory.import_plate(laboratory.received_sample()))
    revoke("ines")
    with refused("runs_are_made_by_qualified_people"):
        run("UPDATE assays_run SET reviewed_by_id = %s WHERE id = %s", person("ines").pk, made.pk)


def test_nobody_enters_a_result_by_a_method_they_are_not_trained_for():
    result = factories.make_result(
        factories.make_sample(), "gram_stain", text="No organisms seen", final=False
    )
    revoke("ana")
    with refused("results_are_made_by_qualified_people: not qualified for method: "):
        again(result, stage="post_thaw")


def test_a_run_is_computed_after_the_training_of_its_analyst_lapsed():
    imported = laboratory.import_plate(laboratory.received_sample())
    revoke("ana")
    computed = laboratory.compute(imported)
    assert {result.recorded_by for result in computed.results.all()} == {person("ana")}


def test_a_run_lends_its_analyst_to_no_other_method_and_nobody_else():
    computed = laboratory.compute(laboratory.import_plate(laboratory.received_sample()))
    result, other = computed.results.first(), factories.make_method("gram_stain")
    revoke("ana")
    for changed in ({"method_id": other.pk}, {"recorded_by_id": person("eve").pk}, {"run_id": None}):
        with refused("results_are_made_by_qualified_people"), transaction.atomic():
            again(result, **changed)


# ── Signatures ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("username", "meaning", "wanted"),
    [("quinn", "reviewed", "signing: QA reviewer"), ("rosa", "approved", "signing: QA approver")],
)
def test_nobody_signs_in_a_role_they_are_not_trained_to_sign_in(username, meaning, wanted):
    lot = stage.make_reviewable_lot()
    revoke(username)
    with refused(f"signers_are_qualified: not qualified for {wanted}"):
        factories.sign_for(lot, "release.lot", username, meaning)


def test_training_to_sign_in_another_role_does_not_count():
    lot = stage.make_reviewable_lot()
    with refused("signers_are_qualified: not qualified for signing: QA reviewer"):
        factories.sign_for(lot, "release.lot", "rosa", "reviewed")


@pytest.mark.parametrize(("kind", "meaning"), [("release.lot", "closed"), ("release.pot", "approved")])
def test_nobody_signs_what_no_plan_asks_for(kind, meaning):
    with refused("signers_are_qualified: no plan asks for this signature"):
        factories.sign_for(stage.make_reviewable_lot(), kind, "rosa", meaning)


def test_nobody_signs_before_acknowledging_the_statement_in_force():
    lot = stage.make_reviewable_lot()
    new = services.publish_statement(
        text="A stricter text.", reason="The policy was revised", by=person("rosa")
    )
    words = "signers_are_qualified: the accountability statement in force is not acknowledged"
    with refused(words), transaction.atomic():
        factories.sign_for(lot, "release.lot", "quinn", "reviewed")
    services.acknowledge_statement(version=new.version, by=person("quinn"))
    assert factories.sign_for(lot, "release.lot", "quinn", "reviewed").signer == person("quinn")


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("since", "until", "is_in_force"), [(-2, 2, True), (2, 9, False), (-9, -2, False)])
def test_a_qualification_counts_while_it_is_one_of_its_days_anywhere_on_earth(since, until, is_in_force):
    """The verbs go by the facility's day; the database never lets through what is over on all of the earth."""
    today, code = datetime.now(UTC).date(), signing_code(Role.QA_REVIEWER)
    lot, rosa = stage.make_reviewable_lot(), person("rosa")
    with factories.writing():
        Qualification.objects.create(
            person=rosa, code=code, from_date=today + timedelta(days=since),
            until_date=today + timedelta(days=until), given_by=person("quinn"), reason="Trained on paper",
        )  # fmt: skip
    if is_in_force:
        assert factories.sign_for(lot, "release.lot", "rosa", "reviewed")
    else:
        with refused("signers_are_qualified"):
            factories.sign_for(lot, "release.lot", "rosa", "reviewed")


def test_a_new_qualification_after_a_revocation_counts():
    lot = stage.make_reviewable_lot()
    revoke("quinn")
    qualify("quinn", signing_code(Role.QA_REVIEWER))
    assert factories.sign_for(lot, "release.lot", "quinn", "reviewed")
