"""Form results: allowed texts, units and stages; one analyst enters, nothing is edited."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from assays import catalogue, services
from assays.models import Result
from assays.services.recording import UnableToRecord
from tests import factories
from tests.assays import bench
from tests.cast import person, qualify
from tilmfg.accounts.training import known_codes
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample():
    for entry in (catalogue.STERILITY, catalogue.ENDOTOXIN, bench.IDENTITY_BY_FORM):
        bench.method_of(entry)
    return bench.received_sample()


def record(sample, attribute="sterility", **given):
    result = {"text": "No growth"} if attribute == "sterility" else {}
    arguments = {"performed_at": timezone.now(), "by": person("ana")} | result | given
    return services.record_result(sample=sample, attribute=attribute, **arguments)


def refused(sample, *, words, field, **given):
    with pytest.raises(UnableToRecord, match=words) as refusal:
        record(sample, **given)
    assert refusal.value.field == field
    assert not Result.objects.exists()


def test_it_records_a_text_on_the_order(sample):
    result = record(sample)
    assert (result.text, result.value, result.state) == ("No growth", None, "recorded")
    assert (result.order, result.stage, result.method.code) == (sample.order, "pre_freeze", "sterility")
    assert Event.objects.get(name="assays.result.recorded").chain == sample.order.chain


def test_it_rounds_a_number_once_half_up_and_keeps_what_was_typed(sample):
    result = record(sample, "endotoxin", value=Decimal("0.125"), qualifier="<")
    assert (result.raw_value, result.value, result.in_words) == (
        Decimal("0.125"),
        Decimal("0.13"),
        "<0.13 EU/mL",
    )


def test_it_refuses_a_text_that_is_not_allowed(sample):
    words = "“Sterile” is no result; allowed: No growth; Growth"
    refused(sample, text="Sterile", words=words, field="text")


def test_it_refuses_a_number_where_a_text_belongs(sample):
    refused(sample, value=Decimal(1), words="has no number", field="value")


def test_it_refuses_a_text_where_a_number_belongs(sample):
    refused(sample, attribute="endotoxin", text="low", words="is a number", field="text")


def test_it_refuses_a_missing_number(sample):
    refused(sample, attribute="endotoxin", words="Enter the value in EU/mL", field="value")


@pytest.mark.parametrize(("value", "words"), [("-0.1", "smallest possible"), ("100.1", "largest possible")])
def test_it_refuses_an_impossible_number(sample, value, words):
    refused(sample, attribute="identity_cd45_cd3", value=Decimal(value), words=words, field="value")


def test_it_refuses_a_qualifier_the_method_does_not_know(sample):
    given = {"value": Decimal("0.1"), "qualifier": ">"}
    refused(sample, attribute="endotoxin", words="allowed are = and <", field="qualifier", **given)


def test_it_refuses_an_attribute_without_an_approved_method(sample):
    services.draft_method(**catalogue.GRAM_STAIN, by=person("ana"))
    words = "No approved method enters Gram stain"
    refused(sample, attribute="gram_stain", text="Organisms seen", words=words, field=None)


def test_it_refuses_a_stage_the_method_is_not_for(sample):
    late = bench.received_sample(stage="post_thaw")
    words = "is a sample “post-thaw”; Sterility is tested in process or pre-freeze"
    refused(late, words=words, field=None)


def test_it_refuses_a_sample_that_never_arrived(sample):
    refused(factories.make_sample(), words="not been received", field=None)


def test_it_refuses_a_sample_of_a_stopped_order(sample):
    with factories.writing():
        sample.order.state = "stopped"
        sample.order.save(update_fields=["state"])
    refused(sample, words="stopped for an identity mismatch", field=None)


def test_it_refuses_a_time_to_come(sample):
    later = timezone.now() + timedelta(minutes=1)
    refused(sample, performed_at=later, words="still to come", field="performed_at")


def test_it_refuses_a_time_before_the_sample_was_drawn(sample):
    early = sample.drawn_at - timedelta(minutes=1)
    refused(sample, performed_at=early, words="was drawn later", field="performed_at")


def test_a_late_entry_needs_its_reason(sample):
    """ALC-3."""
    earlier = timezone.now() - timedelta(minutes=16)
    refused(sample, performed_at=earlier, words="more than 15 minutes ago", field="late_entry_reason")
    result = record(sample, performed_at=earlier, late_entry_reason="The network was down.")
    assert result.late_entry_reason == "The network was down."


def test_a_second_result_needs_a_reason_and_the_first_stays(sample):
    first = record(sample)
    with pytest.raises(UnableToRecord, match="already has a result at this stage") as refusal:
        record(sample, text="Growth")
    assert refusal.value.field == "reason"
    second = record(sample, text="Growth", reason="Day 14 reading after the interim one.")
    first.refresh_from_db()
    assert (first.state, first.text) == ("superseded", "No growth")
    assert (second.supersedes, second.reason) == (first, "Day 14 reading after the interim one.")


def test_the_database_holds_one_standing_result_of_an_attribute(sample):
    first = record(sample)
    with (
        pytest.raises(IntegrityError, match="one_standing_result_of_an_attribute"),
        transaction.atomic(),
        factories.writing(),
    ):
        Result.objects.create(
            order=first.order,
            sample=sample,
            method=first.method,
            attribute="sterility",
            stage="pre_freeze",
            text="Growth",
            performed_at=timezone.now(),
            recorded_by=person("ana"),
        )


def just_drawn(days):
    bench.method_of(catalogue.STERILITY_INTERIM)
    sample = bench.received_sample()
    with factories.writing():
        sample.drawn_at = timezone.now() - timedelta(days=days)
        sample.save(update_fields=["drawn_at"])
    return sample


def test_no_growth_is_told_on_the_last_day_of_the_culture_and_not_before(sample):
    young = just_drawn(days=13)
    refused(young, words="“No growth” needs 14 days from the sampling", field="performed_at")
    assert record(just_drawn(days=14)).text == "No growth"


def test_growth_is_told_when_it_is_seen(sample):
    assert record(just_drawn(days=2), text="Growth").text == "Growth"


def test_an_interim_read_is_a_result_of_its_own_beside_the_final_one(sample):
    early = just_drawn(days=6)
    refused(
        early,
        attribute="sterility_interim",
        text="No growth to date",
        words="“No growth to date” needs 7 days",
        field="performed_at",
    )
    culture = just_drawn(days=14)
    interim = record(
        culture,
        "sterility_interim",
        text="No growth to date",
        performed_at=timezone.now() - timedelta(days=7),
        late_entry_reason="Read on paper.",
    )
    final = record(culture)
    interim.refresh_from_db()
    assert (interim.state, final.supersedes, final.state) == ("recorded", None, "recorded")


def test_whoever_measures_needs_what_the_method_names_besides_its_training(sample):
    entry = catalogue.GRAM_STAIN
    content = entry["content"] | {"analyst_qualification": "microscopy"}
    method = bench.approved(entry | {"content": content})
    assert set(method.qualifications) <= set(known_codes())
    with pytest.raises(NotAuthorised, match="microscopy"):
        record(sample, "gram_stain", text="No organisms seen")
    qualify("ana", "microscopy")
    assert record(sample, "gram_stain", text="No organisms seen").text == "No organisms seen"


def test_only_an_analyst_records(sample):
    with pytest.raises(NotAuthorised):
        record(sample, by=person("quinn"))
