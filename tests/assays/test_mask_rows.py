"""A row of a run that was made of a table or of counts is masked as a well is: with a reason, and both answers stay.

ALC-6.
"""

import pytest
from django.urls import reverse

from assays import catalogue, selectors, services
from assays.answers import answers_side_by_side
from assays.recalculation import recalculate
from assays.report import report_content
from assays.services.masking import UnableToMask
from tests import factories
from tests.assays import bench
from tests.assays.calculations.sheets import table
from tests.assays.calculations.test_pcr import INTERNAL, TARGET, twice
from tests.assays.test_review_run import review
from tests.cast import person, sign_in
from tests.documents.samples import pdf_text, squeezed
from tests.identity.pages import keyed
from tests.raw_sql import refused
from tests.raw_sql import run as sql
from tilmfg.documents import record
from tilmfg.records.models import AuditEvent

pytestmark = pytest.mark.django_db

CARRIED_OVER = "The tip touched the positive control."


@pytest.fixture
def run():
    """Mycoplasma by PCR: row 1 amplified, rows 2 and 3 did not."""
    return pcr_of("36.2", ">40", ">40")


def pcr_of(*cqs):
    sample, method = bench.received_sample(), bench.method_of(catalogue.MYCOPLASMA_PCR)
    rows = [(str(sample), TARGET, cq, "cycles") for cq in cqs]
    rows += twice(str(sample), INTERNAL, "28.4") + twice("Positive control", TARGET, "31")
    rows += twice("No template", TARGET, ">40") + twice("No template", INTERNAL, "28")
    rows += [("No template", "Cq of nothing asked for", "30", "cycles")]
    cycler = bench.instrument("pcr_cycler").code
    content = table(*rows, read_at=bench.an_hour_ago())
    file = services.store_file(filename="pcr.csv", content=content, instrument_code=cycler, by=person("ana"))
    return bench.compute(
        services.import_run(
            file=file,
            method=method,
            instrument_code=cycler,
            choices={"1": bench.Choice(sample_name=str(sample))},
            lots=bench.lots_of(method),
            by=person("ana"),
        )
    )


def test_the_run_is_computed_again_without_the_row_and_comes_out_so_again(run):
    bench.mask(run, "1", reason=CARRIED_OVER)
    first, second = run.computations.all()
    assert [result.in_words for result in run.results.order_by("pk")] == ["Detected", "Not detected"]
    assert run.results.get(state="recorded").reason == CARRIED_OVER
    assert first.inputs_digest != second.inputs_digest
    assert [recalculate(one).is_identical for one in (first, second)] == [True, True]
    told = AuditEvent.objects.filter(relation="assays_masking").get()
    assert (told.actor, told.reason) == ("ana", CARRIED_OVER)
    bench.unmask(run, "1")
    third = run.current
    assert (third.outcome, third.inputs_digest) == (first.outcome, first.inputs_digest)


def test_a_row_far_from_its_replicates_is_hinted_at_until_it_is_masked(client):
    run = pcr_of("31.20", "31.30", "31.25", "36.90")
    sign_in(client, "ines")
    far = "lies 1.50 SD from the mean of its 4 replicates"
    for address in (run.get_absolute_url(), reverse("run_review", args=[run.pk])):
        page = client.get(address).content.decode()
        assert f'{run.get_absolute_url()}?row=4#row">Row 4, ' in page
        assert far in page
    report = report_content(selectors.run_with_everything(run.pk), generated_at=factories.NOW)
    assert squeezed(far) in pdf_text(record(report))
    bench.mask(run, "4")
    assert far not in client.get(run.get_absolute_url()).content.decode()


def test_page_report_and_signature_say_what_was_left_out(run, client):
    """ALC-4"""
    sign_in(client, "ana")
    url = reverse("run", args=[run.pk])
    assert "Mask and compute again" in client.get(url, {"row": "1"}).content.decode()
    typed = keyed(change="mask", positions="1", reason=CARRIED_OVER)
    assert client.post(reverse("run_mask", args=[run.pk]), typed).url == url
    bench.compute(run)
    page = client.get(url, {"row": "1"}).content.decode()
    sample = run.mapped_samples.get(row=0).sample
    held = f"row 1, {sample}, Cq mycoplasma 36.2 cycles"
    assert f"without <strong>{held}</strong>, masked by Ana Lindqvist: {CARRIED_OVER}" in page
    assert "Put back and compute again" in page
    sign_in(client, "ines")
    page = client.get(reverse("run_review", args=[run.pk])).content.decode()
    assert f"the 1 result of run {run.pk} becomes final" in page  # the other one gave way
    found = selectors.run_with_everything(run.pk)
    text = pdf_text(record(report_content(found, generated_at=factories.NOW)))
    for words in ("Values as read", f"MASKED by Ana Lindqvist: {CARRIED_OVER}", f"{sample} line 2"):
        assert squeezed(words) in text, words
    assert held in review(run).review.content


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        ({"99"}, "has no row 99"),
        ({"C3"}, "has no well C3"),
        ({"12"}, "Row 12 is not part of the computation"),
    ],
)
def test_it_refuses_what_is_not_computed_with(run, positions, words):
    with pytest.raises(UnableToMask, match=words):
        services.mask_wells(run=run, positions=positions, reason=CARRIED_OVER, by=person("ana"))


def test_a_count_that_is_masked_leaves_its_results_missing_and_keeps_its_time():
    samples = [bench.received_sample() for _ in range(2)]
    for sample in samples:
        factories.make_bags(sample.order)
    run = bench.mask(bench.import_counts(*samples, content=bench.counts(*samples)), "2", reason=CARRIED_OVER)
    standing = run.results.filter(state="recorded").order_by("pk")
    assert [(result.sample, result.missing) for result in standing] == [
        (samples[0], ""),
        (samples[0], ""),
        (samples[1], f"masked: {CARRIED_OVER}"),
        (samples[1], f"masked: {CARRIED_OVER}"),
    ]
    assert {result.performed_at for result in run.results.all()} == {bench.an_hour_ago()}
    assert all(recalculate(one).is_identical for one in run.computations.all())
    masked = [row for row in answers_side_by_side(run) if row.sample == samples[1].name]
    assert [[answer.in_words for answer in row.answers] for row in masked] == [
        ["91.2 %", f"missing: masked: {CARRIED_OVER}"],
        ["11\u202f440\u202f000\u202f000 cells", f"missing: masked: {CARRIED_OVER}"],
    ]


MASK = (
    "INSERT INTO assays_masking (run_id, well_id, row, held, computation, masked, reason, by_id) "
    "SELECT %s, %s, %s, %s, 2, true, 'A bubble.', id FROM accounts_user WHERE username = 'ana'"
)


def test_the_database_wants_a_well_or_a_row_and_a_row_only_where_there_are_no_wells(run):
    plate = bench.compute(bench.import_plate(bench.received_sample()))
    with refused("a well of another run"):
        sql(MASK, plate.pk, None, 1, "T-1")
    for well, row, held in ((None, 1, ""), (None, 0, "T-1"), (None, None, "")):
        with refused("a_well_is_masked_or_a_row_with_what_it_held|a well of another run"):
            sql(MASK, run.pk, well, row, held)
    with refused("a well of another run"):
        sql(MASK, run.pk, plate.wells.first().pk, None, "")
    sql(MASK, run.pk, None, 1, "T-1")
    with refused("the well is so already"):
        sql(MASK, run.pk, None, 1, "T-1")
