"""From the files of other cell counters, and of FACSDiva, to results."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from assays import catalogue
from assays.models import InstrumentFile
from assays.recalculation import recalculate
from assays.rules.mapping import Choice
from assays.selectors import rows_of_file
from assays.services.imports import UnableToImport
from tests.assays import bench
from tests.assays.test_import_instruments import method, run_of
from tests.assays.test_pages import upload, words_of
from tests.cast import sign_in
from tests.data.make_instrument_files import FILES
from tests.data.specimens.workbook import workbook

pytestmark = pytest.mark.django_db
YESTERDAY = datetime.now(UTC).astimezone(ZoneInfo(bench.ZONE)).date() - timedelta(days=1)


@pytest.fixture
def sample():
    return bench.received_sample()


def of_today(name: str, sample) -> bytes:
    """The specimen, counted an hour ago, of this sample."""
    measured = bench.an_hour_ago()
    content = FILES[name]
    if name == "vi_cell_xr.xlsx":
        from assays.readers.workbook import read_workbook

        [(title, rows)] = read_workbook(name, content).items()
        cells = [[cell.text for cell in row] for row in rows]
        written = {
            "TIL-0001-D22": str(sample),
            "20 Nov 2026  10:04:05 AM": f"{measured:%d %b %Y %I:%M:%S %p}",
        }
        return workbook(title, [[written.get(text, text) for text in row] for row in cells])
    text = content.replace("TIL-0001-D22", str(sample))
    text = text.replace("20 Nov 2026 10:04:05 AM", f"{measured:%d %b %Y %I:%M:%S %p}")
    text = text.replace("11/20/2026 10:04:05 AM", f"{measured:%m/%d/%Y %I:%M:%S %p}")
    text = text.replace("20261120", f"{YESTERDAY:%Y%m%d}")
    return text.encode()


COUNTERS = {
    "vi_cell_xr.txt": ("Vi-CELL XR", "1", "91.4 %"),
    "vi_cell_xr.xlsx": ("Vi-CELL XR", "2", "91.4 %"),
    "cedex_hires.csv": ("Cedex HiRes", "1", "91.4 %"),
}
ANOTHER = "Another project."


def choices(count: int, row: str, sample) -> dict[str, Choice]:
    numbers = (str(number) for number in range(1, count + 1))
    return {
        number: Choice(sample_name=str(sample)) if number == row else Choice(left_out=ANOTHER)
        for number in numbers
    }


@pytest.mark.parametrize("name", COUNTERS)
def test_a_count_is_a_viability(name, sample):
    written_by, row, viability = COUNTERS[name]
    run = run_of(
        name,
        choices(1 if name.endswith(".txt") else 3, row, sample),
        of=method(catalogue.CELL_COUNT, formats=[written_by]),
        kind="cell_counter",
        content=of_today(name, sample),
        acceptance="The bags are not filled yet.",
    )
    assert run.results.get(attribute="viability").in_words == viability
    assert run.measured_at >= bench.an_hour_ago()


class TestNCView:
    """It tells the day of a count; somebody says the time."""

    def imported(self, sample, **given):
        return run_of(
            "nc_view.csv",
            given.pop("chosen", choices(3, "1", sample)),
            of=method(catalogue.CELL_COUNT, formats=["NC-View"]),
            kind="cell_counter",
            content=of_today("nc_view.csv", sample),
            acceptance="The bags are not filled yet; the warning is about another sample.",
            **given,
        )

    def at(self, hour: int, *, days: int = 0) -> datetime:
        day = YESTERDAY + timedelta(days=days)
        return datetime.combine(day, time(hour), ZoneInfo(bench.ZONE))

    def test_its_time_is_asked_for_and_is_the_runs(self, sample):
        with pytest.raises(UnableToImport, match="NC-View tells the day of a count alone") as refusal:
            self.imported(sample)
        assert refusal.value.field == "measured_at"
        run = self.imported(sample, measured=self.at(9))
        assert run.measured_at == run.results.get(attribute="viability").performed_at == self.at(9)
        assert run.findings[0].startswith("Row 2 (TIL-0002-D22): the counter says “Warning")
        assert "was entered by hand" in run.findings[1]

    def test_a_time_on_another_day_is_none(self, sample):
        with pytest.raises(UnableToImport, match="NC-View tells the day of a count alone"):
            self.imported(sample, measured=self.at(9, days=-1))

    def test_a_row_that_the_counter_calls_an_error_is_no_count(self, sample):
        with pytest.raises(UnableToImport, match=r"the cell is empty\. It cannot be imported"):
            self.imported(sample, chosen=choices(3, "3", sample), measured=self.at(9))

    def test_its_rows_are_read_again_with_the_time_of_the_run(self, sample):
        """As masking a row does."""
        run = self.imported(sample, measured=self.at(9))
        first, *_ = rows_of_file(bench.mask(run, "1", reason="A clump, seen in the image."))
        assert first.read.counted_at == self.at(9)
        assert {result.performed_at for result in run.results.all()} == {self.at(9)}
        assert [recalculate(one).is_identical for one in run.computations.all()] == [True, True]


def test_two_days_in_one_file_are_imported_one_day_at_a_time(sample):
    other = bench.received_sample()
    content = of_today("nc_view.csv", sample).decode().replace("TIL-0002-D22", str(other))
    earlier = YESTERDAY - timedelta(days=1)
    content = content.replace(f"{YESTERDAY:%Y%m%d}-00020", f"{earlier:%Y%m%d}-00020").encode()
    named = {"1": Choice(sample_name=str(sample)), "2": Choice(sample_name=str(other))}
    with pytest.raises(UnableToImport, match="which is another day than the one said") as refusal:
        run_of(
            "nc_view.csv",
            named | {"3": Choice(left_out=ANOTHER)},
            of=method(catalogue.CELL_COUNT, formats=["NC-View"]),
            kind="cell_counter",
            content=content,
            measured=datetime.combine(YESTERDAY, time(9), ZoneInfo(bench.ZONE)),
        )
    assert refusal.value.field == "left_out_2"


def test_gates_of_facsdiva_become_a_net_percentage(sample):
    text = FILES["facsdiva.xml"]
    measured = bench.an_hour_ago()
    content = re.sub(r"2026-11-20T10:0(\d):39", f"{measured:%Y-%m-%dT%H:%M:%S}", text).encode()
    conditions = {"2": "stimulated", "3": "unstimulated"}
    run = run_of(
        "gates.xml",
        {key: Choice(sample_name=str(sample), condition=one) for key, one in conditions.items()}
        | {"4": Choice(left_out="Nothing was recorded of it.")},
        of=method(catalogue.CD107A, formats=["FACSDiva"]),
        kind="flow_cytometer",
        content=content,
        acceptance="The spare tube was not used.",
    )
    assert (run.state, run.results.get().in_words) == ("computed", "30.8 %")


def test_metabolites_are_kept_and_shown(client):
    sign_in(client, "ana")
    content = FILES["cedex_bioht.txt"].encode()
    answer = upload(client, content, kind="cell_counter", name="archive.txt")
    kept = InstrumentFile.objects.get()
    assert answer.url.startswith(reverse("import_preview", args=[kept.pk]))
    page = words_of(client.get(answer.url))
    assert "No approved method reads Cedex Bio HT files, so nothing is computed of it" in page
    assert "IGGHD 1/5" in page
    assert "no second reader knows OSM2B in “mosm/kg”" in page


def test_the_page_asks_for_the_time_that_nc_view_does_not_tell(client, sample):
    sign_in(client, "ana")
    method(catalogue.CELL_COUNT, formats=["NC-View"])
    answer = upload(client, of_today("nc_view.csv", sample), kind="cell_counter", name="counts.csv")
    page = words_of(client.get(answer.url))
    assert "Measured at; the file does not say" in page
    assert "ChemoMetec NC-View · 3 counted samples · NC-View tells the day of a count alone" in page


def test_counts_that_no_method_reads_are_shown_with_what_is_unusual(client):
    sign_in(client, "ana")
    content = FILES["cedex_hires.csv"].encode()
    page = words_of(client.get(upload(client, content, kind="cell_counter", name="counts.csv").url))
    assert "No approved method reads Cedex HiRes files, so nothing is computed of it" in page
    assert "it is of the data set “Original2”, not “Original”" in page
    assert "TIL-0002-D22 3.373 × 10⁶ 3.717 × 10⁶ 90.74829932 24 Nov 2026 16:31 (21:31 UTC)" in page
