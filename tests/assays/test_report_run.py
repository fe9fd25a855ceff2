"""The report of a run is a PDF/A that says what the page says, and that it left the house is on record."""

import io

import pypdf
import pytest
from django.urls import reverse

from assays import selectors, services
from assays.report import report_content
from tests import factories
from tests.assays import bench
from tests.assays.test_review_run import review
from tests.cast import person, sign_in
from tests.documents.samples import pdf_text, squeezed
from tilmfg.documents import record
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db

BUBBLE = "A bubble, seen in the well."


@pytest.fixture
def run():
    run = bench.compute(bench.import_plate(bench.received_sample()))
    return bench.mask(run, "C3")


def text_of(run, by="vera"):
    report = services.issue_run_report(run=selectors.run_with_everything(run.pk), by=person(by))
    return pdf_text(report.content)


def says(text, *sentences):
    missing = [sentence for sentence in sentences if squeezed(sentence) not in text]
    assert missing == []


def test_it_says_everything_that_the_page_says(run):
    review(run)
    run.refresh_from_db()
    first, second = run.computations.all()
    result = run.results.get(state="final")
    says(
        text_of(run),
        f"Report of run {run.pk}",
        run.file.sha256,
        run.method.digest,
        first.inputs_digest,
        second.inputs_digest,
        f"C3 (masked by Ana Lindqvist: {BUBBLE})",
        "% of computation 1",
        result.in_words,
        "Validity of the run",
        "Every criterion passed.",
        "Standard curve with residuals",
        repr(run.outcome["curve"]["c"]),
        "Standards and controls read back",
        "Samples, dilution by dilution",
        "By a second solver",
        "Layout and raw values",
        f"MASKED by Ana Lindqvist: {BUBBLE}",
        "What the instrument called them",
        "Inês Carvalho",
        "Reviewed",
        "Curve and replicates agree.",
        run.review.digest,
    )


def test_every_raw_value_its_place_in_the_file_and_every_interval_can_be_read(run):
    """ALC-4"""
    text = text_of(run)
    for well in run.wells.exclude(role="empty"):
        says(text, f"{well.signal.normalize():f}", f"{well.instrument_name} {well.place}")
    says(text, "Intervals are those of one reading at 95 %")


def test_an_invalid_run_says_so_and_why():
    sample = bench.received_sample()
    spoilt = bench.with_reading(bench.plate(sample), "A3", "3.100")
    run = bench.compute(bench.import_plate(sample, content=spoilt))
    says(text_of(run), "INVALID: Control CTL1. An invalid run gives no result.", "This run gives no result.")


def test_counts_have_a_report_too():
    sample = bench.received_sample()
    factories.make_bags(sample.order)
    says(text_of(bench.import_counts(sample)), "Counts as read", sample.name)


def test_it_is_an_archive_pdf_and_the_same_run_gives_the_same_bytes(run):
    everything = selectors.run_with_everything(run.pk)
    first = record(report_content(everything, generated_at=factories.NOW))
    assert first == record(report_content(everything, generated_at=factories.NOW))
    xmp = pypdf.PdfReader(io.BytesIO(first)).xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp


def test_that_it_left_the_house_is_on_record(run, client):
    sign_in(client, "vera")
    response = client.get(reverse("run_report", args=[run.pk]))
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    event = Event.objects.get(name="assays.run.reported")
    assert (event.actor.username, event.details["name"]) == ("vera", f"run-{run.pk}.pdf")


def test_nobody_from_outside_gets_it(run):
    with pytest.raises(NotAuthorised):
        text_of(run, by="sam")
