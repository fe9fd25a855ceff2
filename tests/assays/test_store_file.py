"""The bytes are stored first, once, and only if they can be what their instrument writes."""

import hashlib

import pytest
from django.db import IntegrityError, transaction

from assays import catalogue, services
from assays.models import InstrumentFile
from assays.readers.table import HEAD
from assays.services.files import UnableToStore
from tests import factories
from tests.assays import bench
from tests.cast import person
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import AuditEvent

pytestmark = pytest.mark.django_db


def refused(content, *, words, field="file", kind="plate_reader", **given):
    with pytest.raises(UnableToStore, match=words) as refusal:
        bench.store(content, kind=kind, **given)
    assert refusal.value.field == field
    assert not InstrumentFile.objects.exists()


def test_it_keeps_the_bytes_with_their_digest():
    """ALC-4"""
    content = bench.plate("S1")
    file = bench.store(content, kind="plate_reader")
    file.refresh_from_db()
    assert (bytes(file.content), file.sha256) == (content, hashlib.sha256(content).hexdigest())
    assert (file.format, file.stored_by.username) == ("Gen5", "ana")


def test_the_audit_trail_keeps_the_digest_and_not_the_bytes():
    file = bench.store(bench.plate("S1"), kind="plate_reader")
    event = AuditEvent.objects.get(relation="assays_instrumentfile")
    assert event.before_and_after[1]["content"] == f"sha256:{file.sha256}"


def test_it_names_what_is_no_export():
    refused(b"definitely not plate data", words="no export of an instrument known here")


def test_it_names_an_empty_file():
    refused(b"", words="is empty")


def test_it_names_a_file_that_is_too_large():
    refused(b"x" * (10 * 1024 * 1024 + 1), words="at most")


def test_it_names_a_plate_that_is_cut_off():
    content = bench.plate("S1")
    refused(content[: len(content) * 3 // 4], words=r"export\.txt")


def test_it_names_a_format_that_no_method_reads():
    """A table of values says nothing of the instrument; without a method nobody knows what it is."""
    code = bench.instrument("plate_reader").code
    content = f"{HEAD}\nS1,Onset,612,s,1,2026-11-03 14:20:00\n".encode()
    with pytest.raises(
        UnableToStore, match="No approved method of this laboratory reads Table of values files"
    ):
        services.store_file(filename="p.csv", content=content, instrument_code=code, by=person("ana"))


def test_a_file_of_an_instrument_is_kept_though_no_method_reads_it():
    code = bench.instrument("plate_reader").code
    file = services.store_file(
        filename="p.txt", content=bench.plate("S1"), instrument_code=code, by=person("ana")
    )
    assert (file.format, file.runs.count()) == ("Gen5", 0)


def test_it_refuses_an_instrument_it_does_not_know():
    """P11-08"""
    bench.method_of(catalogue.IFNG_ELISA)
    with pytest.raises(UnableToStore, match="has the code “XYZ”") as refusal:
        services.store_file(
            filename="p.txt", content=bench.plate("S1"), instrument_code="XYZ", by=person("ana")
        )
    assert refusal.value.field == "instrument"


def test_it_refuses_a_plate_from_a_cell_counter():
    refused(bench.plate("S1"), kind="cell_counter", field="instrument", words="comes from a plate reader")


def test_the_same_bytes_are_stored_once_whatever_their_name():
    """A11-02"""
    content = bench.plate("S1")
    first = bench.store(content, kind="plate_reader")
    again = bench.store(content, kind="plate_reader", filename="another name.txt")
    assert again == first
    assert InstrumentFile.objects.count() == 1


def test_imported_bytes_are_refused_naming_who_when_and_which_run():
    sample = bench.received_sample()
    content = bench.plate(sample)
    run = bench.import_plate(sample, content=content)
    words = rf"imported before: “export.txt”, by Ana Lindqvist on .* UTC, run {run.pk} \(imported\)"
    with pytest.raises(UnableToStore, match=words):
        bench.store(content, kind="plate_reader", filename="renamed.txt")


def test_the_database_refuses_bytes_that_are_not_those_of_the_digest():
    """A11-02"""
    refused = pytest.raises(IntegrityError, match="files_match_their_digest")
    with refused, transaction.atomic(), factories.writing():
        InstrumentFile.objects.create(
            filename="x", format="Gen5", content=b"altered", sha256="0" * 64, stored_by=person("ana")
        )


def test_only_an_analyst_stores():
    with pytest.raises(NotAuthorised):
        services.store_file(filename="x", content=b"x", instrument_code="x", by=person("quinn"))
