"""Approved, a version is in force and frozen."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from assays import catalogue, selectors, services
from assays.models import Method
from assays.services.methods import UnableToApprove, UnableToDraft, seen_of
from tests import factories
from tests.assays import bench
from tests.cast import PASSWORD, credential, person
from tilmfg.records.canonical import digest
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.signatures import UnableToSign, is_intact

pytestmark = pytest.mark.django_db


def approve(method, *, by="rosa", password=PASSWORD, reason="Validated, report VR-12.", seen=""):
    return services.approve_method(
        method=method,
        seen=seen or seen_of(method),
        credential=credential(by, password),
        reason=reason,
        by=person(by),
    )


@pytest.fixture
def drafted():
    return services.draft_method(**catalogue.IFNG_ELISA, by=person("ana"))


def test_it_signs_the_very_content(drafted):
    approval = approve(drafted).approval
    assert is_intact(approval)
    assert json.loads(approval.content)["content"] == catalogue.IFNG_ELISA["content"]


def test_a_draft_that_is_no_method_any_more_is_not_approved():
    """Its shape was another when it was drafted."""
    content = {"formats": ["Gen5"]}
    with factories.writing("ana"):
        method = Method.objects.create(
            code="old", version=1, name="Old", kind="plate", content=content, digest=digest(content)
        )
    with pytest.raises(UnableToDraft, match="is missing"):
        approve(method)


def test_a_draft_is_not_in_force_and_the_latest_approved_version_is(drafted):
    assert selectors.methods_for("Gen5") == []
    approve(drafted)
    second = bench.approved(catalogue.IFNG_ELISA)
    services.draft_method(**catalogue.IFNG_ELISA, by=person("ana"))
    assert selectors.methods_for("Gen5") == [second]


def test_it_is_done_once(drafted):
    approve(drafted)
    with pytest.raises(UnableToApprove, match="approved already"):
        approve(drafted)


def test_it_does_not_go_back_to_an_earlier_version(drafted):
    bench.approved(catalogue.IFNG_ELISA)
    with pytest.raises(UnableToApprove, match="later version"):
        approve(drafted)


def test_it_needs_the_approver_and_their_password(drafted):
    with pytest.raises(NotAuthorised):
        approve(drafted, by="ana")
    with pytest.raises(UnableToSign, match="password"):
        approve(drafted, password="guessed")


def test_the_database_freezes_it(drafted):
    approve(drafted)
    statement = "UPDATE assays_method SET content = '{}' WHERE id = %s"
    with (
        pytest.raises(DatabaseError, match="approved_methods_are_frozen"),
        transaction.atomic(),
        factories.writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [drafted.pk])
