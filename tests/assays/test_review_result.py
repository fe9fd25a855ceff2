"""Results entered by form are final when another analyst has signed them."""

import pytest
from django.utils import timezone

from assays import catalogue, services
from assays.models import Result
from assays.services.reviews import UnableToReview
from assays.shown import shown_of_result
from tests.assays import bench
from tests.cast import PASSWORD, credential, person
from tilmfg.records.canonical import digest as digest_of
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def result():
    bench.method_of(catalogue.STERILITY)
    return record(bench.received_sample())


def record(sample, text="No growth", **given):
    return services.record_result(
        sample=sample,
        attribute="sterility",
        text=text,
        performed_at=timezone.now(),
        by=person("ana"),
        **given,
    )


def review(result, *, by="ines", digest=None, password=PASSWORD):
    digest = digest or digest_of(shown_of_result(Result.objects.get(pk=result.pk)))
    return services.review_result(
        result=result,
        digest=digest,
        credential=credential(by, password),
        reason="Reading checked.",
        by=person(by),
    )


def test_it_makes_the_result_final_and_says_so_on_the_order(result):
    review(result)
    result.refresh_from_db()
    assert (result.state, result.reviewed_by.username) == ("final", "ines")
    event = Event.objects.get(name="assays.result.finalised")
    assert (event.chain, event.subject_id) == (result.order.chain, result.pk)


def test_who_entered_it_does_not_review_it(result):
    with pytest.raises(NotAuthorised, match="You did this measurement"):
        review(result, by="ana")


def test_a_stale_page_is_refused(result):
    with pytest.raises(ChangedMeanwhile):
        review(result, digest="0" * 64)


def test_a_superseded_result_is_not_reviewed(result):
    record(result.sample, text="Growth", reason="Final reading.")
    with pytest.raises(UnableToReview, match="Sterility is superseded already"):
        review(result)


def test_a_result_of_a_run_is_reviewed_with_its_run():
    run = bench.compute(bench.import_plate(bench.received_sample()))
    with pytest.raises(UnableToReview, match="with its run"):
        review(run.results.get())


def test_only_an_analyst_reviews(result):
    with pytest.raises(NotAuthorised):
        review(result, by="rosa")
