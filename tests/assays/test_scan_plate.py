"""A swapped plate is a swapped patient: the plate scanned is that of the file, or nothing is imported. A11-02."""

import re
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from assays import catalogue, selectors
from assays.models import InstrumentFile, Run
from assays.readers import read
from assays.readers.records import code_of
from assays.report import report_content
from assays.rules.plates import why_another_plate
from assays.services.imports import UnableToImport
from assays.shown import shown_of_run
from tests.assays import bench
from tests.assays.test_pages import mapping, post, upload, words_of
from tests.cast import sign_in
from tests.readers.shared import OWN, TIMEZONE
from tilmfg.records.models import Event


@pytest.mark.parametrize("name", ["", "Plate 1", "plate01", "PLATE_12", "NA", "<None>"])
def test_a_name_that_any_plate_may_have_is_none(name):
    assert code_of(name) == ""


@pytest.mark.parametrize("name", ["PL-0042", "2BO40AW287", "Plate 1 of lot 7", "0042"])
def test_a_name_of_its_own_is_what_is_scanned(name):
    assert code_of(f" {name} ") == name


@pytest.mark.parametrize(
    ("scanned", "words"),
    [
        ("PL-0042", ""),
        (" pl-0042 ", ""),
        ("PL-0041", "The file is of plate PL-0042; the plate that was scanned is PL-0041."),
        ("", "Scan the label of the plate; the file is of plate PL-0042."),
    ],
)
def test_both_plates_are_named_when_they_differ(scanned, words):
    plate = read("bmg.csv", (OWN / "bmg_mars.csv").read_bytes(), timezone=TIMEZONE)
    assert why_another_plate(plate, scanned).startswith(words)
    assert bool(why_another_plate(plate, scanned)) == bool(words)
    assert why_another_plate(replace(plate, plate_code=""), scanned) == ""


pytestmark = pytest.mark.django_db


def scanned_by(who):
    """The labels of other plates, as they are on record."""
    noted = Event.objects.filter(name="assays.plate.mismatched", actor__username=who).order_by("pk")
    return [event.details["scanned"] for event in noted]


@pytest.fixture
def sample():
    return bench.received_sample()


def test_another_plate_is_refused_and_the_right_one_is_on_record(sample):
    content = bench.plate(sample, plate_name="PL-0042")
    for scanned in ("", "PL-0041"):
        with pytest.raises(UnableToImport, match="he file is of plate PL-0042") as refusal:
            bench.import_plate(sample, content=content, plate_scanned=scanned)
        assert refusal.value.field == "plate_label"
    assert not Run.objects.exists()
    run = bench.compute(bench.import_plate(sample, content=content, plate_scanned="pl-0042"))
    assert (run.plate_read, run.plate_scanned) == ("PL-0042", "pl-0042")
    assert shown_of_run(run)["plate"] == ["pl-0042", "PL-0042", ""]
    report = report_content(selectors.run_with_everything(run.pk), generated_at=run.recorded_at)
    assert ("Plate", "pl-0042, as the file names it") in report.sections[0].facts


def test_what_a_file_does_not_say_is_the_analysts_statement(client, sample):
    run = bench.import_plate(sample, plate_scanned="PL-7")
    assert (run.plate_read, run.plate_scanned) == ("", "PL-7")
    sign_in(client, "ana")
    assert "PL-7 stated by the analyst; the file names none" in words_of(client.get(run.get_absolute_url()))
    assert f"Run {run.pk}" in words_of(client.get(reverse("runs"), {"search": "pl-7"}))
    assert "No run fits" in words_of(client.get(reverse("runs"), {"search": "pl-"}))


def test_the_page_asks_for_the_label_and_says_beside_it_that_it_is_another(client, sample):
    bench.method_of(catalogue.IFNG_ELISA)
    sign_in(client, "ana")
    preview = client.get(upload(client, bench.plate(sample, plate_name="PL-0042")).url)
    form = preview.context["form"]
    assert "Scan the label of the plate; the file is of plate PL-0042." in words_of(preview)
    typed = mapping(form, plate_label="PL-0041")
    checked = client.post(reverse("import_check", args=[preview.context["file"].pk]), typed)
    assert "Another plate was scanned" in words_of(checked)
    assert "the plate that was scanned is PL-0041" in words_of(checked)
    address = preview.request["PATH_INFO"]
    again = post(client, address, **typed)
    assert "the plate that was scanned is PL-0041" in again.context["form"].errors["plate_label"][0]
    assert scanned_by("ana") == ["PL-0041"]  # it was looked at twice
    post(client, address, **mapping(form, plate_label="PL-0042"))
    assert Run.objects.get().plate_scanned == "PL-0042"
    assert scanned_by("ana") == ["PL-0041"]


def test_each_other_plate_stays_on_record_though_nothing_is_imported(client, sample):
    """A11-02"""
    bench.method_of(catalogue.IFNG_ELISA)
    for who, labels in {"ana": ["PL-0041", "PL-0040"], "ines": ["PL-0041"]}.items():
        sign_in(client, who)
        preview = client.get(upload(client, bench.plate(sample, plate_name="PL-0042")).url)
        for label in labels:
            typed = mapping(preview.context["form"], plate_label=label)
            assert post(client, preview.request["PATH_INFO"], **typed).status_code == 422
        assert scanned_by(who) == labels
    event = Event.objects.filter(name="assays.plate.mismatched").first()
    file = InstrumentFile.objects.get()
    assert (event.chain, event.subject_id, event.details) == (
        "facility:laboratory",
        file.pk,
        {"sha256": file.sha256, "expected": "PL-0042", "scanned": "PL-0041"},
    )
    assert not Run.objects.exists()


def test_the_database_keeps_no_run_of_another_plate(sample):
    run = bench.import_plate(
        sample, content=bench.plate(sample, plate_name="PL-0042"), plate_scanned="PL-0042"
    )
    columns = ", ".join(
        field.column
        for field in Run._meta.concrete_fields
        if field.name not in ("id", "plate_scanned", "file")
    )
    other = bench.store(bench.plate(sample, seed=2), kind="plate_reader")
    with (
        pytest.raises(IntegrityError, match="the_plate_scanned_is_that_of_the_file"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO assays_run (plate_scanned, file_id, {columns}) "
            f"SELECT 'PL-0041', %s, {columns} FROM assays_run WHERE id = %s",
            [other.pk, run.pk],
        )


def test_an_edited_copy_of_an_imported_plate_is_told_and_waits_for_a_reason(sample):
    content = bench.plate(sample, plate_name="PL-0042")
    first = bench.compute(bench.import_plate(sample, content=content, plate_scanned="PL-0042"))
    chosen = {
        key: replace(choice, again="Exported once more.") for key, choice in bench.choices_for(sample).items()
    }
    edited = {"content": bench.with_reading(content, "C3", "0.500"), "plate_scanned": "PL-0042"}
    told = f"is run {first.pk} (“export.txt”) already, from a file with other bytes"
    with pytest.raises(UnableToImport, match=re.escape(told)):
        bench.import_plate(sample, choices=chosen, **edited)
    second = bench.import_plate(sample, choices=chosen, acceptance="The reader wrote it twice.", **edited)
    assert len(second.findings) == 1
    assert told in second.findings[0]
