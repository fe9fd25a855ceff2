"""A draft that is given up stays on record with its number and the reason."""

import pytest

from assays import catalogue, services
from assays.models import Method
from assays.services.methods import UnableToApprove, UnableToDraft, method_qualifications, seen_of
from tests.assays import bench
from tests.cast import credential, person
from tilmfg.records.errors import UnableTo

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return services.draft_method(**catalogue.STERILITY, by=person("ana"))


def discard(method, reason="Drafted by mistake."):
    return services.discard_method(method=method, reason=reason, by=person("ana"))


def test_it_stays_on_record_and_its_number_is_not_given_again(draft):
    discard(draft)
    assert Method.objects.get().discarded == "Drafted by mistake."
    assert services.draft_method(**catalogue.STERILITY, by=person("ana")).version == 2


def test_nobody_is_trained_for_it(draft):
    assert draft.qualification in method_qualifications()
    discard(draft)
    assert draft.qualification not in method_qualifications()


def test_it_is_not_approved(draft):
    discard(draft)
    with pytest.raises(UnableToApprove, match="is discarded"):
        services.approve_method(
            method=draft,
            seen=seen_of(draft),
            credential=credential("rosa"),
            reason="Validated.",
            by=person("rosa"),
        )


def test_it_needs_a_reason_that_says_something(draft):
    with pytest.raises(UnableTo):
        discard(draft, reason="x")


def test_an_approved_version_is_not_discarded():
    with pytest.raises(UnableToDraft, match="approved and frozen"):
        discard(bench.approved(catalogue.STERILITY))
