"""Five wrong tries in a row lock an account, wherever they were made; P11-21, SEC-05."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from tests import factories
from tests.cast import PASSWORD, credential, person
from tilmfg.accounts.models import Attempt, Lock, User
from tilmfg.accounts.proof import begin_sign_in, prove_second_person, prove_signer
from tilmfg.accounts.selectors import locked_accounts
from tilmfg.accounts.services import service_account
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db
WRONG = "not the right password"


def sign_in(name="quinn", password=PASSWORD):
    return begin_sign_in(name=name, password=password)


def sign(name="quinn", password=PASSWORD):
    return prove_signer(password=password, by=person(name))


def stand_by(name="quinn", password=PASSWORD, by="rosa"):
    return prove_second_person(name=name, password=password, by=person(by))


def outcomes(name="quinn"):
    return list(Attempt.objects.filter(name=name).order_by("id").values_list("outcome", flat=True))


@pytest.mark.parametrize(
    ("prove", "outcome"), [(sign_in, "begun"), (sign, "accepted"), (stand_by, "accepted")]
)
def test_it_accepts_the_right_password_and_records_that(prove, outcome):
    person("quinn")
    proof = prove()
    assert proof.is_accepted
    assert proof.refusal_of(person("quinn")) is None
    assert outcomes() == [outcome]


def test_a_proof_is_one_persons():
    assert "your own password" in str(sign("quinn").refusal_of(person("rosa")))


def test_five_wrong_tries_of_any_kind_lock_the_account_everywhere():
    """P11-21"""
    person("quinn")
    for prove in (sign_in, sign, stand_by, sign_in):
        assert "locked" not in str(prove(password=WRONG).refusal)
    assert "locked after 5 wrong tries" in str(sign(password=WRONG).refusal)
    for prove in (sign_in, sign, stand_by):
        assert "locked" in str(prove().refusal)
    assert outcomes() == ["wrong_password"] * 5 + ["locked"] * 3
    assert locked_accounts().get().user == person("quinn")
    event = Event.objects.get(name="accounts.user.locked")
    assert (event.subject_id, event.details["purpose"]) == (person("quinn").pk, "signature")


def test_a_right_password_begins_the_count_anew():
    person("quinn")
    for _ in range(4):
        sign(password=WRONG)
    assert sign().is_accepted
    for _ in range(4):
        sign(password=WRONG)
    assert sign().is_accepted


def test_it_counts_by_name_and_nobody_else_is_locked():
    person("rosa")
    for _ in range(5):
        sign("quinn", WRONG)
    assert sign_in("rosa").is_accepted


def test_an_unknown_name_is_recorded_and_what_is_no_name_is_not():
    assert not sign_in("somebody").is_accepted
    assert not sign_in("Correct Horse Battery!").is_accepted  # a password in the wrong field
    assert not sign_in("x\x00" * 400).is_accepted
    assert list(Attempt.objects.values_list("name", "outcome", "user")) == [
        ("somebody", "unknown", None),
        ("(no user name)", "unknown", None),
        ("(no user name)", "unknown", None),
    ]


def test_an_inactive_person_and_the_service_account_prove_nothing():
    with factories.writing():
        User.objects.filter(pk=person("quinn").pk).update(is_active=False)
        User.objects.filter(pk=service_account().pk).update(password=person("quinn").password)
    assert not sign_in("quinn").is_accepted
    assert not sign_in("celery").is_accepted
    assert outcomes("quinn") == ["inactive"]


def test_the_trail_names_the_try_and_never_the_password():
    person("quinn")
    sign_in(password=WRONG)
    sign()
    events = AuditEvent.objects.filter(relation="accounts_attempt").order_by("seq")
    assert [event.actor for event in events] == ["(not signed in)", "quinn"]
    assert not any(secret in event.content for event in events for secret in (PASSWORD, WRONG))


def test_an_endless_password_is_wrong_without_being_hashed(monkeypatch):
    person("quinn")
    monkeypatch.setattr("tilmfg.accounts.proof.check_password", pytest.fail)
    assert not sign(password="x" * 257).is_accepted


def intrude(sql, *values):
    with transaction.atomic(), factories.writing(), connection.cursor() as cursor:
        cursor.execute(sql, values)


ATTEMPT = "INSERT INTO accounts_attempt (name, user_id, purpose, outcome, with_code) VALUES ('quinn', %s, 'sign_in', %s, true)"  # noqa: E501


@pytest.mark.parametrize("outcome", ["accepted", "wrong_password"])
def test_the_database_refuses_a_sixth_try(outcome):
    quinn = person("quinn").pk
    for _ in range(5):
        intrude(ATTEMPT, quinn, "wrong_password")
    with pytest.raises(DatabaseError, match="locked_accounts_try_nothing"):
        intrude(ATTEMPT, quinn, outcome)


def test_the_database_refuses_success_on_a_locked_account_and_a_changed_past():
    for _ in range(5):
        sign(password=WRONG)
    with pytest.raises(DatabaseError, match="locked_accounts_try_nothing"):
        intrude(ATTEMPT, person("quinn").pk, "accepted")
    with pytest.raises(DatabaseError, match="append-only"):
        intrude("UPDATE accounts_attempt SET outcome = 'accepted'")
    with pytest.raises(DatabaseError, match="locks_end_once"):
        intrude("UPDATE accounts_lock SET user_id = %s", person("rosa").pk)
    with pytest.raises(DatabaseError, match="nobody_unlocks_themselves"):
        intrude("UPDATE accounts_lock SET unlocked_at = now(), unlocked_by_id = user_id, unlock_reason = 'x'")
    with pytest.raises(DatabaseError, match="unlocking_says_who_and_why"):
        intrude("UPDATE accounts_lock SET unlocked_at = now(), unlocked_by_id = %s", person("rosa").pk)


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_guesses_get_five_tries():
    person("quinn")
    together = threading.Barrier(20)
    proofs = []

    def guess():
        together.wait()
        proofs.append(sign_in(password=WRONG))
        connection.close()

    guessers = [threading.Thread(target=guess) for _ in range(20)]
    for guesser in guessers:
        guesser.start()
    for guesser in guessers:
        guesser.join()
    assert len(proofs) == 20
    assert outcomes().count("wrong_password") == 5
    assert outcomes().count("locked") == 15
    assert Lock.objects.count() == 1


def test_a_credential_with_a_wrong_password_signs_nothing():
    assert credential("quinn", WRONG).refusal_of(person("quinn")).field == "password"
