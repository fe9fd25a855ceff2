"""A result that the method asks several independent assays for comes with the last of them, and each counts once."""

import numpy as np
import pytest
from django.db import DatabaseError, transaction

from assays import catalogue, services
from assays.recalculation import recalculate
from assays.selectors import earlier_assays
from assays.services.imports import UnableToImport
from assays.services.reviews import UnableToReview
from tests.assays import bench
from tests.assays.calculations.sheets import ROWS, gen5_luminescence
from tests.assays.calculations.test_relative_potency import DOSES, response
from tests.assays.test_review_run import on_page, review
from tests.cast import credential, person

pytestmark = pytest.mark.django_db

# A plate of one sample, not of three as the template lays it out.
CONTENT = {part: said for part, said in catalogue.RELATIVE_POTENCY["content"].items() if part != "layout"}
OF_TWO = catalogue.RELATIVE_POTENCY | {
    "content": CONTENT | {"settings": CONTENT["settings"] | {"assays": 2, "sample_dose": "100"}}
}


def plate(potency: float, *, seed: int) -> bytes:
    spread = np.random.default_rng(seed)
    cells = {}
    for number, (row, dose) in enumerate(zip(ROWS, DOSES, strict=True), start=1):
        for column in (1, 2, 3):
            count = round(1000 * response(dose) + 3000 * float(spread.standard_normal()))
            cells[f"{row}{column}"] = (f"STD{number}", str(dose), count)
        for column in (4, 5, 6):
            count = round(1000 * response(dose, c=12.0 / potency) + 3000 * float(spread.standard_normal()))
            cells[f"{row}{column}"] = (f"SPL1:{number}", str(100 / dose), count)
    return gen5_luminescence(cells, read_at=bench.an_hour_ago())


def assayed(sample, potency, *, seed, again=""):
    return bench.compute(imported(sample, potency, seed=seed, again=again))


def imported(sample, potency, *, seed, again=""):
    method = bench.method_of(OF_TWO)
    reader = bench.instrument("plate_reader").code
    file = services.store_file(
        filename=f"rp{seed}.txt",
        content=plate(potency, seed=seed),
        instrument_code=reader,
        by=person("ana"),
    )
    return services.import_run(
        file=file,
        method=method,
        instrument_code=reader,
        choices={"1": bench.Choice(sample_name=str(sample), again=again)},
        reads=bench.Reads(signal="Lum"),
        lots=bench.lots_of(method),
        by=person("ana"),
    )


def reject(run):
    services.reject_run(
        run=run,
        digest=on_page(run),
        credential=credential("ines"),
        reason="Measured by mistake.",
        by=person("ines"),
    )


def test_two_reviewed_assays_make_one_result_and_are_not_used_again():
    sample = bench.received_sample()
    first = assayed(sample, 0.80, seed=1)
    assert (first.state, first.results.count()) == ("computed", 0), first.outcome["criteria"]
    assert first.outcome["warnings"] == [f"{sample}: assay 1 of 2; the result comes with the last of them."]

    beside = assayed(sample, 0.90, seed=2)  # the first one is not reviewed yet
    assert (earlier_assays(beside), beside.results.count()) == ({}, 0)
    review(first)
    second = assayed(sample, 0.88, seed=3)
    [result] = second.results.all()
    own = second.outcome["assays"][str(sample)]
    assert (own["combined"], own["closes"]) == (True, [first.pk])
    assert float(result.raw_value) == pytest.approx(100 * (0.80 * 0.88) ** 0.5, rel=0.03)
    assert f"2 assays, with run {first.pk}; homogeneity" in result.notes
    assert recalculate(second.current).is_identical

    review(second)
    third = assayed(sample, 0.85, seed=4, again="Another pair of assays was ordered.")
    assert earlier_assays(third) == {}
    assert third.results.count() == 0
    assert recalculate(second.current).is_identical


def test_beside_a_result_that_waits_for_its_review_no_other_is_made_of_the_same_assays():
    sample = bench.received_sample()
    review(assayed(sample, 0.80, seed=1))
    second = assayed(sample, 0.88, seed=2)
    with pytest.raises(UnableToImport, match=f"run {second.pk} made a result of several assays"):
        imported(sample, 0.85, seed=3, again="Another pair of assays was ordered.")
    review(second)
    third = assayed(sample, 0.85, seed=4, again="Another pair of assays was ordered.")
    assert earlier_assays(third) == {}


def twice_the_first(monkeypatch):
    """Three runs, of which the last two both combine the first: as if no verb had looked for runs at work."""
    monkeypatch.setattr("assays.selectors.importing.combining_runs", lambda orders, method: {})
    sample = bench.received_sample()
    first = review(assayed(sample, 0.80, seed=1))
    second = assayed(sample, 0.88, seed=2)
    third = imported(sample, 0.85, seed=3, again="It was measured on two plates.")
    with monkeypatch.context() as careless:
        careless.setattr("assays.services.reviews.runs_at_work", lambda orders, attributes: {})
        review(second)  # final before the third is computed
    return first, second, bench.compute(third)


def test_an_assay_is_part_of_one_final_result_whichever_run_is_reviewed_first(monkeypatch):
    first, second, third = twice_the_first(monkeypatch)
    assert third.results.get().state == "recorded"
    words = (
        f"The assay of run {first.pk} is part of the final result of run {second.pk}. Reject run {third.pk}"
    )
    with pytest.raises(UnableToReview, match=words):
        review(third)
    monkeypatch.setattr("assays.services.reviews.taken_from", lambda run: None)
    with pytest.raises(DatabaseError, match="an_assay_is_part_of_one_final_result"), transaction.atomic():
        review(third)
    assert second.results.get().review_id


def test_a_combined_result_that_never_was_final_closes_nothing(monkeypatch):
    """The second is superseded by the third before its review: its assay and the first are free for another."""
    monkeypatch.setattr("assays.selectors.importing.combining_runs", lambda orders, method: {})
    sample = bench.received_sample()
    first = review(assayed(sample, 0.80, seed=1))
    second = assayed(sample, 0.88, seed=2)
    third = assayed(sample, 0.85, seed=3, again="It was measured on two plates.")
    assert second.results.get().state == "superseded"
    review(second)
    reject(third)
    fourth = imported(sample, 0.86, seed=4)
    assert [one.run for one in earlier_assays(fourth)[str(sample)]] == [first.pk, second.pk]
