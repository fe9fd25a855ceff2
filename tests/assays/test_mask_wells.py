"""A person leaves a well out with a reason; the run is computed again, and both answers stay in sight."""

import pytest
from django.urls import reverse

from assays import catalogue, services
from assays.answers import answers_side_by_side, computations_shown
from assays.models import Run
from assays.outlier_hints import outlier_hints
from assays.services.masking import UnableToMask
from tests.assays import bench
from tests.assays.test_review_run import on_page, review
from tests.cast import person, qualify, sign_in
from tilmfg.accounts.services import revoke_qualification
from tilmfg.records.errors import NotAuthorised, UnableTo
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db

BUBBLE = "A bubble, seen in the well."


@pytest.fixture
def sample():
    return bench.received_sample()


@pytest.fixture
def run(sample):
    return bench.compute(bench.import_plate(sample))


def mask(run, *positions, reason=BUBBLE, by="ana"):
    return services.mask_wells(run=run, positions=set(positions), reason=reason, by=person(by))


def untrained(user, code):
    for held in user.qualifications.filter(code=code):
        revoke_qualification(qualification=held, reason="Training lapsed.", by=person("quinn"))


def test_it_computes_the_run_again_without_the_well(run):
    [first] = run.computations.all()
    bench.mask(run, "C3")
    first_again, second = run.computations.all()
    assert first_again.outcome == first.outcome
    assert run.outcome == second.outcome != first.outcome
    [dilution, _] = second.outcome["samples"][0]["stimulated"]["dilutions"]
    assert dilution["concentration"]["n"] == 1
    assert dilution["wells"][0]["back_calculation"] == {"missing": f"masked: {BUBBLE}"}
    assert second.inputs_digest != first.inputs_digest
    assert run.state == "computed"


def test_while_it_is_computed_again_it_is_neither_reviewed_nor_masked(run):
    run = mask(run, "C3")
    assert run.state == "computing"
    with pytest.raises(UnableTo, match="being computed again"):
        review(run)
    with pytest.raises(UnableToMask, match="being computed again"):
        mask(run, "C4")


def test_the_earlier_result_is_superseded_for_the_reason_of_the_masking(run):
    bench.mask(run, "C3")
    old, new = run.results.order_by("pk")
    assert (old.state, new.state) == ("superseded", "recorded")
    assert (new.supersedes, new.reason, new.is_computed_again) == (old, BUBBLE, True)


def test_put_back_the_first_answer_returns_to_the_last_digit(run):
    bench.mask(run, "C3")
    bench.unmask(run, "C3")
    first, second, third = run.computations.all()
    assert third.outcome == first.outcome != second.outcome
    assert third.inputs_digest == first.inputs_digest
    assert [result.state for result in run.results.order_by("pk")] == ["superseded", "superseded", "recorded"]
    assert run.results.order_by("pk").last().reason == "It was no bubble after all."


def test_every_answer_stands_beside_the_others_with_its_difference(run):
    bench.mask(run, "C3")
    [row] = answers_side_by_side(Run.objects.get(pk=run.pk))
    first, second = row.answers
    values = [result.raw_value for result in run.results.order_by("pk")]
    assert first.in_words != second.in_words
    assert second.difference_percent == pytest.approx(100 * (values[1] - values[0]) / values[0])
    assert [(shown.because, shown.stands) for shown in computations_shown(run)] == [
        ("", False),
        (BUBBLE, True),
    ]


def test_a_run_that_becomes_invalid_withdraws_its_result_and_keeps_the_first_answer(sample):
    run = bench.compute(bench.import_plate(sample))
    blanks = [well.position for well in run.wells.filter(role="blank")]
    bench.mask(run, *blanks)
    assert run.state == "invalid"
    assert [(result.state) for result in run.results.all()] == ["superseded"]
    [row] = answers_side_by_side(run)
    assert row.answers[0].in_words.endswith(" pg/mL")
    assert row.answers[1].in_words.startswith("missing: run invalid")


def test_an_invalid_run_may_become_valid_and_says_both(sample):
    run = bench.compute(
        bench.import_plate(sample, content=bench.with_reading(bench.plate(sample), "C1", "3.000"))
    )
    assert (run.state, run.results.count()) == ("invalid", 0)
    bench.mask(run, "C1")
    assert (run.state, run.results.count()) == ("computed", 1)
    assert [bool(shown.failed) for shown in computations_shown(run)] == [True, False]


def test_it_needs_a_reason_that_says_something(run):
    for reason in ("", "   ", "x"):
        with pytest.raises(UnableTo):
            mask(run, "C3", reason=reason)
    assert not run.maskings.exists()


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        (set(), "Choose at least one well"),
        ({"Q99"}, "has no well Q99"),
        ({"H12"}, "H12 is not part of the computation"),
    ],
)
def test_it_refuses_what_cannot_be_masked(run, positions, words):
    with pytest.raises(UnableToMask, match=words):
        services.mask_wells(run=run, positions=positions, reason=BUBBLE, by=person("ana"))


def test_a_well_is_masked_once(run):
    bench.mask(run, "C3")
    with pytest.raises(UnableToMask, match="C3 is masked already"):
        mask(run, "C3")
    with pytest.raises(UnableToMask, match="C4 is not masked"):
        services.unmask_wells(run=run, positions={"C4"}, reason=BUBBLE, by=person("ana"))


def test_only_a_qualified_analyst_masks(run):
    for username in ("quinn", "olga", "vera"):
        with pytest.raises(NotAuthorised):
            mask(run, "C3", by=username)
    untrained(person("ines"), run.method.qualification)
    with pytest.raises(NotAuthorised, match="Inês Carvalho is not qualified"):
        mask(run, "C3", by="ines")


def test_whoever_masks_needs_what_the_method_names_besides_its_training(sample):
    entry = catalogue.IFNG_ELISA
    bench.approved(entry | {"content": entry["content"] | {"analyst_qualification": "immunoassays"}})
    qualify("ana", "immunoassays")
    run = bench.compute(bench.import_plate(sample))
    with pytest.raises(NotAuthorised, match="immunoassays"):
        mask(run, "C3", by="ines")
    assert mask(run, "C3").state == "computing"


def test_who_masked_does_not_review(run):
    bench.mask(run, "C3", by="ines")
    with pytest.raises(NotAuthorised, match="another analyst reviews it"):
        review(run)


def test_after_the_review_nothing_is_masked(run):
    review(run)
    with pytest.raises(UnableToMask, match="is reviewed; wells are masked before the review only"):
        mask(run, "C3")


def test_a_run_that_was_measured_again_since_is_not_masked(run, sample):
    again = {
        key: choice.__class__(
            sample_name=str(sample), condition=choice.condition, again="Control near its limit."
        )
        for key, choice in bench.choices_for(sample).items()
    }
    bench.compute(bench.import_plate(sample, content=bench.plate(sample, seed=5), choices=again))
    with pytest.raises(UnableToMask, match="was measured again since"):
        mask(run, "C3")


def test_the_signature_names_every_computation_and_what_it_left_out(run):
    first = on_page(run)
    bench.mask(run, "C3")
    assert on_page(run) != first
    signed = review(run).review.content
    assert BUBBLE in signed
    assert '"number":2' in signed


def test_the_trail_tells_who_masked_what_and_why(run):
    bench.mask(run, "C3")
    event = Event.objects.get(name="assays.run.wells_masked")
    assert event.details == {"wells": ["C3"], "because": BUBBLE}
    told = AuditEvent.objects.filter(relation="assays_masking").get()
    assert (told.actor, told.reason) == ("ana", BUBBLE)


class TestPage:
    @pytest.fixture
    def ana(self, client, run):
        sign_in(client, "ana")
        return client

    def post(self, client, run, **given):
        data = {
            "idempotency_key": "0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f",
            "change": "mask",
            "reason": BUBBLE,
        } | given
        return client.post(reverse("run_mask", args=[run.pk]), data)

    def test_a_well_shows_what_is_known_of_it_and_the_form_to_mask_it(self, ana, run):
        page = ana.get(reverse("run", args=[run.pk]), {"well": "c3"}).content.decode()
        assert "Well C3" in page
        assert "Read back from the curve" in page
        assert "Mask and compute again" in page

    def test_masked_on_the_page_the_run_is_computed_again_and_shows_both(self, ana, run):
        assert self.post(ana, run, positions="c3").url == reverse("run", args=[run.pk])
        assert "being computed" in ana.get(reverse("run", args=[run.pk])).content.decode()
        bench.compute(run)
        page = ana.get(reverse("run", args=[run.pk])).content.decode()
        assert "Every answer of this run" in page
        assert "% of computation 1" in page
        assert f"masked by Ana Lindqvist: {BUBBLE}" in page.replace("\n", " ")
        assert "Put back and compute again" in ana.get(f"/laboratory/runs/{run.pk}?well=C3").content.decode()

    def test_refused_it_keeps_what_was_typed(self, ana, run):
        response = self.post(ana, run, positions="H12")
        assert response.status_code == 422
        assert "H12 is not part of the computation" in response.content.decode()
        assert BUBBLE in response.content.decode()

    def test_a_reader_sees_the_well_and_no_form(self, client, run):
        sign_in(client, "vera")
        page = client.get(reverse("run", args=[run.pk]), {"well": "C3"}).content.decode()
        assert "Well C3" in page
        assert "compute again" not in page


def test_a_far_standard_is_hinted_at_and_not_removed(sample):
    run = bench.compute(bench.import_plate(sample))
    assert outlier_hints(run) == []
    spoilt = bench.with_reading(bench.plate(sample, seed=5), "C1", "1.900")
    other = bench.compute(
        bench.import_plate(
            second := bench.received_sample(),
            content=spoilt.replace(str(sample).encode(), str(second).encode()),
        )
    )
    assert [hint.place for hint in outlier_hints(other)] == ["C1"]
    assert not other.maskings.exists()
