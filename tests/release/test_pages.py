"""What people see of lots, and how many questions a page asks."""

import re
import uuid

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.cast import PASSWORD, grant, person, sign_in
from tests.release import stage
from tilmfg.batches.models import Reading
from tilmfg.records.models import FirstAnswer
from tilmfg.release.models import Disposition, Document
from tilmfg.release.selectors import lots_page
from tilmfg.release.states import DispositionState, LotState

pytestmark = pytest.mark.django_db


def page(client, username, name, *arguments, **query):
    sign_in(client, username)
    return client.get(reverse(name, args=arguments), query)


def send(client, username, name, lot, **typed):
    sign_in(client, username)
    signature = {"password": PASSWORD, "reason": "Complete.", "idempotency_key": uuid.uuid4()}
    url = reverse(name, args=[lot.order.lot_number])
    return client.post(url, signature | typed)


def questions_of(client, username, name, *arguments):
    """How many statements the whole request sends, session and person included; a test's savepoints are not its."""
    sign_in(client, username)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse(name, args=arguments)).status_code == 200
    return sum("SAVEPOINT" not in query["sql"] for query in queries.captured_queries)


def as_seen(lot):
    return {"seen_digest": stage.seen(lot), "seen_version": stage.fresh(lot).record_version}


def words(response):
    return " ".join(response.content.decode().split())


# ── The list ─────────────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_undecided_lots_soonest_needed_first(client):
    late = factories.make_lot(order=factories.make_order(state="received", needed_in_days=30))
    soon = factories.make_lot(order=factories.make_order(state="received", needed_in_days=3))
    decided = factories.make_lot(state=LotState.RELEASED)
    shown = page(client, "quinn", "lots").context["page"].rows
    assert [lot.pk for lot in shown] == [soon.pk, late.pk]
    assert decided.pk in [lot.pk for lot in page(client, "quinn", "lots", state="released").context["page"]]


@pytest.mark.parametrize(
    "search", [lambda o: o.lot_number, lambda o: o.coi_id, lambda o: o.patient.pseudonym]
)
def test_the_list_finds_a_lot_by_any_identifier(client, search):
    factories.make_lot()
    lot = factories.make_lot()
    found = page(client, "quinn", "lots", search=search(lot.order)).context["page"].rows
    assert [one.pk for one in found] == [lot.pk]


def test_the_list_is_turned_page_by_page_and_back():
    expected = [
        factories.make_lot(order=factories.make_order(state="received", needed_in_days=days)).pk
        for days in (1, 2, 2, 4, 5)
    ]
    quinn, query, turned = person("quinn"), {}, []
    while query is not None:
        shown = lots_page(quinn, query, size=2)
        turned.append([lot.pk for lot in shown])
        query, back = shown.next, shown.previous
    assert turned == [expected[:2], expected[2:4], expected[4:]]
    assert [lot.pk for lot in lots_page(quinn, back, size=2)] == expected[2:4]


def test_a_place_that_is_none_is_not_found(client):
    assert page(client, "quinn", "lots", after="rubbish").status_code == 404


def test_the_list_asks_as_much_for_many_lots_as_for_one(client):
    for _ in range(6):
        factories.make_lot()
    assert questions_of(client, "quinn", "lots") <= 6


# ── A lot ────────────────────────────────────────────────────────────────────────────────────────


def test_a_lot_says_what_blocks_it_who_lifts_it_and_when(client):
    lot = stage.make_tested_lot(leave_out=["sterility"])
    stage.evaluate(lot)
    stage.open_deviation(lot)
    shown = words(page(client, "quinn", "lot", lot.order.lot_number))
    assert "Sterility is missing: No result yet." in shown
    assert "A laboratory analyst, then a second one who reviews" in shown
    assert "Deviation DEV-2026" in shown
    assert "can be ready in" in shown


def test_a_lot_that_fails_says_that_it_cannot_be_released(client):
    lot = stage.make_reviewable_lot(ifng_net="312")
    shown = words(page(client, "quinn", "lot", lot.order.lot_number))
    assert "cannot be released as it stands" in shown
    assert "312" in shown
    assert "Does not conform" in shown


def test_the_record_that_is_signed_names_who_read_a_slide_again_and_who_confirmed_a_correction(client):
    lot = stage.make_lot_read_twice()
    execution = lot.order.batch.executions.get()
    read = {
        "order": lot.order,
        "execution": execution,
        "parameter": "viability",
        "recorded_by": person("olga"),
    }
    with factories.writing():
        wrong = Reading.objects.create(text="90", within_limits=True, **read)
        Reading.objects.create(
            text="91",
            within_limits=True,
            supersedes=wrong,
            reason="Misread",
            confirmed_by=person("tomas"),
            confirmed_at=Now(),
            **read,
        )
    shown = words(page(client, "quinn", "lot_review", lot.order.lot_number))
    assert re.search("read again .{1,300} by Inês Carvalho: No organisms seen", shown)
    assert re.search("by Olga Petrova, confirmed .{1,300} by Tomás Herrera", shown)
    assert "Olga Petrova, confirmed by Tomás Herrera" in shown  # among what needs an eye


@pytest.mark.parametrize("state", ["expanding", "in_testing", "qa_review", "released", "rejected"])
def test_a_lot_is_shown_in_every_state(client, state):
    lot = factories.make_lot(state=LotState(state))
    assert page(client, "vera", "lot", lot.order.lot_number).status_code == 200


def test_a_decided_lot_shows_both_signatures(client):
    """P11-13"""
    lot = stage.make_reviewable_lot()
    stage.decide(lot)
    shown = words(page(client, "vera", "lot", lot.order.lot_number))
    for name in ("Quinn O’Hara", "Rosa Almeida", "Approved: I decide as stated", "I agree."):
        assert name in shown
    assert len(re.findall(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown)) == 2
    assert "INVALID" not in shown


def test_a_signature_is_shown_as_invalid_when_a_measurement_changed_after_it(client):
    """P11-14"""
    lot = stage.make_reviewable_lot()
    stage.decide(lot)
    stage.supersede(stage.result_of(lot, "viability"), "91.2")
    shown = words(page(client, "vera", "lot", lot.order.lot_number))
    assert shown.count("INVALID") == 2
    assert "Measurements were changed after signing, by tests." in shown


def test_a_review_that_the_record_has_overtaken_is_shown_as_invalid(client):
    lot = stage.make_reviewable_lot()
    stage.review(lot)
    stage.open_deviation(lot)
    assert "The record was changed after signing, by tests." in words(
        page(client, "rosa", "lot", lot.order.lot_number)
    )


def test_a_lot_is_read_in_fifteen_queries(client):
    lot = stage.make_reviewable_lot()
    stage.decide(lot)
    stage.deliver("release.issue_certificate")
    stage.open_deviation(lot)
    for _ in range(4):
        factories.make_sample(batch=lot.order.batch)
    assert questions_of(client, "rosa", "lot", lot.order.lot_number) <= 15


def test_a_lot_that_was_never_evaluated_is_read_in_fifteen_queries(client):
    stage.make_specification()
    lot = factories.make_lot()
    assert questions_of(client, "rosa", "lot", lot.order.lot_number) <= 15


@pytest.mark.parametrize(
    ("username", "words_of_action"),
    [("quinn", "Review the audit trail"), ("rosa", None), ("olga", None), ("vera", None)],
)
def test_a_lot_waiting_for_qa_offers_what_a_person_can_do(client, username, words_of_action):
    lot = stage.make_reviewable_lot()
    action = page(client, username, "lot", lot.order.lot_number).context["action"]
    assert (action and action.words) == words_of_action


def test_a_reviewed_lot_offers_the_decision_to_the_approver(client):
    lot = stage.make_reviewable_lot()
    stage.review(lot)
    assert page(client, "rosa", "lot", lot.order.lot_number).context["action"].words == "Decide and sign"
    assert page(client, "quinn", "lot", lot.order.lot_number).context["action"] is None


# ── A treatment site ─────────────────────────────────────────────────────────────────────────────


def test_a_site_sees_its_own_lots_and_no_others(client):
    own = factories.make_lot(
        order=factories.make_order(site=factories.make_site("07", "sam"), state="received")
    )
    other = factories.make_lot(order=factories.make_order(site=factories.make_site("12"), state="received"))
    assert [lot.pk for lot in page(client, "sam", "lots").context["page"]] == [own.pk]
    assert page(client, "sam", "lot", own.order.lot_number).status_code == 200
    assert page(client, "sam", "lot", other.order.lot_number).status_code == 404


def test_a_site_sees_no_internal_details(client):
    factories.make_site("07", "sam")
    lot = stage.make_reviewable_lot()
    shown = words(page(client, "sam", "lot", lot.order.lot_number))
    for detail in ("Potency", "Olga", "Quinn", "SHA-256", "blocks"):
        assert detail not in shown


def test_a_site_reads_the_certificate_and_no_other_document(client):
    factories.make_site("07", "sam")
    lot = stage.make_reviewable_lot()
    stage.decide(lot)
    stage.deliver("release.issue_certificate")
    stage.deliver("release.issue_report")
    certificate, *reports = Document.objects.order_by("pk")
    response = page(client, "sam", "document", certificate.pk)
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"].startswith("inline")
    for report in reports:
        assert page(client, "sam", "document", report.pk).status_code == 404
        assert page(client, "vera", "document", report.pk).status_code == 200


@pytest.mark.parametrize("name", ["lots"])
def test_an_outsider_sees_no_lots(client, name):
    assert page(client, "eve", name).status_code == 403


# ── Review by exception ──────────────────────────────────────────────────────────────────────────


def test_the_review_counts_what_passed_and_shows_what_needs_an_eye(client):
    lot = stage.make_reviewable_lot()
    stage.open_deviation(lot)
    response = page(client, "quinn", "lot_review", lot.order.lot_number)
    record = response.context["record"]
    assert [check.group for check in record.exceptions] == ["Deviation"]
    assert f"<strong>{record.passed_count} of {len(record.checks)}</strong>" in words(response)
    assert "Door of the incubator left open" in words(response)


def test_a_review_is_signed_through_the_page(client):
    lot = stage.make_reviewable_lot()
    stage.look_through(lot)
    answer = send(client, "quinn", "lot_review", lot, decision="release", **as_seen(lot))
    assert answer.status_code == 302
    assert Disposition.objects.get().state == DispositionState.REVIEWED


def test_a_review_sent_twice_is_one(client):
    """REL-09"""
    lot = stage.make_reviewable_lot()
    stage.look_through(lot)
    form = {"decision": "release", "idempotency_key": uuid.uuid4(), **as_seen(lot)}
    answers = [send(client, "quinn", "lot_review", lot, **form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Disposition.objects.count() == 1
    assert FirstAnswer.objects.count() == 1


def test_a_review_of_a_record_that_changed_answers_409_and_keeps_what_was_typed(client):
    """REL-10"""
    lot = stage.make_reviewable_lot()
    seen = as_seen(lot)
    stage.supersede(stage.result_of(lot, "viability"), "90")
    stage.evaluate(lot)
    answer = send(client, "quinn", "lot_review", lot, decision="release", reason="All is well.", **seen)
    shown = words(answer)
    assert answer.status_code == 409
    assert "The record changed after you opened the page." in shown
    assert "stand on, tests" in shown  # what and who
    assert "All is well." in shown
    assert (
        'value="release" class="form-check-input" required id="id_decision_0" checked' in shown
        or "checked" in shown
    )
    assert PASSWORD not in shown
    assert answer.context["form"]["seen_digest"].value() == stage.seen(lot)
    assert not Disposition.objects.exists()


def test_a_review_with_a_wrong_password_answers_422_and_keeps_what_was_typed(client):
    lot = stage.make_reviewable_lot()
    answer = send(
        client, "quinn", "lot_review", lot, decision="reject", reason="No.", password="x", **as_seen(lot)
    )
    assert answer.status_code == 422
    assert "The password is not right" in words(answer)


def test_the_review_is_not_offered_to_who_worked_on_the_lot(client):
    lot = stage.make_reviewable_lot()
    grant("ana", "qa_reviewer")
    stage.look_through(lot)
    assert "You worked on this lot" in words(page(client, "ana", "lot_review", lot.order.lot_number))
    assert send(client, "ana", "lot_review", lot, decision="release", **as_seen(lot)).status_code == 403


def test_an_auditor_reads_the_review_and_cannot_sign_it(client):
    lot = stage.make_reviewable_lot()
    shown = words(page(client, "vera", "lot_review", lot.order.lot_number))
    assert "A QA reviewer signs here" in shown
    assert 'name="password"' not in shown
    assert send(client, "vera", "lot_review", lot, decision="release", **as_seen(lot)).status_code == 403


# ── Deciding ─────────────────────────────────────────────────────────────────────────────────────


def test_the_page_says_in_words_what_will_happen(client):
    lot = stage.make_reviewable_lot()
    stage.review(lot)
    shown = words(page(client, "rosa", "lot_disposition", lot.order.lot_number))
    assert f"Lot {lot.order.lot_number} becomes <strong>RELEASED</strong>" in shown
    assert "This cannot be undone" in shown
    assert "Quinn O’Hara" in shown


def test_a_decision_is_signed_through_the_page_and_followed_until_it_is_done(client):
    lot = stage.make_reviewable_lot()
    stage.review(lot)
    assert send(client, "rosa", "lot_disposition", lot, **as_seen(lot)).status_code == 302
    number = lot.order.lot_number
    waiting = page(client, "rosa", "lot_disposition", number)
    assert "Being executed" in words(waiting)
    assert f'hx-get="{reverse("lot_progress", args=[number])}"' in words(waiting)
    for effect in ("release.execute", "release.issue_certificate", "release.issue_report"):
        assert "hx-get" in words(page(client, "rosa", "lot_progress", number))
        stage.deliver(effect)
    done = words(page(client, "rosa", "lot_progress", number))
    assert "hx-get" not in done
    assert "Released" in done
    assert "Certificate of analysis" in done


def test_a_decision_that_is_not_executed_says_why(client):
    lot = stage.make_reviewable_lot()
    stage.sign(stage.review(lot))
    stage.open_deviation(lot)
    stage.deliver("release.execute")
    shown = words(page(client, "rosa", "lot_disposition", lot.order.lot_number))
    assert "Not executed" in shown
    assert "The record changed after it was signed." in shown


def test_a_record_that_changed_after_the_review_is_not_offered_for_signature(client):
    """REL-11"""
    lot = stage.make_reviewable_lot()
    stage.review(lot)
    seen = as_seen(lot)
    stage.open_deviation(lot)
    shown = words(page(client, "rosa", "lot_disposition", lot.order.lot_number))
    assert "It is reviewed again before it can be decided" in shown
    assert send(client, "rosa", "lot_disposition", lot, **seen).status_code == 409


def test_a_review_is_returned_through_the_page(client):
    lot = stage.make_reviewable_lot()
    stage.review(lot)
    assert send(client, "rosa", "lot_return", lot, return_reason="").status_code == 422
    assert send(client, "rosa", "lot_return", lot, return_reason="Look again.").status_code == 302
    assert Disposition.objects.get().void_because == "Returned by Rosa Almeida: Look again."


def test_a_lot_that_nobody_has_reviewed_says_so(client):
    lot = stage.make_reviewable_lot()
    shown = words(page(client, "rosa", "lot_disposition", lot.order.lot_number))
    assert "Nobody has decided yet" in shown
