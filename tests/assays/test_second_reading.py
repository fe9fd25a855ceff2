"""A Gram stain is read by two analysts, the second without having seen the first; only where they agree is it final."""

import pytest
from django.urls import reverse
from django.utils import timezone

from assays import catalogue, services
from assays.models import SecondReading
from assays.rules.methods import UnableToReadMethod
from assays.rules.reported import read_reported
from assays.services.reviews import UnableToReview
from assays.services.second_readings import UnableToReadAgain
from tests import factories
from tests.assays import bench
from tests.assays.test_mask_wells import untrained
from tests.assays.test_pages import words_of
from tests.assays.test_review_result import review
from tests.cast import person, sign_in
from tests.identity.pages import keyed
from tests.raw_sql import refused
from tests.raw_sql import run as sql
from tilmfg.quality.models import Deviation
from tilmfg.quality.workers import workers_of
from tilmfg.records.errors import NotAuthorised

READ = "INSERT INTO assays_secondreading (order_id, result_id, text, read_by_id) VALUES (%s, %s, %s, %s)"
CLEAN, SEEN = catalogue.GRAM_STAIN["content"]["results"][0]["texts"]


@pytest.fixture
def result(db):
    bench.method_of(catalogue.GRAM_STAIN)
    return services.record_result(
        sample=bench.received_sample(),
        attribute="gram_stain",
        text=CLEAN,
        performed_at=timezone.now(),
        by=person("ana"),
    )


def read_again(result, text=CLEAN, by="ines"):
    return services.read_again(result=result, text=text, by=person(by))


def test_it_is_final_once_both_have_read_the_same(result):
    with pytest.raises(UnableToReview, match="A second analyst reads it first"):
        review(result)
    read_again(result)
    review(result)
    result.refresh_from_db()
    assert result.state == "final"
    assert '"second_reading":["No organisms seen","ines"]' in result.review.content
    assert not Deviation.objects.exists()


def test_who_reads_again_worked_on_the_lot(result):
    read_again(result)
    assert person("ines").pk in workers_of(result.order_id)


def test_two_readings_that_differ_are_a_deviation_and_no_result(result):
    read_again(result, SEEN)
    assert "“No organisms seen” was read by Ana" in Deviation.objects.get(chain=result.chain).description
    with pytest.raises(UnableToReview, match="The two readings differ"):
        review(result)


def test_nobody_reads_twice_nor_a_third_time(result):
    with pytest.raises(NotAuthorised, match="You read it first"):
        read_again(result, by="ana")
    read_again(result)
    with pytest.raises(UnableToReadAgain, match="no second reading"):
        read_again(result)


def test_it_is_read_by_the_words_of_the_method_and_by_who_is_qualified_while_it_waits(result):
    with pytest.raises(UnableToReadAgain, match="“Clean” is no result; allowed: ") as refusal:
        read_again(result, "Clean")
    assert refusal.value.field == "text"
    untrained(person("ines"), result.method.qualification)
    with pytest.raises(NotAuthorised, match="Inês Carvalho is not qualified"):
        read_again(result)


def test_a_result_that_another_superseded_is_not_read_again(result):
    services.record_result(
        sample=result.sample,
        attribute="gram_stain",
        text=CLEAN,
        performed_at=timezone.now(),
        reason="The first slide was scratched.",
        by=person("ana"),
    )
    with pytest.raises(UnableToReadAgain, match="is superseded already"):
        read_again(result)


def test_the_database_holds_it(result):
    with refused("second_readings_are_made_by_another"):
        sql(READ, result.order_id, result.pk, CLEAN, result.recorded_by_id)
    with refused("second_readings_are_made_by_qualified_people"):
        sql(READ, result.order_id, result.pk, CLEAN, person("olga").pk)
    with refused("rows_of_one_order_stay_together"):
        sql(READ, bench.received_sample().order_id, result.pk, CLEAN, person("ines").pk)
    read_again(result, SEEN)
    with refused("append-only"):
        sql("UPDATE assays_secondreading SET text = %s", CLEAN)
    with factories.writing():
        signature = factories.sign_for(result, "assays.result", "ines", meaning="reviewed_result")
    with refused("results_read_twice_agree"):
        sql(
            "UPDATE assays_result SET state = 'final', review_id = %s, reviewed_by_id = %s WHERE id = %s",
            *(signature.pk, signature.signer_id, result.pk),
        )


def test_the_second_reader_does_not_see_the_first_reading(result, client):
    sign_in(client, "ines")
    assert CLEAN not in words_of(client.get(result.get_absolute_url()))
    sent = client.get(reverse("result_review", args=[result.pk]))
    assert sent.url == reverse("result_read_again", args=[result.pk])
    assert f'value="{CLEAN}" checked' not in client.get(sent.url).content.decode()
    answer = client.post(sent.url, keyed(text=CLEAN))
    assert answer.url == reverse("result_review", args=[result.pk])
    assert SecondReading.objects.get().read_by == person("ines")
    assert words_of(client.get(answer.url)).count(CLEAN) >= 2


def test_only_texts_are_read_twice():
    with pytest.raises(UnableToReadMethod, match="true of texts alone"):
        read_reported(
            {"attribute": "viability", "unit": "%", "stages": ["pre_freeze"], "second_reading": True}
        )
