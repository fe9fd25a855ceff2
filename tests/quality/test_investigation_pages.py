"""What QA and the laboratory see of an investigation, and the form that ends a phase."""

import pytest

from tests.assays import bench
from tests.assays.test_pages import mapping, post, upload, words_of
from tests.assays.test_review_run import review
from tests.cast import PASSWORD, person, sign_in
from tests.identity.pages import keyed
from tests.quality.test_investigate import ERROR, conclude, failed, sample
from tilmfg.accounts.services import service_account
from tilmfg.quality.models import Investigation
from tilmfg.quality.services import open_investigation

pytestmark = pytest.mark.django_db
__all__ = ["sample"]  # the fixture


def page(client, who, path):
    sign_in(client, who)
    return client.get(path).content.decode()


def url(investigation, end=""):
    return f"/laboratory/investigations/{investigation.deviation.number}/{end}"


def said(**changes):
    usual = {"findings": "Gates were right.", "cause": "", "evidence": "", "reason": "Concluded.", "phase": 1}
    return keyed(**usual | {"password": PASSWORD} | changes)


def test_it_shows_the_result_its_limit_and_what_may_not_be_done(sample, client):
    shown = page(client, "ana", url(failed(sample)))
    assert "81.4 %" in shown
    assert "≥ 90" in shown
    assert "Phase I, the laboratory" in shown
    assert "Nothing of this attribute is measured again" in shown


def test_the_sample_and_the_deviation_lead_to_it(sample, client):
    investigation = failed(sample)
    assert url(investigation) in page(client, "ana", f"/laboratory/samples/{sample.name}")
    assert url(investigation) in page(client, "quinn", investigation.deviation.get_absolute_url())


def test_the_form_of_a_new_value_says_at_once_that_none_is_wanted(sample, client):
    failed(sample)
    shown = page(client, "ines", f"/laboratory/samples/{sample.name}/results/identity_cd45_cd3")
    assert "nothing is measured again before QA ends it" in shown


def test_qa_ends_phase_one_by_its_form(sample, client):
    investigation = failed(sample)
    sign_in(client, "quinn")
    answer = client.post(url(investigation, "conclude"), said())
    assert (answer.status_code, answer["Location"]) == (302, url(investigation))
    assert Investigation.objects.get().state == "phase_two"
    assert "No retest is recorded yet" in client.get(url(investigation)).content.decode()


def test_a_cause_without_evidence_comes_back_with_what_was_typed(sample, client):
    investigation = failed(sample)
    sign_in(client, "quinn")
    answer = client.post(url(investigation, "conclude"), said(cause="The wrong tube was stained."))
    assert answer.status_code == 422
    assert "The wrong tube was stained." in answer.content.decode()
    assert Investigation.objects.get().state == "phase_one"


def test_who_looked_at_phase_one_does_not_end_phase_two(sample, client):
    """Two of QA open the form; what the second one signs is not what they read."""
    investigation = failed(sample)
    sign_in(client, "rosa")
    read = client.get(url(investigation, "conclude")).context["form"]["phase"].value()
    conclude(investigation, by="quinn")
    answer = client.post(url(investigation, "conclude"), said(phase=read))
    assert answer.status_code == 409
    assert "Look at what was found meanwhile" in answer.content.decode()
    assert "Gates were right." in answer.content.decode()
    assert answer.context["form"]["phase"].value() == 2
    assert Investigation.objects.get().state == "phase_two"


def test_who_reviewed_the_result_finds_no_button(sample, client):
    investigation = failed(sample)
    assert url(investigation, "conclude") not in page(client, "ines", url(investigation))
    assert url(investigation, "conclude") in page(client, "quinn", url(investigation))


def test_phase_two_is_offered_to_who_may_end_it_and_the_others_read_who_that_is(sample, client):
    investigation = conclude(failed(sample), by="rosa")
    assert investigation.state == "phase_two"
    for who, words in (
        ("rosa", "You ended the phase before this one"),
        ("quinn", "This phase is signed by: QA approver."),
    ):
        shown = page(client, who, url(investigation))
        assert words in shown
        assert url(investigation, "conclude") not in shown
    assert "This phase is signed by" not in page(client, "ana", url(investigation))


def test_concluded_it_says_what_was_found_and_who_signed(sample, client):
    investigation = conclude(failed(sample), **ERROR)
    shown = page(client, "vera", url(investigation))
    assert ERROR["cause"] in shown
    assert ERROR["evidence"] in shown
    assert "Quinn O’Hara" in shown
    assert url(investigation, "conclude") not in page(client, "rosa", url(investigation))


def test_it_is_shown_with_few_questions(sample, client, django_assert_max_num_queries):
    investigation = conclude(failed(sample))
    sign_in(client, "vera")
    with django_assert_max_num_queries(18):
        client.get(url(investigation))


def test_the_preview_of_a_file_says_before_the_import_that_nothing_is_measured_again(client):
    sample = bench.received_sample()
    result = review(bench.compute(bench.import_plate(sample))).results.get()
    chain = sample.order.chain
    told = {"title": "Out of specification", "description": "641 pg/mL.", "by": service_account()}
    people = {"analyst": person("ana"), "reviewer": person("ines"), "retests_planned": 1}
    open_investigation(chain=chain, result_id=result.pk, **people, **told)
    sign_in(client, "ines")
    preview = client.get(upload(client, bench.plate(sample, seed=2)).url)
    form = preview.context["form"]
    typed = mapping(form, again="Retest.", acceptance="")
    answer = post(client, f"{preview.request['PATH_INFO']}/check", **typed)
    assert "nothing is measured again before QA ends it" in words_of(answer)
    assert "Nothing is unclear" not in words_of(answer)
