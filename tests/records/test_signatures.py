"""A signature is a person's, over exactly what was shown, and cannot be changed, moved or revived."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from tests import factories
from tests.cast import PASSWORD, credential, person
from tilmfg.accounts.services import service_account
from tilmfg.quality.models import Deviation
from tilmfg.quality.services import close_deviation
from tilmfg.records.canonical import canonical_json
from tilmfg.records.context import acting
from tilmfg.records.models import Signature
from tilmfg.records.signature_status import status
from tilmfg.records.signatures import UnableToSign, is_intact, sign, write

pytestmark = pytest.mark.django_db


def signed(*, by="quinn", password=PASSWORD, reason="complete", content=None, actor=None):
    order = factories.make_order()
    with acting(actor=actor or by, verb="tests.sign"):
        return sign(
            subject=order,
            kind="quality.deviation",
            content=content or {"lot": order.lot_number},
            meaning=Signature.Meaning.CLOSED,
            reason=reason,
            credential=credential(by, password),
            by=person(by),
        )


def closed_deviation():
    order = factories.make_order()
    with factories.writing():
        deviation = Deviation.objects.create(
            number=f"DEV-2026-{order.pk:04}",
            chain=order.chain,
            subject_kind="identity.order",
            subject_id=order.pk,
            kind="other",
            title="Door left open",
            description="For four minutes.",
            opened_by=person("olga"),
        )
    close_deviation(
        deviation=deviation,
        classification="minor",
        impact="None on the product: the alarm came at once.",
        credential=credential("quinn"),
        reason="Investigated",
        by=person("quinn"),
    )
    return Deviation.objects.get(pk=deviation.pk)


# ── What it says ─────────────────────────────────────────────────────────────────────────────────


def test_it_binds_name_time_meaning_reason_and_content():
    """P11-13"""
    signature = signed()
    assert signature.printed_name == "Quinn O’Hara"
    assert signature.signed_at is not None
    assert is_intact(signature)


@pytest.mark.parametrize(
    "reason",
    [
        "Ice packs “melted”\n\tfirm \\ 4 °C",
        "Δ < 5 % / µL \x7f",
        "Zellen fließen – 细胞",
        "molten\u2028ice \U0001f9ca\x1f",
    ],
)
def test_python_and_the_database_spell_what_is_digested_alike(reason):
    assert is_intact(signed(reason=reason))


@pytest.mark.parametrize(
    "part",
    [
        "chain",
        "subject_kind",
        "subject_id",
        "subject_version",
        "meaning",
        "printed_name",
        "reason",
        "signed_at",
        "signer",
    ],
)
def test_each_part_is_under_the_digest(part):
    signature, other = signed(), signed(by="rosa", reason="another")
    other.meaning = Signature.Meaning.APPROVED
    other.subject_kind, other.subject_version = "identity.order", 77
    setattr(signature, part, getattr(other, part))
    assert not is_intact(signature)


def test_it_refuses_a_wrong_password():
    """P11-16"""
    with pytest.raises(UnableToSign, match="password"):
        signed(password="wrong")


def test_it_is_given_by_people():
    with acting(actor="celery", verb="tests.sign"), pytest.raises(UnableToSign, match="Only a person"):
        sign(
            subject=factories.make_order(),
            kind="quality.deviation",
            content={},
            meaning=Signature.Meaning.CLOSED,
            reason="The program says so",
            credential=credential("quinn"),
            by=service_account(),
        )


@pytest.mark.parametrize(
    "reason", ["  ", "x", "n/a", ".", "none", "test", "TEST.", "zzzzzz", "--- ---", "Not applicable"]
)
def test_it_refuses_a_reason_that_says_nothing(reason):
    """MHRA-2"""
    with pytest.raises(UnableToSign) as refusal:
        signed(reason=reason)
    assert refusal.value.field == "reason"


def test_a_float_has_no_one_spelling_and_is_refused():
    with pytest.raises(TypeError, match="canonical"):
        canonical_json({"value": [0.1]})


# ── What the database refuses ────────────────────────────────────────────────────────────────────


def test_the_database_refuses_to_change_a_signature():
    signature = signed()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), factories.writing():
        Signature.objects.filter(pk=signature.pk).update(reason="another")


def copy(signature, *, actor="quinn", **changes):
    """A row made of this one by the application's own means."""
    fields = [field.attname for field in Signature._meta.concrete_fields if not field.primary_key]
    values = {name: getattr(signature, name) for name in fields} | changes
    with acting(actor=actor, verb="tests.copy"):
        return Signature.objects.create(**values)


@pytest.mark.parametrize("tried", [None, "wrong password"])
def test_the_database_refuses_a_signature_that_nobody_gave_a_secret_for(tried):
    """P11-16: whichever program writes it, a proof of these minutes is on record or there is no signature."""
    order, quinn = factories.make_order(), person("quinn")
    if tried:
        credential("quinn", tried)
    with (
        pytest.raises(DatabaseError, match="the signer did not prove who they are"),
        acting(actor="quinn", verb="tests.sign"),
    ):
        write(
            subject=order,
            kind="quality.deviation",
            version=1,
            content={"lot": order.lot_number},
            meaning=Signature.Meaning.CLOSED,
            reason="complete",
            by=quinn,
        )


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"printed_name": ""}, "not the name of the signer"),
        ({"printed_name": "Quinn Ohara"}, "not the name of the signer"),
        ({"reason": ""}, "signatures_are_complete"),
        ({"reason": "n/a"}, "signatures_are_sealed|signatures_state_a_reason"),
        ({"meaning": "witnessed"}, "no plan asks for this signature"),
        ({"digest": "0" * 64}, "signatures_are_sealed"),
        ({"content": "{}"}, "signatures_are_sealed"),
        ({"subject_id": 4711}, "signatures_are_sealed"),
        ({"format": 0}, "not of the present format"),
    ],
)
def test_the_database_refuses_a_row_that_is_not_what_was_signed(changes, rule):
    """P11-13, P11-14"""
    signature = signed()
    with pytest.raises(DatabaseError, match=rule), transaction.atomic():
        copy(signature, **changes)


def test_the_database_refuses_a_sealed_signature_whose_reason_says_nothing():
    order = factories.make_order()
    credential("quinn")
    with (
        pytest.raises(DatabaseError, match="signatures_state_a_reason"),
        transaction.atomic(),
        acting(actor="quinn", verb="tests.sign"),
    ):
        write(
            subject=order,
            kind="quality.deviation",
            version=1,
            content={},
            meaning=Signature.Meaning.CLOSED,
            reason="n/a",
            by=person("quinn"),
        )


def test_the_database_refuses_a_signature_in_the_name_of_another():
    """P11-15"""
    with pytest.raises(DatabaseError, match="in the name of another"), transaction.atomic():
        signed(actor="rosa")


def test_the_database_refuses_a_signature_of_another_time():
    signature = signed()
    with pytest.raises(DatabaseError, match="not signed now"), transaction.atomic():
        copy(signature, signed_at=factories.NOW)


def test_the_database_refuses_a_signature_of_who_has_left():
    """P11-15"""
    signature = signed()
    with factories.writing():
        type(signature.signer).objects.filter(pk=signature.signer_id).update(is_active=False)
    with pytest.raises(DatabaseError, match="not an active person"), transaction.atomic():
        copy(signature)


# ── How it stands later ──────────────────────────────────────────────────────────────────────────


def test_it_is_valid_while_its_record_is_what_was_signed():
    deviation = closed_deviation()
    assert status(deviation.closure, of=deviation).is_valid


def test_renaming_or_deactivating_the_signer_changes_nothing():
    """P11-15"""
    deviation = closed_deviation()
    with factories.writing():
        people = type(deviation.closure.signer).objects.filter(username="quinn")
        people.update(printed_name="Quinn Married", is_active=False)
    deviation.closure.refresh_from_db()
    assert deviation.closure.printed_name == "Quinn O’Hara"
    assert status(deviation.closure, of=deviation).is_valid


def test_a_signer_is_never_deleted():
    """P11-15"""
    signature = signed()
    with pytest.raises(ProtectedError):
        signature.signer.delete()
    row = "DELETE FROM accounts_user WHERE id = %s"
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(row, [signature.signer_id])


def test_it_is_invalid_beside_another_record():
    """P11-14"""
    one, other = closed_deviation(), closed_deviation()
    assert status(one.closure, of=other).word == "invalid"
