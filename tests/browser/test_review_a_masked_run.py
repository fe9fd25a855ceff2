"""From the dropped file to the reviewed result: one run is invalid, in the next one a well is masked."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from assays import catalogue
from assays.models import Run
from tests.assays import bench
from tests.cast import PASSWORD, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def works_here(page, live_server, username):
    client = Client()
    sign_in(client, username)
    page.context.clear_cookies()
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])


def drop(page, path: Path, content: bytes, reader):
    path.write_bytes(content)
    page.goto(reverse("import"))
    page.set_input_files("input[type=file]", path)
    page.get_by_label("Instrument that wrote it").fill(reader.code)
    page.get_by_role("button", name="Look into the file").click()
    for reagent, lot in bench.lots_of(bench.method_of(catalogue.IFNG_ELISA)).items():
        page.get_by_label(reagent).fill(lot)
    page.keyboard.press("Tab")
    page.get_by_role("heading", name="Nothing is unclear").wait_for()
    page.get_by_role("button", name="Import as a run").click()
    page.get_by_role("heading", name="Validity of the run").wait_for(timeout=30_000)


def test_a_bad_plate_gives_nothing_and_a_bubble_is_masked_and_reviewed(
    page, live_server, celery_worker, tmp_path
):
    bench.method_of(catalogue.IFNG_ELISA)
    sample = bench.received_sample()
    reader = bench.instrument("plate_reader")
    works_here(page, live_server, "ana")

    # The control of the first plate is far off: the run is invalid and gives no result.
    drop(page, tmp_path / "first.txt", bench.with_reading(bench.plate(sample), "A3", "3.100"), reader)
    page.get_by_role("heading", name="This run is invalid and gives no result").wait_for()
    first = Run.objects.get()
    assert (first.state, first.results.count()) == ("invalid", 0)

    # The second plate is good, but ana saw a bubble in one well: the keyboard is enough to mask it.
    drop(page, tmp_path / "second.txt", bench.plate(sample, seed=5), reader)
    second = Run.objects.exclude(pk=first.pk).get()
    assert page.get_by_text("Computed, to be reviewed").first.is_visible()
    page.locator('a[href="?well=C3#well"]').first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Well C3").wait_for()
    page.get_by_label("Why").fill("A bubble, seen in the well.")
    page.get_by_role("button", name="Mask and compute again").click()
    page.get_by_role("heading", name="Every answer of this run").wait_for(timeout=30_000)
    assert page.get_by_text("% of computation 1").is_visible()
    assert page.get_by_role("link", name="Review this run").count() == 0  # not by who masked
    page.get_by_role("button", name="Recompute now and compare").click()
    page.get_by_text("identical", exact=False).first.wait_for()

    # Another analyst signs which answer stands.
    works_here(page, live_server, "ines")
    page.goto(reverse("run", args=[second.pk]))
    page.get_by_role("link", name="Review this run").click()
    page.get_by_text("computation 2 stands").wait_for()
    page.get_by_label("Reviewed: data and calculation are correct").check()
    page.get_by_label("Reason").fill("The bubble is on the photograph of the plate.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign").click()
    page.get_by_role("heading", name="The record").wait_for()
    second.refresh_from_db()
    assert second.state == "reviewed"
    assert [result.state for result in second.results.order_by("pk")] == ["superseded", "final"]
    with page.expect_download() as report:
        page.get_by_role("link", name="Report (PDF)").click()
    assert report.value.suggested_filename == f"run-{second.pk}.pdf"
