"""A signature is a person's, over exactly what was shown, and cannot be changed."""

import pytest
from django.db import DatabaseError, transaction

from tests import factories
from tests.cast import PASSWORD, credential, person
from tilmfg.records.canonical import canonical_json
from tilmfg.records.models import Signature
from tilmfg.records.signatures import UnableToSign, is_intact, sign

pytestmark = pytest.mark.django_db


def signed(*, by="quinn", password=PASSWORD, reason="complete", content=None):
    order = factories.make_order()
    with factories.writing():
        return sign(
            subject=order,
            kind="identity.order",
            content=content or {"lot": order.lot_number},
            meaning=Signature.Meaning.REVIEWED,
            reason=reason,
            credential=credential(by, password),
            by=person(by),
        )


def test_it_binds_name_time_meaning_reason_and_content():
    signature = signed()
    assert signature.printed_name == "Quinn O’Hara"
    assert signature.signed_at is not None
    assert is_intact(signature)


def test_it_refuses_a_wrong_password():
    with pytest.raises(UnableToSign, match="password"):
        signed(password="wrong")


def test_it_refuses_a_missing_reason():
    with pytest.raises(UnableToSign, match="reason"):
        signed(reason="  ")


def test_a_float_has_no_one_spelling_and_is_refused():
    with pytest.raises(TypeError, match="canonical"):
        canonical_json({"value": [0.1]})


def test_the_database_refuses_to_change_a_signature():
    signature = signed()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), factories.writing():
        Signature.objects.filter(pk=signature.pk).update(reason="another")
