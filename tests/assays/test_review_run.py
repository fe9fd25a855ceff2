"""A second analyst signs exactly what was shown; then, and only then, the results are final."""

import json
from decimal import Decimal

import pytest

from assays import services
from assays.models import Run
from assays.services.reviews import UnableToReview
from assays.shown import shown_of_run
from tests import factories
from tests.assays import bench
from tests.cast import PASSWORD, credential, person
from tilmfg.records.canonical import digest as digest_of
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.events import listen
from tilmfg.records.models import Event, Signature
from tilmfg.records.signatures import UnableToSign, is_intact

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return bench.compute(bench.import_plate(bench.received_sample()))


def on_page(run):
    """The digest that the page of the run carries."""
    return digest_of(shown_of_run(Run.objects.get(pk=run.pk)))


def review(run, *, by="ines", digest=None, password=PASSWORD, reason="Curve and replicates agree."):
    digest = digest or on_page(run)
    return services.review_run(
        run=run, digest=digest, credential=credential(by, password), reason=reason, by=person(by)
    )


def test_it_makes_every_result_final_under_one_signature(run):
    review(run)
    run.refresh_from_db()
    result = run.results.get()
    assert (run.state, run.reviewed_by.username) == ("reviewed", "ines")
    assert (result.state, result.review, result.reviewed_by) == ("final", run.review, person("ines"))
    assert run.review.meaning == "reviewed_result"


def test_the_signature_holds_what_was_shown(run):
    signed = json.loads(review(run).review.content)
    assert is_intact(run.__class__.objects.get(pk=run.pk).review)
    assert signed["results"][0]["attribute"] == "ifng_net"
    assert signed["file"] == run.file.sha256


def test_each_final_result_is_told_on_the_chain_of_its_order():
    samples = [bench.received_sample() for _ in range(2)]
    run = bench.compute(
        bench.import_plate(content=bench.plate(*samples), choices=bench.choices_for(*samples))
    )
    heard = []
    listen("assays.result.finalised")(heard.append)
    review(run)
    told = Event.objects.filter(name="assays.result.finalised")
    assert {event.chain for event in told} == {sample.order.chain for sample in samples}
    assert all(event.details["attribute"] == "ifng_net" for event in told)
    assert len(heard) == 2


def test_counts_are_reviewed_the_same_way():
    sample = bench.received_sample()
    factories.make_bags(sample.order)
    run = review(bench.import_counts(sample))
    assert {result.state for result in run.results.all()} == {"final"}


def test_the_analyst_of_the_run_does_not_review_it(run):
    with pytest.raises(NotAuthorised, match="You did this measurement; another analyst reviews it"):
        review(run, by="ana")


def test_a_wrong_password_signs_nothing(run):
    with pytest.raises(UnableToSign):
        review(run, password="guessed")
    assert not Signature.objects.filter(subject_kind="assays.run").exists()


def test_it_needs_a_reason(run):
    with pytest.raises(UnableToSign, match="reason"):
        review(run, reason="  ")


def test_a_page_that_shows_something_else_is_not_signed(run):
    with pytest.raises(ChangedMeanwhile, match="changed while you looked"):
        review(run, digest="0" * 64)


def test_a_page_from_before_the_results_changed_is_stale(run):
    seen = on_page(run)
    result = run.results.get()
    with factories.writing():
        result.state = "superseded"
        result.save(update_fields=["state"])
    with pytest.raises(ChangedMeanwhile):
        review(run, digest=seen)


def test_it_is_done_once(run):
    seen = on_page(run)
    review(run)
    with pytest.raises(UnableToReview, match="is reviewed; only a computed run"):
        review(run, digest=seen)


def test_an_invalid_run_is_not_reviewed():
    content = bench.plate(sample := bench.received_sample()).decode().replace("\t400\t400\t", "\t900\t900\t")
    run = bench.compute(bench.import_plate(sample, content=content.encode(), acceptance="Another lot."))
    with pytest.raises(UnableToReview, match="is invalid; only a computed run"):
        review(run)


def test_only_an_analyst_reviews(run):
    with pytest.raises(NotAuthorised):
        review(run, by="quinn")


def test_rejected_its_results_are_withdrawn_and_the_file_may_come_again(run):
    sample = run.mapped_samples.first().sample
    services.reject_run(
        run=run,
        digest=on_page(run),
        credential=credential("ines"),
        reason="SPL1 and SPL2 were swapped.",
        by=person("ines"),
    )
    run.refresh_from_db()
    assert (run.state, run.review.meaning) == ("rejected", "rejected")
    assert run.results.get().state == "superseded"
    second = bench.compute(bench.import_plate(sample, content=bytes(run.file.content)))
    assert (second.file, second.state) == (run.file, "computed")
    assert second.results.get().value > Decimal(0)


def test_the_analyst_does_not_reject_their_own_run(run):
    with pytest.raises(NotAuthorised, match="another analyst"):
        services.reject_run(
            run=run,
            digest=on_page(run),
            credential=credential("ana"),
            reason="Swapped vials",
            by=person("ana"),
        )


def test_a_reviewed_run_is_not_rejected(run):
    review(run)
    with pytest.raises(UnableToReview, match="is reviewed and cannot be rejected"):
        services.reject_run(
            run=run,
            digest=on_page(run),
            credential=credential("ines"),
            reason="Swapped vials",
            by=person("ines"),
        )
