"""The pages of the laboratory over HTTP: refusals stand beside the field, what was typed stays."""

import html
import re
import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assays import catalogue, services
from assays.models import InstrumentFile, Result, Run
from tests import factories
from tests.assays import bench
from tests.cast import PASSWORD, person, sign_in
from tests.readers.shared import REAL, needs_real_files
from tilmfg.records.errors import UnableTo
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client):
    sign_in(client, "ana")
    return client


@pytest.fixture
def methods():
    return [bench.method_of(entry) for entry in catalogue.CATALOGUE]


@pytest.fixture
def sample(methods):
    return bench.received_sample()


@pytest.mark.parametrize("name", ["runs", "samples", "controls"])
def test_a_place_that_is_none_is_not_found(ana, name):
    assert ana.get(reverse(name), {"after": "rubbish"}).status_code == 404


def post(client, url, **data):
    return client.post(url, {"idempotency_key": str(uuid.uuid4())} | data)


def upload(client, content, *, kind="plate_reader", name="plate.txt"):
    file = SimpleUploadedFile(name, content)
    return post(client, reverse("import"), file=file, instrument=bench.instrument(kind).code)


def words_of(response):
    """The text of the page, spaces folded."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


def now_typed():
    """This minute, as the page's own clock writes it."""
    return timezone.localtime(timezone=ZoneInfo(settings.TIME_ZONE)).strftime("%Y-%m-%dT%H:%M")


def mapping(form, **changed):
    """What the page would send back with nothing but the lots of its reagents filled in."""
    sent = {name: form[name].value() or "" for name in form.fields if name != "idempotency_key"}
    lots = bench.lots_of(form.method)
    sent |= {name: lots[form.fields[name].label] for name in sent if name.startswith("reagent_")}
    return sent | changed


class TestImport:
    def test_a_file_leads_to_its_preview(self, ana, sample):
        response = upload(ana, bench.plate(sample))
        file = InstrumentFile.objects.get()
        assert response.status_code == 302
        assert response.url.startswith(reverse("import_preview", args=[file.pk]))
        page = words_of(ana.get(response.url))
        assert "Agilent Gen5 · absorbance 450 and 620 nm · 96 wells" in page
        assert "Nothing is imported yet" in page
        assert not Run.objects.exists()

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "plate.txt is empty."),
            (b"adfd\nadfasdf", "no export of an instrument known here"),
            (b"x" * (10 * 1024 * 1024 + 1), "at most 10,485,760 are read"),
            (bench.plate("S1")[:1500], "plate.txt"),
        ],
        ids=["empty", "garbage", "too large", "cut off"],
    )
    def test_a_file_that_is_none_is_refused_beside_the_field(self, ana, methods, content, words):
        response = upload(ana, content)
        assert response.status_code == 422
        [error] = response.context["form"].errors["file"]
        assert words in error
        assert not InstrumentFile.objects.exists()

    def test_a_known_name_is_filled_in_and_one_post_imports(self, ana, sample):
        preview = ana.get(upload(ana, bench.plate(sample)).url)
        form = preview.context["form"]
        assert form["sample_1"].value() == sample.name
        assert not form.examination.unclear
        response = post(ana, preview.request["PATH_INFO"], **mapping(form))
        run = Run.objects.get()
        assert response.url == reverse("run", args=[run.pk])
        assert run.mapped_samples.count() == 2

    def test_everything_unclear_is_named_at_once_and_what_was_typed_stays(self, ana, sample):
        preview = ana.get(upload(ana, bench.plate(sample, "QC-77")).url)
        typed = mapping(preview.context["form"], sample_3="QC-77", left_out_1="bubble")
        response = post(ana, preview.request["PATH_INFO"], **typed)
        errors = response.context["form"].errors
        assert response.status_code == 422
        assert "no sample of this facility is called “QC-77”" in errors["sample_3"][0]
        assert "not both" in errors["left_out_1"][0]
        assert "say which sample it is" in errors["sample_4"][0]
        assert 'value="QC-77"' in response.content.decode()
        assert not Run.objects.exists()

    def test_one_reason_leaves_out_every_row_that_is_no_sample(self, ana, sample):
        preview = ana.get(upload(ana, bench.plate(sample, "QC-77", "QC-78")).url)
        typed = mapping(preview.context["form"], rest="Samples of another project.")
        post(ana, preview.request["PATH_INFO"], **typed)
        left_out = Run.objects.get().mapped_samples.filter(sample=None)
        assert [name.instrument_name for name in left_out] == ["SPL2", "UNS2", "SPL3", "UNS3"]
        assert {name.left_out for name in left_out} == {"Samples of another project."}

    def test_the_check_names_what_is_unclear_and_writes_nothing(self, ana, sample):
        preview = ana.get(upload(ana, bench.plate(sample)).url)
        file = InstrumentFile.objects.get()
        form = preview.context["form"]
        check = reverse("import_check", args=[file.pk])
        clear = ana.post(check, mapping(form))
        assert "Nothing is unclear" in words_of(clear)
        assert b"disabled" not in clear.content
        unclear = ana.post(check, mapping(form, sample_2="nobody"))
        assert "no sample of this facility is called “nobody”" in words_of(unclear)
        assert b"disabled" in unclear.content
        assert not Run.objects.exists()

    def test_the_same_bytes_again_name_the_run(self, ana, sample):
        content = bench.plate(sample)
        run = bench.import_plate(sample, content=content)
        response = upload(ana, content, name="other name.txt")
        assert response.status_code == 422
        assert f"run {run.pk}" in response.context["form"].errors["file"][0]

    def test_bytes_that_wait_for_their_mapping_are_opened_again(self, ana, sample):
        content = bench.plate(sample)
        assert upload(ana, content).url == upload(ana, content, name="again.txt").url

    def test_the_preview_of_an_imported_file_leads_to_its_run(self, ana, sample):
        run = bench.import_plate(sample)
        assert ana.get(reverse("import_preview", args=[run.file_id])).url == reverse("run", args=[run.pk])

    def test_without_an_instrument_nothing_is_imported(self, ana, sample):
        preview = ana.get(upload(ana, bench.plate(sample)).url)
        typed = mapping(preview.context["form"], instrument="NO-1")
        response = post(ana, preview.request["PATH_INFO"], **typed)
        assert "has the code “NO-1”" in response.context["form"].errors["instrument"][0]

    def test_a_file_sent_twice_is_imported_once(self, ana, sample):
        preview = ana.get(upload(ana, bench.plate(sample)).url)
        data = mapping(preview.context["form"]) | {"idempotency_key": str(uuid.uuid4())}
        answers = [ana.post(preview.request["PATH_INFO"], data) for _ in range(3)]
        assert {answer["Location"] for answer in answers} == {reverse("run", args=[Run.objects.get().pk])}

    @needs_real_files
    def test_the_real_counter_file_names_its_error_cells(self, ana, methods):
        response = upload(
            ana, (REAL / "vi_cell_blu.csv").read_bytes(), kind="cell_counter", name="vi_cell_blu.csv"
        )
        page = words_of(ana.get(response.url))
        assert "Beckman Coulter Vi-CELL BLU · 10 counted samples" in page
        assert "row 7 (CLB008) Cell count ERROR 'ERROR' is not a number" in page
        assert "Row 1, CLB001: say which sample it is" in page

    @needs_real_files
    def test_the_real_plate_ends_invalid_with_the_reason_on_its_page(self, ana, sample):
        preview = ana.get(upload(ana, (REAL / "gen5_elisa_standard_curve.txt").read_bytes()).url)
        assert "Agilent Gen5 · absorbance 630 nm · 96 wells" in words_of(preview)
        typed = mapping(
            preview.context["form"],
            signal="630",
            sample_1=sample.name,
            sample_2=sample.name,
            condition_2="unstimulated",
            acceptance="A protein plate, imported to see it refused.",
            **{f"left_out_{key}": "no sample of ours" for key in range(3, 7)},
        )
        response = post(ana, preview.request["PATH_INFO"], **typed)
        bench.compute(Run.objects.get())
        page = words_of(ana.get(response.url))
        assert "This run is invalid and gives no result" in page
        assert "Standard curve: upper asymptote not estimable" in page


class TestRun:
    def test_it_waits_for_the_computation_and_then_shows_it(self, ana, sample):
        run = bench.import_plate(sample)
        url, progress = reverse("run", args=[run.pk]), reverse("run_progress", args=[run.pk])
        assert f"{run} is being computed" in words_of(ana.get(url))
        assert "HX-Refresh" not in ana.get(progress)
        bench.compute(run)
        assert ana.get(progress)["HX-Refresh"] == "true"
        page = words_of(ana.get(url))
        assert "641 pg/mL" in page
        assert "Control CTL1" in page
        assert "1 : 40" in page

    def test_it_says_why_the_computation_did_not_work_so_far_and_is_tried_again_when_asked(self, ana, sample):
        from tilmfg.records.models import Effect

        run = bench.import_plate(sample)
        assert "Try again now" not in words_of(ana.get(reverse("run", args=[run.pk])))
        later = timezone.now() + timedelta(minutes=9)
        for tried in (1, 2):
            Effect.objects.update(attempts=tried, last_error="OperationalError: connection lost")
        Effect.objects.update(next_try_at=later)
        progress = ana.get(reverse("run_progress", args=[run.pk]))
        assert "Tried 2 times without success" in words_of(progress)
        assert "connection lost" in words_of(progress)
        assert post(ana, reverse("run_try_again", args=[run.pk])).url == run.get_absolute_url()
        assert Effect.objects.get().next_try_at < later - timedelta(minutes=8)
        assert Event.objects.get(name="assays.run.tried_again").actor == person("ana")
        bench.compute(run)
        with pytest.raises(UnableTo, match="there is nothing to compute"):
            services.try_again(run=run, by=person("ana"))

    def test_its_analyst_is_not_offered_the_review(self, ana, client, sample):
        run = bench.compute(bench.import_plate(sample))
        review = reverse("run_review", args=[run.pk])
        assert review not in ana.get(reverse("run", args=[run.pk])).content.decode()
        assert "another analyst reviews it" in words_of(ana.get(review))
        sign_in(client, "ines")
        assert review in client.get(reverse("run", args=[run.pk])).content.decode()

    def test_the_second_analyst_signs_on_the_review_page(self, client, sample):
        run = bench.compute(bench.import_plate(sample))
        sign_in(client, "ines")
        url = reverse("run_review", args=[run.pk])
        form = client.get(url).context["form"]
        response = post(
            client,
            url,
            digest=form["digest"].value(),
            decision="review",
            reason="Curve and controls are good.",
            password=PASSWORD,
        )
        assert response.url == reverse("run", args=[run.pk])
        assert run.results.get().state == "final"
        assert "Inês Carvalho" in words_of(client.get(response.url))

    def test_a_stale_review_page_is_refused_and_keeps_what_was_typed(self, client, sample):
        run = bench.compute(bench.import_plate(sample))
        sign_in(client, "ines")
        url = reverse("run_review", args=[run.pk])
        seen = client.get(url).context["form"]["digest"].value()
        with factories.writing():
            result = run.results.get()
            result.state = "superseded"
            result.save(update_fields=["state"])
        response = post(client, url, digest=seen, decision="review", reason="All good.", password=PASSWORD)
        assert response.status_code == 409
        assert "changed while you looked at it" in words_of(response)
        assert "All good." in response.content.decode()

    def test_the_analyst_cannot_sign_by_posting_either(self, ana, sample):
        run = bench.compute(bench.import_plate(sample))
        url = reverse("run_review", args=[run.pk])
        digest = ana.get(url).context["form"]["digest"].value()
        response = post(ana, url, digest=digest, decision="review", reason="Mine.", password=PASSWORD)
        assert response.status_code == 403
        assert "You did this measurement" in words_of(response)

    def test_a_rejected_file_names_the_earlier_run_in_its_preview(self, client, sample):
        run = bench.compute(bench.import_plate(sample))
        sign_in(client, "ines")
        url = reverse("run_review", args=[run.pk])
        digest = client.get(url).context["form"]["digest"].value()
        post(client, url, digest=digest, decision="reject", reason="Swapped vials.", password=PASSWORD)
        preview = words_of(client.get(reverse("import_preview", args=[run.file_id])))
        assert "Inês Carvalho rejected it: Swapped vials." in preview


class TestResult:
    def test_a_text_is_chosen_and_recorded(self, ana, sample):
        url = reverse("result_new", args=[sample.name, "sterility"])
        moment = now_typed()
        response = post(ana, url, text="No growth", performed_at=moment)
        assert response.url == reverse("sample", args=[sample.name])
        assert Result.objects.get().text == "No growth"

    def test_rubbish_in_a_number_is_refused_and_stays_typed(self, ana, sample):
        url = reverse("result_new", args=[sample.name, "endotoxin"])
        moment = now_typed()
        response = post(ana, url, value="0,05x", qualifier="<", performed_at=moment)
        assert response.status_code == 422
        assert "0,05x" in response.content.decode()

    def test_superseding_asks_why(self, ana, sample):
        url = reverse("result_new", args=[sample.name, "sterility"])
        post(ana, url, text="No growth", performed_at=now_typed())
        assert "There is No growth: why it is measured again" in words_of(ana.get(url))
        refused = post(ana, url, text="Growth", performed_at=now_typed())
        assert refused.status_code == 422
        assert "reason" in refused.context["form"].errors

    def test_the_second_analyst_signs_it(self, client, ana, sample):
        moment = now_typed()
        post(
            ana, reverse("result_new", args=[sample.name, "sterility"]), text="No growth", performed_at=moment
        )
        result = Result.objects.get()
        url = reverse("result_review", args=[result.pk])
        assert "another analyst reviews it" in words_of(ana.get(url))
        sign_in(client, "ines")
        digest = client.get(url).context["form"]["digest"].value()
        assert post(client, url, digest=digest, reason="Read it too.", password=PASSWORD).status_code == 302
        result.refresh_from_db()
        assert result.state == "final"

    def test_an_attribute_nobody_enters_by_form_is_not_found(self, ana, sample):
        assert ana.get(reverse("result_new", args=[sample.name, "ifng_net"])).status_code == 404


class TestSample:
    def test_it_shows_results_and_the_superseded_ones_too(self, ana, sample):
        factories.make_bags(sample.order)
        bench.import_counts(sample)
        from assays.rules.mapping import Choice

        again = {"1": Choice(sample_name=sample.name, again="Clumps in the first vial.")}
        bench.import_counts(sample, content=bench.counts(sample, viability_percent=88.0), choices=again)
        page = words_of(ana.get(reverse("sample", args=[sample.name])))
        assert "91.2 %" in page
        assert "88.0 %" in page
        assert "measured again: Clumps in the first vial." in page

    def test_a_scanned_vial_is_received(self, ana, methods):
        drawn = factories.make_sample()
        response = post(ana, reverse("sample_receive"), sample=drawn.container.payload)
        assert response.url == reverse("sample", args=[drawn.name])
        drawn.refresh_from_db()
        assert drawn.state == "received"

    def test_a_vial_that_is_none_of_ours_is_refused_beside_the_scan(self, ana):
        response = post(ana, reverse("sample_receive"), sample="QC-X")
        assert response.status_code == 422
        assert "No sample of this facility is called “QC-X”" in response.context["form"].errors["sample"][0]

    def test_an_unknown_sample_is_not_found(self, ana):
        assert ana.get(reverse("sample", args=["TIL-0000-0000-QC1"])).status_code == 404


@pytest.mark.parametrize("name", ["laboratory", "samples", "runs"])
def test_lists_ask_no_more_when_there_is_more(ana, sample, name, django_assert_max_num_queries):
    url = reverse(name)

    def count():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert ana.get(url).status_code == 200
        return len(asked)

    bench.compute(bench.import_plate(sample))
    few = count()
    for seed in range(2, 5):
        other = bench.received_sample()
        factories.make_sample()
        bench.compute(bench.import_plate(other, content=bench.plate(other, seed=seed)))
    assert count() <= few


def test_a_run_is_shown_in_a_constant_number_of_queries(ana, sample, django_assert_max_num_queries):
    others = [bench.received_sample() for _ in range(4)]
    run = bench.compute(
        bench.import_plate(content=bench.plate(sample, *others), choices=bench.choices_for(sample, *others))
    )
    with django_assert_max_num_queries(18):
        ana.get(reverse("run", args=[run.pk]))


def test_a_preview_is_shown_in_a_constant_number_of_queries(ana, sample, django_assert_max_num_queries):
    others = [bench.received_sample() for _ in range(6)]
    url = upload(ana, bench.plate(sample, *others)).url
    with django_assert_max_num_queries(24):
        ana.get(url)


@pytest.mark.parametrize("who", ["olga", "adam", "sam", "eve", "root"])
def test_the_laboratory_is_closed_to_others(client, who):
    sign_in(client, who)
    for url in (reverse("laboratory"), reverse("runs"), reverse("samples"), reverse("import")):
        assert client.get(url).status_code == 403


@pytest.mark.parametrize("who", ["quinn", "rosa", "vera"])
def test_quality_and_auditors_read_and_do_not_write(client, sample, who):
    run = bench.compute(bench.import_plate(sample))
    sign_in(client, who)
    for url in (reverse("laboratory"), reverse("run", args=[run.pk]), reverse("sample", args=[sample.name])):
        assert client.get(url).status_code == 200
    for url in (reverse("import"), reverse("run_review", args=[run.pk])):
        assert client.get(url).status_code == 403
