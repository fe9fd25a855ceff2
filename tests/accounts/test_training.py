"""Who is not qualified may look, but neither execute nor sign. P11-09, REL-16"""

import html
import uuid
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from assays import catalogue
from assays import services as assays
from tests import factories
from tests.assays import bench as laboratory
from tests.assays.test_review_run import review
from tests.batches import bench as floor
from tests.batches.test_floor_pages import typed as typed_step
from tests.cast import PASSWORD, person, qualify, sign_in
from tests.release import stage
from tilmfg.accounts import services
from tilmfg.accounts.models import Qualification
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.accounts.training import lack_of, lapsing
from tilmfg.records.days import facility_today
from tilmfg.records.errors import NotAuthorised, UnableTo
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db

SIGNS_QA = signing_code(Role.QA_REVIEWER)
TODAY = facility_today()


def revoke(username, code=None):
    """All of a person's qualifications, or that one."""
    for held in person(username).qualifications.filter(revoked_at=None):
        if code in (None, held.code):
            by = "rosa" if username == "quinn" else "quinn"
            services.revoke_qualification(qualification=held, reason="Training lapsed", by=person(by))


def give(username="olga", *, by="quinn", code=SIGNS_QA, days=30, since=0, reason="Examined on paper"):
    return services.give_qualification(
        person=person(username),
        code=code,
        from_date=TODAY + timedelta(days=since),
        until_date=TODAY + timedelta(days=days),
        reason=reason,
        by=person(by),
    )


# ── Asked for ────────────────────────────────────────────────────────────────────────────────────


def test_a_lapsed_qualification_is_named_with_its_day():
    """P11-09: it ended yesterday."""
    with factories.writing():
        Qualification.objects.create(
            person=person("eve"), code="process: x, version 1", from_date=date(2026, 1, 1),
            until_date=TODAY - timedelta(days=1), given_by=person("quinn"), reason="Trained on paper",
        )  # fmt: skip
    lack = lack_of(person("eve"), "process: x, version 1")
    day = TODAY - timedelta(days=1)
    assert lack == (
        f"Eve Moreau is not qualified for “process: x, version 1”: it lapsed on {day.day} {day:%b %Y}. "
        "QA gives qualifications."
    )


def test_it_counts_on_its_last_day_and_not_before_its_first():
    give("eve", days=0)
    assert not lack_of(person("eve"), SIGNS_QA)
    give("nora", since=1)
    assert "not on record" in lack_of(person("nora"), SIGNS_QA)


def test_a_new_one_after_a_revocation_counts():
    give("eve")
    revoke("eve")
    assert "revoked" in lack_of(person("eve"), SIGNS_QA)
    give("eve", days=3)
    assert not lack_of(person("eve"), SIGNS_QA)


def test_a_new_version_asks_for_a_qualification_of_its_own():
    first = laboratory.approved(catalogue.GRAM_STAIN)
    second = assays.draft_method(**catalogue.GRAM_STAIN, by=person("ana"))
    assert not lack_of(person("ana"), first.qualification)
    assert lack_of(person("ana"), second.qualification)


def test_who_is_not_qualified_begins_no_batch():
    floor.gen2()
    revoke("olga")
    with pytest.raises(NotAuthorised, match="not qualified for “process: gen2-22-days, version 1”"):
        floor.started()


def test_who_is_not_qualified_records_no_step():
    batch = floor.started()
    floor.lay_out(batch, "fragment_and_seed")
    given = floor.arguments(batch, "fragment_and_seed")
    revoke("olga")
    with pytest.raises(NotAuthorised, match="Olga Petrova is not qualified"):
        floor.services.record_step(batch=batch, step="fragment_and_seed", **given)
    for verb, arguments in (
        (floor.services.label_containers, {"counts": {"FL": 1}}),
        (floor.services.scan_container, {"read": "x"}),
        (floor.services.discard_containers, {"prefix": "FL", "reason": "Torn labels"}),
    ):
        with pytest.raises(NotAuthorised, match="not qualified"):
            verb(batch=batch, step="fragment_and_seed", by=person("olga"), **arguments)


def test_who_is_not_qualified_verifies_no_step_of_another():
    execution = floor.record(floor.started(), "fragment_and_seed")
    revoke("tomas")
    with pytest.raises(NotAuthorised, match="Tomás Herrera is not qualified"):
        floor.verify(execution)


def test_who_is_not_qualified_measures_and_reviews_nothing():
    sample = laboratory.received_sample()
    run = laboratory.compute(laboratory.import_plate(sample))
    for username in ("ana", "ines"):
        revoke(username)
    with pytest.raises(NotAuthorised, match="Ana Lindqvist is not qualified for “method"):
        laboratory.import_counts(laboratory.received_sample(), acceptance="No bag is filled yet")
    with pytest.raises(NotAuthorised, match="Inês Carvalho is not qualified"):
        review(run)


def test_who_is_not_qualified_enters_no_result():
    method = laboratory.method_of(catalogue.GRAM_STAIN)
    revoke("ana")
    with pytest.raises(NotAuthorised, match=f"“{method.qualification}”"):
        assays.record_result(
            sample=laboratory.received_sample(purpose="gram_stain"),
            attribute="gram_stain",
            performed_at=timezone.now(),
            text="No organisms seen",
            by=person("ana"),
        )


def test_who_is_not_qualified_to_sign_in_the_role_signs_nothing():
    """REL-16"""
    lot = stage.make_reviewable_lot()
    revoke("quinn")
    with pytest.raises(NotAuthorised, match="“signing: QA reviewer”"):
        stage.review(lot)
    qualify("quinn", SIGNS_QA)
    disposition = stage.review(lot)
    revoke("rosa")
    with pytest.raises(NotAuthorised, match="“signing: QA approver”"):
        stage.sign(disposition)


def test_who_is_not_qualified_may_look(client):
    batch = floor.started()
    revoke("olga")
    sign_in(client, "olga")
    page = client.get(reverse("step", args=[batch.order.lot_number, "fragment_and_seed"])).content.decode()
    assert "Olga Petrova is not qualified" in page
    assert '<form class="record-form"' not in page


def refused_form(answer, *, typed, lacks):
    """What was typed is still there, why it was refused stands above it, and the refusal is on record."""
    page = answer.content.decode()
    assert answer.status_code == 403
    assert all(words in page for words in typed)
    above = page.partition("data-refusal")[2].partition("</div>")[0]
    assert lacks in html.unescape(above)
    assert lacks in Event.objects.filter(name="accounts.user.refused").latest("pk").details["because"]


def test_a_step_that_was_filled_when_the_training_lapsed_keeps_what_was_typed(client):
    batch = floor.started()
    floor.lay_out(batch, "fragment_and_seed")
    typed = typed_step(batch, "fragment_and_seed", window_reason="The surgeon was late.")
    revoke("olga")
    sign_in(client, "olga")
    url = reverse("step", args=[batch.order.lot_number, "fragment_and_seed"])
    answer = client.post(url, typed | key())
    refused_form(answer, typed=["The surgeon was late.", 'value="55"'], lacks="Olga Petrova is not qualified")
    assert not batch.executions.exists()
    incomplete = client.post(url, typed | key() | {"fragments[FL1]": ""})
    assert "The surgeon was late." in incomplete.content.decode()  # refused for that, and just as full


def test_so_do_a_result_a_mask_and_a_review(client):
    sample = laboratory.received_sample()
    run = laboratory.compute(laboratory.import_plate(sample))
    laboratory.method_of(catalogue.STERILITY)
    for username in ("ana", "ines"):
        revoke(username)
    sign_in(client, "ana")
    given = {"text": "No growth", "performed_at": "2026-11-01T10:00", "late_entry_reason": "Read on paper."}
    answer = client.post(reverse("result_new", args=[sample.name, "sterility"]), given | key())
    refused_form(answer, typed=["Read on paper."], lacks="Ana Lindqvist is not qualified for “method")
    given = {"change": "mask", "positions": "C3", "reason": "A bubble at its rim."}
    answer = client.post(reverse("run_mask", args=[run.pk]), given | key())
    refused_form(answer, typed=["A bubble at its rim."], lacks="Ana Lindqvist is not qualified for “method")
    sign_in(client, "ines")
    url = reverse("run_review", args=[run.pk])
    seen = client.get(url).context["form"]["digest"].value()
    given = {"digest": seen, "decision": "review", "reason": "The curve is good.", "password": PASSWORD}
    refused_form(
        client.post(url, given | key()),
        typed=["The curve is good."],
        lacks="Inês Carvalho is not qualified for “signing",
    )


# ── Given and taken ──────────────────────────────────────────────────────────────────────────────


def test_nobody_qualifies_themselves():
    with pytest.raises(UnableTo, match="Nobody qualifies themselves"):
        give("quinn", by="quinn")
    with (
        pytest.raises(DatabaseError, match="nobody_qualifies_themselves"),
        transaction.atomic(),
        factories.writing(),
    ):
        Qualification.objects.create(
            person=person("quinn"),
            code="x",
            from_date=TODAY,
            until_date=TODAY,
            given_by=person("quinn"),
            reason="Mine all",
        )


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"code": "process: none, version 9"}, "code"),
        ({"since": 40}, "until_date"),
        ({"days": -1, "since": -2}, "until_date"),
        ({"reason": " "}, "reason"),
        ({"reason": "n/a"}, "reason"),
    ],
)
def test_it_refuses_what_would_qualify_for_nothing(changed, field):
    with pytest.raises(UnableTo) as refusal:
        give(**changed)
    assert refusal.value.field == field


def test_a_revocation_stays():
    given = give("eve")
    revoke("eve")
    with pytest.raises(UnableTo, match="revoked already"):
        services.revoke_qualification(qualification=given, reason="Once more", by=person("quinn"))


UNREVOKED = "revoked_at = NULL, revoked_by_id = NULL, revoke_reason = ''"


@pytest.mark.parametrize(
    "change", ["until_date = until_date + 1", "code = 'more'", "person_id = given_by_id", UNREVOKED]
)
def test_the_database_only_lets_revoke(change):
    given = give("eve")
    if "revoked_at" in change:
        revoke("eve")
    with (
        pytest.raises(DatabaseError, match="only_revoked"),
        factories.writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE accounts_qualification SET {change} WHERE id = {given.pk}")


def key():
    return {"idempotency_key": str(uuid.uuid4())}


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────


def test_qa_gives_and_revokes_on_pages(client):
    sign_in(client, "quinn")
    url = reverse("qualification_give", args=[person("olga").username])
    typed = {
        "code": SIGNS_QA,
        "from_date": TODAY.isoformat(),
        "until_date": TODAY.isoformat(),
        "reason": "Seen",
    }
    refused = client.post(url, key() | typed | {"reason": "x"})
    assert (refused.status_code, "says nothing" in refused.content.decode()) == (422, True)
    assert client.post(url, key() | typed).status_code == 302
    given = person("olga").qualifications.get(code=SIGNS_QA)
    assert (
        client.post(
            reverse("qualification_revoke", args=[given.pk]), key() | {"reason": "Left the role"}
        ).status_code
        == 302
    )
    page = client.get(reverse("person_training", args=["olga"])).content.decode()
    assert "Left the role" in page


def test_the_matrix_names_what_lapses_within_thirty_days(client):
    give("eve", days=30)
    give("nora", days=31)
    give("olga", days=3)
    give("olga", days=300)
    assert [held.person.username for held in lapsing()] == ["eve"]
    sign_in(client, "vera")
    assert "Eve Moreau" in client.get(reverse("training")).content.decode()


def test_the_matrix_is_turned_page_by_page_and_searched_by_person(client, monkeypatch):
    monkeypatch.setattr("tilmfg.accounts.views.training.PEOPLE_BESIDE_EACH_OTHER", 2)
    names = sorted(person(who).printed_name for who in ("ana", "ines", "olga", "rosa", "vera"))
    sign_in(client, "vera")
    address, seen = reverse("training"), []
    while address:
        context = client.get(address).context
        seen += [one.printed_name for one, _ in context["matrix"].rows]
        assert set(context["matrix"].codes) == {
            held.code for one in context["page"] for held in one.qualifications.all()
        }
        following = context["page"].next
        address = following and f"{reverse('training')}?{urlencode(following)}"
    assert [name for name in seen if name in names] == names
    assert len(seen) == len(set(seen))
    found = client.get(reverse("training"), {"q": "lindq"}).context["matrix"]
    assert [one.username for one, _ in found.rows] == ["ana"]
    assert client.get(reverse("training"), {"after": "nobody"}).status_code == 404


def test_a_person_sees_their_own(client):
    sign_in(client, "olga")
    assert floor.gen2().qualification in client.get(reverse("own_training")).content.decode()
