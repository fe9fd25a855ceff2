"""The pages of methods over HTTP: every version in words, drafts edited, approved by another person, withdrawn."""

import copy
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assays import catalogue, services
from assays.models import Method
from assays.rules.methods import read_method
from assays.services.methods import seen_of
from tests.assays import bench
from tests.assays.test_pages import post, words_of
from tests.cast import PASSWORD, person, sign_in

pytestmark = pytest.mark.django_db

TABLE = "well,role,name,nominal,dilution,condition\nA1,standard,STD1,1000,,\nB1,sample,SPL1,,20,stimulated\n"


@pytest.fixture
def ana(client):
    sign_in(client, "ana")
    return client


@pytest.fixture
def rosa(client):
    sign_in(client, "rosa")
    return client


@pytest.fixture
def draft():
    return services.draft_method(**catalogue.IFNG_ELISA, by=person("ana"))


def address(name, method, *more):
    return reverse(name, args=[method.code, method.version, *more])


def typed(client, page, method, **changed):
    """What the page would send back untouched."""
    form = client.get(address(page, method)).context["form"]
    kept = {field: form[field].value() for field in form.fields if field not in ("idempotency_key", "file")}
    return {field: value for field, value in (kept | changed).items() if value not in (None, False)}


class TestReading:
    def test_the_list_finds_by_name_and_tells_what_is_in_force(self, ana, draft):
        bench.approved(catalogue.STERILITY)
        page = words_of(ana.get(reverse("methods")))
        assert "IFN-γ release, ELISA" in page
        assert "In force" in page
        found = words_of(ana.get(reverse("methods"), {"search": "steril"}))
        assert "Sterility" in found
        assert "IFN-γ" not in found

    def test_a_version_is_shown_in_words(self, ana, draft):
        page = words_of(ana.get(address("method_version", draft)))
        for words in (
            "450 − 620 nm",
            "Weighting of the curve 1/y²",
            "Replicate CV at most 20 %",
            "Rounded, half up, to 0 decimals",
            "Nobody is qualified for this version.",
            draft.digest,
        ):
            assert words in page, words

    def test_who_is_qualified_is_named(self, ana):
        page = words_of(ana.get(address("method_version", bench.approved(catalogue.STERILITY))))
        assert person("ana").printed_name in page
        assert person("ines").printed_name in page

    def test_any_two_versions_are_compared_in_words(self, ana):
        bench.approved(catalogue.IFNG_ELISA)
        content = copy.deepcopy(catalogue.IFNG_ELISA["content"])
        content["settings"]["cv_limit_percent"] = "15"
        content["layout"]["cells"]["A1"] = {"role": "blank", "name": "BLK"}
        second = services.draft_method(**catalogue.IFNG_ELISA | {"content": content}, by=person("ana"))
        page = words_of(ana.get(reverse("method_changes", args=[second.code, 1, 2])))
        assert "Replicate CV at most Calculation and validity criteria 20 % 15 %" in page
        assert "A1 Layout standard STD1, 1000 blank BLK" in page
        assert "Controls within" not in page

    def test_the_list_asks_as_much_for_many_as_for_one(self, ana, draft):
        def questions():
            with CaptureQueriesContext(connection) as queries:
                ana.get(reverse("methods"))
            return len(queries)

        questions()
        once = questions()
        for entry in catalogue.CATALOGUE:
            services.draft_method(**entry, by=person("ana"))
        assert questions() == once


class TestDrafting:
    @pytest.mark.parametrize("entry", catalogue.CATALOGUE, ids=lambda entry: entry["code"])
    def test_every_template_is_drafted_edited_and_kept_as_it_is(self, ana, entry):
        answer = post(ana, reverse("method_new"), template=entry["code"])
        method = Method.objects.get()
        assert answer.url == address("method_edit", method)
        answer = post(ana, answer.url, **typed(ana, "method_edit", method))
        assert answer.status_code == 302, answer.context["form"].errors
        method.refresh_from_db()
        assert method.rules == read_method(entry["kind"], entry["content"])

    def test_days_that_are_none_are_refused_beside_them(self, ana):
        draft = services.draft_method(**catalogue.STERILITY, by=person("ana"))
        assert "“No growth” is told 14 days after" in words_of(ana.get(address("method_version", draft)))
        sent = typed(ana, "method_edit", draft, result0_days="No growth, 14")
        answer = post(ana, address("method_edit", draft), **sent)
        assert "“No growth, 14” is no text with its days" in answer.context["form"].errors["result0_days"][0]

    def test_a_draft_of_an_own_code_and_name(self, ana):
        post(ana, reverse("method_new"), template="ifng-elisa", code="ifng-luminex", name="IFN-γ, Luminex")
        assert str(Method.objects.get(code="ifng-luminex")) == "IFN-γ, Luminex, version 1"

    def test_a_code_that_is_none_is_refused_beside_its_field(self, ana):
        answer = post(ana, reverse("method_new"), template="ifng-elisa", code="IFN γ")
        assert answer.status_code == 422
        assert "is no code" in answer.context["form"].errors["code"][0]

    def test_a_new_draft_is_the_version_until_it_is_edited(self, ana):
        first = bench.approved(catalogue.IFNG_ELISA)
        answer = post(ana, address("method_redraft", first))
        second = Method.objects.get(version=2)
        assert answer.url == address("method_edit", second)
        assert second.content == first.content

    def test_a_limit_that_is_none_is_refused_beside_it_and_what_was_typed_stays(self, ana, draft):
        sent = typed(ana, "method_edit", draft, settings_cv_limit_percent="low", name="Stricter")
        answer = post(ana, address("method_edit", draft), **sent)
        assert answer.status_code == 422
        assert "settings_cv_limit_percent" in answer.context["form"].errors
        assert 'value="low"' in answer.content.decode()
        assert 'value="Stricter"' in answer.content.decode()

    def test_a_criterion_left_empty_is_not_filled_in_silently(self, ana, draft):
        sent = typed(ana, "method_edit", draft, settings_cv_limit_percent="")
        answer = post(ana, address("method_edit", draft), **sent)
        assert "settings_cv_limit_percent" in answer.context["form"].errors

    def test_it_keeps_limits_plan_and_reagents(self, ana, draft):
        sent = typed(
            ana,
            "method_edit",
            draft,
            settings_cv_limit_percent="12.50",
            replicates="2",
            retest_retests="1",
            retest_replicates="3",
            retest_another_analyst="on",
            reagents="Capture antibody\nStandard",
        )
        answer = post(ana, address("method_edit", draft), **sent)
        assert answer.status_code == 302, answer.context["form"].errors
        draft.refresh_from_db()
        assert draft.content["settings"]["cv_limit_percent"] == "12.50"
        page = words_of(ana.get(address("method_version", draft)))
        for words in ("Replicates of a sample 2", "Retests 1", "By another qualified analyst yes"):
            assert words in page, words
        assert "Capture antibody" in page

    def test_who_edited_meanwhile_is_not_overwritten(self, ana, draft):
        sent = typed(ana, "method_edit", draft, name="Mine")
        services.edit_method(
            method=draft, name="Theirs", content=draft.content, seen=seen_of(draft), by=person("ines")
        )
        answer = post(ana, address("method_edit", draft), **sent)
        assert answer.status_code == 409
        assert "was changed while you looked at it" in words_of(answer)
        draft.refresh_from_db()
        assert draft.name == "Theirs"

    def test_a_draft_is_discarded_with_a_reason(self, ana, draft):
        post(ana, address("method_discard", draft), reason="Drafted by mistake.")
        page = words_of(ana.get(address("method_version", draft)))
        assert "This draft was given up: Drafted by mistake." in page


class TestLayout:
    def test_a_table_becomes_the_layout_without_script(self, ana, draft):
        answer = post(ana, address("method_layout", draft), **typed(ana, "method_layout", draft, table=TABLE))
        assert answer.status_code == 302, answer.context["form"].errors
        draft.refresh_from_db()
        assert [cell.in_words for cell in draft.rules.layout.cells.values()] == [
            "standard STD1, 1000",
            "sample SPL1, 1 : 20, stimulated",
        ]
        page = words_of(ana.get(address("method_version", draft)))
        assert "sample SPL1, 1 : 20, stimulated: B1" in page
        listed = ana.get(address("method_layout_file", draft, "list")).content.decode()
        assert "A1,standard,STD1,1000,1," in listed
        assert "standard STD1 =1000" in ana.get(address("method_layout_file", draft, "grid")).content.decode()

    def test_a_file_takes_the_place_of_the_table(self, ana, draft):
        file = SimpleUploadedFile("layout.csv", b"\xef\xbb\xbf;1;2\nA;blank BLK;\n")
        sent = typed(ana, "method_layout", draft, table="nonsense")
        assert post(ana, address("method_layout", draft), **sent, file=file).status_code == 302
        draft.refresh_from_db()
        assert list(draft.rules.layout.cells) == ["A1"]

    def test_each_well_that_is_wrong_is_named_and_the_table_stays(self, ana, draft):
        table = "well,role,name\nA1,standard,STD1\nI1,blank,BLK"
        answer = post(ana, address("method_layout", draft), **typed(ana, "method_layout", draft, table=table))
        assert answer.status_code == 422
        first, second = answer.context["form"].errors["table"]
        assert first == "A1: A standard needs its nominal value."
        assert second.startswith("I1: A plate of 96 wells has no well I1")
        assert table in answer.content.decode()

    def test_the_editor_is_answered_with_a_series_or_with_what_is_wrong(self, ana, draft):
        asked = {"wells": "96", "table": "", "at": "A1", "role": "standard", "name": "STD", "nominal": "1000"}
        asked |= {"factor": "2", "steps": "3", "direction": "down", "replicates": "2"}
        url = address("method_layout_check", draft)
        answer = json.loads(ana.post(url, asked).content)
        assert answer["problems"] == []
        assert answer["cells"]["C2"]["nominal"] == "250"
        wrong = json.loads(ana.post(url, asked | {"steps": "9"}).content)
        assert wrong["problems"][0]["well"] == "I1"
        for part, value in (
            ("factor", "two"),
            ("steps", "x"),
            ("wells", ""),
            ("role", "empty"),
            ("name", "="),
        ):
            assert json.loads(ana.post(url, asked | {part: value}).content)["problems"], part
        assert Method.objects.get() == draft


class TestSigning:
    def test_the_approver_signs_the_digest_of_what_was_shown(self, rosa, draft):
        """P11-13"""
        url = address("method_approve", draft)
        page = rosa.get(url)
        assert "Replicate CV at most 20 %" in words_of(page)
        sent = {"digest": page.context["form"]["digest"].value(), "reason": "Validated, report VR-12."}
        services.edit_method(
            method=draft, name="Changed", content=draft.content, seen=seen_of(draft), by=person("ana")
        )
        refused = post(rosa, url, **sent, password=PASSWORD)
        assert refused.status_code == 409
        assert "was changed while you looked at it" in words_of(refused)
        sent["digest"] = rosa.get(url).context["form"]["digest"].value()
        assert post(rosa, url, **sent, password=PASSWORD).status_code == 302
        page = words_of(rosa.get(address("method_version", draft)))
        assert "In force" in page
        assert "Validated, report VR-12." in page

    def test_the_author_is_told_before_anything_is_typed(self, rosa):
        own = services.draft_method(**catalogue.IFNG_ELISA, by=person("rosa"))
        page = rosa.get(address("method_approve", own))
        assert "You drafted this version; another person approves it." in words_of(page)
        sent = {"digest": seen_of(own), "reason": "Validated, report VR-12.", "password": PASSWORD}
        assert post(rosa, address("method_approve", own), **sent).status_code == 403
        own.refresh_from_db()
        assert own.approval is None

    def test_what_changes_stands_on_the_page_of_approval(self, rosa):
        bench.approved(catalogue.IFNG_ELISA)
        content = copy.deepcopy(catalogue.IFNG_ELISA["content"])
        content["reads"]["reference"] = "570"
        second = services.draft_method(**catalogue.IFNG_ELISA | {"content": content}, by=person("ana"))
        page = words_of(rosa.get(address("method_approve", second)))
        assert "What changes from version 1" in page
        assert "450 − 620 nm 450 − 570 nm" in page

    def test_a_version_is_withdrawn(self, rosa):
        method = bench.approved(catalogue.STERILITY)
        url = address("method_withdraw", method)
        digest = rosa.get(url).context["form"]["digest"].value()
        reason = "The culture bottles are no longer made."
        assert post(rosa, url, digest=digest, reason=reason, password=PASSWORD).status_code == 302
        page = words_of(rosa.get(address("method_version", method)))
        assert "This version was withdrawn." in page
        assert reason in page
