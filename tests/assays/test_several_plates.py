"""A file of several plates is stored once, and each of its plates becomes one run. A11-02."""

import pytest
from django.db import IntegrityError, connection, transaction

from assays import catalogue, selectors
from assays.models import InstrumentFile, Run
from assays.services.files import UnableToStore
from assays.services.imports import UnableToImport
from tests.assays import bench
from tests.assays.test_pages import mapping, post, upload, words_of
from tests.cast import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def samples():
    return [bench.received_sample() for _ in range(2)]


@pytest.fixture
def content(samples):
    plates = zip(samples, ("PL-1", "PL-2"), strict=True)
    return b"".join(bench.plate(sample, plate_name=name) for sample, name in plates)


def import_plate(sample, content, name, **given):
    return bench.import_plate(sample, content=content, plate_in_file=name, plate_scanned=name, **given)


def test_each_plate_is_a_run_of_the_one_file(samples, content):
    first = bench.compute(import_plate(samples[0], content, "PL-1"))
    assert [file.pk for file in selectors.files_to_import()] == [first.file_id]
    with pytest.raises(UnableToStore, match=r"imported before: “export\.txt”, plate PL-1"):
        import_plate(samples[0], content, "PL-1")
    second = bench.compute(import_plate(samples[1], content, "PL-2"))
    assert InstrumentFile.objects.get().plates == ["PL-1", "PL-2"]
    assert [run.mapped_samples.first().sample for run in (first, second)] == samples
    assert {result.in_words for run in (first, second) for result in run.results.all()} == {"641 pg/mL"}
    assert not selectors.files_to_import().exists()
    with pytest.raises(UnableToStore, match="imported before"):
        bench.store(content, kind="plate_reader")


def test_a_plate_is_named_and_is_one_of_the_file(samples, content):
    for name in ("", "PL-3"):
        with pytest.raises(UnableToImport, match=f"holds no plate called “{name}”: PL-1, PL-2"):
            import_plate(samples[0], content, name)


def test_the_database_keeps_one_run_of_a_plate(samples, content):
    run = import_plate(samples[0], content, "PL-1")
    columns = ", ".join(field.column for field in Run._meta.concrete_fields if field.name != "id")
    with (
        pytest.raises(IntegrityError, match="a_plate_of_a_file_is_imported_once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO assays_run ({columns}) SELECT {columns} FROM assays_run WHERE id = %s", [run.pk]
        )


def test_the_analyst_chooses_a_plate_and_comes_back_for_the_other(client, samples, content):
    bench.method_of(catalogue.IFNG_ELISA)
    sign_in(client, "ana")
    address = upload(client, content).url
    page = client.get(address)
    assert "Look into PL-1" in words_of(page)
    preview = client.get(f"{address}&plate=PL-1")
    assert "Plate PL-1 , one of 2 in the file" in words_of(preview)
    answer = post(client, f"{address}&plate=PL-1", **mapping(preview.context["form"], plate_label="PL-1"))
    run = Run.objects.get()
    assert answer.url == run.get_absolute_url()
    assert client.get(f"{address}&plate=PL-1").url == run.get_absolute_url()
    page = words_of(client.get(address))
    assert f"Run {run.pk}" in page
    assert "Look into PL-1" not in page
    assert "Look into PL-2" in page
    assert client.get(f"{address}&plate=PL-3").status_code == 200  # the choice again
