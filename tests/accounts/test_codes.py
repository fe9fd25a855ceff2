"""Codes as RFC 6238 computes them, each good once; P11-22, SEC-06."""

import threading

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from tests import factories
from tests.cast import PASSWORD, code_of, person, with_authenticator
from tilmfg.accounts import codes
from tilmfg.accounts.models import Attempt, Authenticator, User
from tilmfg.accounts.proof import complete_sign_in, prove_signer
from tilmfg.accounts.services import issue_recovery_codes


@pytest.fixture
def sealed_by_the_rfc():
    return Fernet(settings.TILMFG_VAULT_KEY.split(",")[0]).encrypt(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("moment", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_it_computes_the_codes_of_the_rfc(sealed_by_the_rfc, moment, code):
    """RFC 6238, appendix B, the last six digits."""
    assert codes.step_of(sealed_by_the_rfc, code, now=moment) == moment // 30


def test_a_code_is_good_for_its_half_minute_and_five_seconds(sealed_by_the_rfc):
    assert codes.step_of(sealed_by_the_rfc, "287082", now=30) == 1
    assert codes.step_of(sealed_by_the_rfc, "287082", now=64.9) == 1
    assert codes.step_of(sealed_by_the_rfc, "287082", now=65) is None
    assert codes.step_of(sealed_by_the_rfc, "287082", now=29) is None


def test_the_picture_holds_what_an_app_reads(sealed_by_the_rfc):
    address = codes.address_of(sealed_by_the_rfc, username="olga")
    assert address.startswith("otpauth://totp/tilmfg:olga?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in address
    assert codes.typed_secret(sealed_by_the_rfc).startswith("GEZD GNBV")


@pytest.mark.django_db
def test_a_signature_needs_password_and_code_and_wrong_ones_count():
    quinn = with_authenticator("quinn")
    assert prove_signer(password=PASSWORD, code="000000", by=quinn).refusal.field == "one_time_code"
    assert prove_signer(password="wrong", code=code_of(quinn), by=quinn).refusal.field == "password"
    proof = prove_signer(password=PASSWORD, code=code_of(quinn), by=quinn)  # the wrong password spent no code
    assert proof.is_accepted
    assert "used before" in str(prove_signer(password=PASSWORD, code=code_of(quinn), by=quinn).refusal)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "１２３４５６", "12345", "1234567", "x" * 5000, "\x00" * 6])
def test_what_is_no_code_is_wrong(code):
    assert not prove_signer(password=PASSWORD, code=code, by=with_authenticator("quinn")).is_accepted


@pytest.mark.django_db
def test_a_recovery_code_signs_nothing():
    quinn = with_authenticator("quinn")
    [code, *_] = issue_recovery_codes(by=quinn)
    assert not prove_signer(password=PASSWORD, code=code, by=quinn).is_accepted


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_send_the_same_code_at_once_one_is_let_in():
    quinn = with_authenticator("quinn")
    code, together, proofs = code_of(quinn), threading.Barrier(10), []

    def send():
        together.wait()
        proofs.append(complete_sign_in(person=User.objects.get(pk=quinn.pk), code=code).is_accepted)
        connection.close()

    senders = [threading.Thread(target=send) for _ in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(proofs) == [False] * 9 + [True]
    assert Attempt.objects.filter(outcome="used_code").count() == 9


def intrude(sql, *values):
    with transaction.atomic(), factories.writing(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.django_db
def test_the_database_lets_no_code_count_again():
    with_authenticator("quinn")
    issue_recovery_codes(by=person("quinn"))
    with pytest.raises(DatabaseError, match="codes_count_once"):
        intrude("UPDATE accounts_authenticator SET last_step = last_step - 1")
    intrude("UPDATE accounts_authenticator SET removed_at = now(), removed_by_id = user_id")
    with pytest.raises(DatabaseError, match="codes_count_once"):
        intrude("UPDATE accounts_authenticator SET removed_at = NULL, removed_by_id = NULL")
    intrude("UPDATE accounts_recoverycode SET spent_at = now()")
    with pytest.raises(DatabaseError, match="recovery_codes_open_once"):
        intrude("UPDATE accounts_recoverycode SET spent_at = NULL")


@pytest.mark.django_db
def test_the_database_holds_one_authenticator_of_a_person():
    with_authenticator("quinn")
    with pytest.raises(DatabaseError, match="one_authenticator_of_a_person"), transaction.atomic():
        with_authenticator("quinn")
    assert Authenticator.objects.count() == 1
