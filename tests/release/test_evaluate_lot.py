"""Celery holds the lot against its specification as results become final."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests import factories
from tests.cast import person
from tests.release import stage
from tilmfg.accounts.services import service_account
from tilmfg.records.days import facility_today
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.events import publish
from tilmfg.records.models import Effect, Event
from tilmfg.release import catalogue, services
from tilmfg.release.models import Lot
from tilmfg.release.selectors import dossier_of
from tilmfg.release.selectors.dossier import evaluate
from tilmfg.release.states import DispositionState, LotState

pytestmark = pytest.mark.django_db


def test_a_lot_with_all_results_waits_for_qa():
    lot = stage.make_tested_lot()
    evaluation = stage.evaluate(lot)
    assert evaluation.verdict == "conforms"
    assert {line["outcome"] for line in evaluation.outcomes} == {"pass"}
    assert stage.fresh(lot).state == LotState.QA_REVIEW
    assert Event.objects.get(name="release.lot.tested").actor == service_account()


def test_a_lot_that_fails_waits_for_qa_too():
    lot = stage.make_tested_lot(ifng_net="312")
    assert stage.evaluate(lot).verdict == "does_not_conform"
    assert stage.fresh(lot).state == LotState.QA_REVIEW


def test_a_lot_with_a_missing_result_stays_in_testing():
    lot = stage.make_tested_lot(leave_out=["sterility"])
    assert stage.evaluate(lot).verdict == "incomplete"
    assert stage.fresh(lot).state == LotState.IN_TESTING


def test_a_result_at_another_stage_does_not_answer():
    lot = stage.make_tested_lot(leave_out=["viability"])
    thawed = factories.make_sample(batch=lot.order.batch, stage="post_thaw")
    factories.make_result(thawed, "viability", value="95", unit="%", method=stage._method("cell-count"))
    evaluation = stage.evaluate(lot)
    [viability] = [line for line in evaluation.outcomes if line["code"] == "viability"]
    assert viability["outcome"] == "missing"
    assert "post-thaw" in viability["why"]


def test_a_result_that_waits_for_review_does_not_count():
    lot = stage.make_tested_lot(leave_out=["ifng_net"])
    stage.make_result(lot, "ifng_net", final=False)
    assert stage.evaluate(lot).verdict == "incomplete"


def test_the_raw_value_is_rounded_once_and_not_the_reported_one_a_second_time():
    """69.46 is reported as 69.5, which would round to 70. ALC-5."""
    record = dossier_of(stage.make_reviewable_lot(viability="69.5"))
    [reported] = [result for result in record.results if result.attribute == "viability"]
    measured = replace(reported, raw_value=Decimal("69.46"))
    for result, expected in ((reported, "pass"), (measured, "fail")):
        evaluation = evaluate(record.specification, (result,))
        [viability] = [line for line in evaluation.outcomes if line.code == "viability"]
        assert viability.outcome == expected


def test_the_same_results_are_evaluated_once():
    lot = stage.make_tested_lot()
    first, again = stage.evaluate(lot), stage.evaluate(lot)
    assert first == again
    assert lot.evaluations.count() == 1


def test_a_new_result_is_a_new_evaluation_beside_the_old_one():
    lot = stage.make_tested_lot()
    before = stage.evaluate(lot)
    stage.supersede(stage.result_of(lot, "ifng_net"), "120")
    after = stage.evaluate(lot)
    assert (before.verdict, after.verdict) == ("conforms", "does_not_conform")
    assert list(lot.evaluations.order_by("pk")) == [before, after]


def test_a_lot_that_loses_a_result_goes_back_to_testing_and_its_review_is_void():
    lot = stage.make_reviewable_lot()
    disposition = stage.review(lot)
    with factories.writing():
        type(stage.result_of(lot, "sterility")).objects.filter(attribute="sterility").update(
            state="superseded"
        )
    stage.evaluate(lot)
    disposition.refresh_from_db()
    assert stage.fresh(lot).state == LotState.IN_TESTING
    assert disposition.state == DispositionState.VOID
    assert disposition.void_because == "The record changed after the review."


def test_a_review_of_the_unchanged_record_stands():
    lot = stage.make_reviewable_lot()
    disposition = stage.review(lot)
    stage.evaluate(lot)
    disposition.refresh_from_db()
    assert disposition.state == DispositionState.REVIEWED


def test_a_decided_lot_is_not_evaluated_again():
    lot = stage.make_reviewable_lot()
    stage.decide(lot)
    stage.supersede(stage.result_of(lot, "ifng_net"), "1")
    assert stage.evaluate(lot) is None
    assert lot.evaluations.count() == 1


def test_it_refuses_a_lot_for_which_no_specification_is_effective():
    stage.make_specification("nsclc")
    lot = stage.make_tested_lot()
    with pytest.raises(services.UnableToEvaluate, match="melanoma"):
        stage.evaluate(lot)


def test_a_draft_does_not_count():
    services.draft_specification(
        code="DRAFT",
        name="Draft",
        indication="melanoma",
        effective_from_date=facility_today(),
        content=catalogue.MELANOMA,
        by=person("quinn"),
    )
    stage.make_specification("nsclc")
    with pytest.raises(services.UnableToEvaluate):
        stage.evaluate(stage.make_tested_lot())


def test_a_version_counts_from_its_day_on():
    stage.make_specification(since=facility_today() + timedelta(days=1))
    lot = stage.make_tested_lot()
    with pytest.raises(services.UnableToEvaluate):
        stage.evaluate(lot)


def test_a_lot_keeps_the_version_it_was_first_evaluated_against():
    first = stage.make_specification()
    lot = stage.make_tested_lot(leave_out=["sterility"])
    stage.evaluate(lot)
    stage.make_specification()
    stage.make_result(lot, "sterility")
    assert stage.evaluate(lot).specification == first


def test_people_do_not_evaluate():
    with pytest.raises(NotAuthorised):
        services.evaluate_lot(lot=stage.make_tested_lot(), by=person("rosa"))


# ── What leads to it ─────────────────────────────────────────────────────────────────────────────


def happens(name, order, subject):
    """A room below publishes an event in its own verb."""
    with factories.writing("ana"):
        return publish(name, subject=subject, kind="some.kind", chain=order.chain, by=person("ana"))


def test_an_order_opens_its_lot():
    order = factories.make_order()
    happens("identity.order.placed", order, order)
    assert Lot.objects.get(order=order).state == LotState.EXPANDING


def test_the_harvest_begins_the_testing():
    lot = factories.make_lot()
    event = happens("batches.batch.harvested", lot.order, lot.order)
    assert stage.fresh(lot).state == LotState.IN_TESTING
    assert Effect.objects.filter(key=f"release.evaluate:{lot.pk}:{event.pk}").exists()


@pytest.mark.parametrize(
    "name",
    [
        "assays.result.finalised",
        "assays.result.superseded",
        "quality.deviation.opened",
        "quality.deviation.closed",
        "identity.order.stopped",
    ],
)
def test_what_concerns_the_lot_promises_an_evaluation(name):
    lot = stage.make_tested_lot()
    happens(name, lot.order, lot.order)
    stage.deliver("release.evaluate")
    assert lot.evaluations.count() == 1


def test_what_belongs_to_the_facility_concerns_no_lot():
    lot = factories.make_lot()
    with factories.writing("ana"):
        publish("quality.deviation.opened", subject=lot, kind="x", chain="facility:quality", by=person("ana"))
    assert not Effect.objects.filter(task="release.evaluate").exists()
