"""The import page as an analyst uses it: what is unclear goes away while they type, then the run computes itself."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from assays import catalogue
from assays.models import Run
from tests.assays import bench
from tests.cast import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def as_analyst(page, live_server):
    client = Client()
    client.force_login(person("ana"))
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])


def test_a_plate_is_dropped_mapped_imported_and_computed(page, live_server, celery_worker, tmp_path: Path):
    bench.method_of(catalogue.IFNG_ELISA)
    sample = bench.received_sample()
    reader = bench.instrument("plate_reader")
    file = tmp_path / "plate.txt"
    file.write_bytes(bench.plate(sample, "somebody else's", plate_name="PL-0042"))
    as_analyst(page, live_server)

    page.goto(reverse("import"))
    page.set_input_files("input[type=file]", file)
    page.get_by_label("Instrument that wrote it").fill(reader.code)
    page.get_by_role("button", name="Look into the file").click()

    page.get_by_role("heading", name="Still to be said").wait_for()
    importing = page.get_by_role("button", name="Import as a run")
    assert importing.is_disabled()
    for reagent, lot in bench.lots_of(bench.method_of(catalogue.IFNG_ELISA)).items():
        page.get_by_label(reagent).fill(lot)
    page.get_by_label("Label of the plate").fill("PL-0024")
    page.keyboard.press("Tab")
    page.get_by_role("heading", name="Another plate was scanned").wait_for()
    page.get_by_label("Label of the plate").fill("PL-0042")
    page.get_by_label("Every row that is no sample is left out because").fill("Not ours.")
    page.keyboard.press("Tab")
    page.get_by_role("heading", name="Nothing is unclear").wait_for()
    importing.click()

    page.get_by_role("heading", name="Validity of the run").wait_for(timeout=20_000)  # it goes on by itself
    assert page.get_by_text("Computed, to be reviewed").is_visible()
    assert Run.objects.get().results.get().sample == sample
