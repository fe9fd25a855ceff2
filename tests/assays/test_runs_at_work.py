"""While a run is computed nothing else is recorded, masked or made final in its place: what it finds would have
nowhere to go, and the run would be computed for ever."""

from dataclasses import replace

import pytest
from django.utils import timezone

from assays import catalogue, services
from assays.models import Result
from assays.services.imports import UnableToImport
from assays.services.masking import UnableToMask
from assays.services.recording import UnableToRecord
from assays.services.reviews import UnableToReview
from tests.assays import bench
from tests.assays.test_review_result import review as review_result
from tests.assays.test_review_run import review
from tests.cast import person

pytestmark = pytest.mark.django_db

IFNG_BY_FORM = {
    "code": "ifng-typed",
    "name": "IFN-γ, typed",
    "kind": "form",
    "content": {
        "results": [
            {"attribute": "ifng_net", "unit": "pg/mL", "decimals": 0, "stages": catalogue.OF_THE_PRODUCT}
        ]
    },
}


@pytest.fixture
def sample():
    return bench.received_sample()


def measured_again(sample, *, method=None):
    choices = {
        key: replace(choice, again="The first plate was read late.")
        for key, choice in bench.choices_for(sample).items()
    }
    content = bench.plate(sample, seed=2)
    if method is None:
        return bench.import_plate(sample, content=content, choices=choices)
    return services.import_run(
        file=bench.store(content, kind="plate_reader"),
        method=method,
        instrument_code=bench.instrument("plate_reader").code,
        choices=choices,
        reads=bench.ELISA_READS,
        lots=bench.lots_of(method),
        by=person("ana"),
    )


def test_no_well_of_an_older_run_is_masked(sample):
    older = bench.compute(bench.import_plate(sample))
    newer = measured_again(sample)
    with pytest.raises(UnableToMask, match=f"run {newer.pk} is being computed; wait for it"):
        bench.mask(older, "C3")


def test_no_other_method_of_the_same_attribute_is_imported(sample):
    other = bench.method_of(catalogue.IFNG_ELISA | {"code": "ifng-elisa-b"})
    first = bench.import_plate(sample)
    with pytest.raises(UnableToImport, match=f"is being computed in run {first.pk}; wait for it"):
        measured_again(sample, method=other)


def test_the_same_attribute_is_not_typed(sample):
    bench.method_of(IFNG_BY_FORM)
    run = bench.import_plate(sample)
    with pytest.raises(UnableToRecord, match=f"is being computed in run {run.pk}; wait for it"):
        services.record_result(
            sample=sample, attribute="ifng_net", value=700, performed_at=timezone.now(), by=person("ana")
        )


def test_a_typed_result_is_not_made_final(sample):
    bench.method_of(IFNG_BY_FORM)
    typed = services.record_result(
        sample=sample, attribute="ifng_net", value=700, performed_at=timezone.now(), by=person("ana")
    )
    newer = measured_again(sample)
    with pytest.raises(UnableToReview, match=f"run {newer.pk} is being computed; wait for it"):
        review_result(typed)


def test_the_older_result_is_not_made_final(sample):
    older = bench.compute(bench.import_plate(sample))
    newer = measured_again(sample)
    with pytest.raises(UnableToReview, match=f"run {newer.pk} is being computed; wait for it"):
        review(older)
    bench.compute(newer)
    assert [result.state for result in Result.objects.order_by("pk")] == ["superseded", "recorded"]
