"""Accounts are reviewed: due after 180 days, and after 200 nobody signs with one. P11-19"""

import uuid
from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.cast import credential, person
from tests.raw_sql import refused, run
from tests.release import stage
from tilmfg.accounts import services
from tilmfg.accounts.models import AccountReview, User
from tilmfg.accounts.services import UnableToReview, remind_of_reviews, review_accounts, service_account
from tilmfg.accounts.signing import why_not
from tilmfg.accounts.standing import accounts, due_for_review, standing_of
from tilmfg.accounts.tasks import remind_of_reviews as beat
from tilmfg.records.context import acting
from tilmfg.records.days import facility_day, facility_today
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import AuditEvent, Effect, Event
from tilmfg.records.outbox import deliver_effect
from tilmfg.records.signatures import UnableToSign

pytestmark = pytest.mark.django_db
WHY = "Asked the head of quality, who named everybody"
DAY = 24 * 60


def review(*names, by="root", decision="confirmed", reason=WHY, seen=None):
    people = [person(name) for name in names]
    seen = seen or {one.username: sorted(one.roles) for one in people}
    return review_accounts(people=people, seen=seen, decision=decision, reason=reason, by=person(by))


# ── Terms ────────────────────────────────────────────────────────────────────────────────────────


def later(**days):
    return time_machine.travel(timezone.now() + timedelta(**days))


@pytest.mark.parametrize(("minutes", "is_due", "signs"), [
    (180 * DAY - 1, False, True), (180 * DAY, True, True), (200 * DAY - 1, True, True), (200 * DAY, True, False),
])  # fmt: skip
def test_it_is_due_after_180_days_and_nobody_signs_after_200(minutes, is_due, signs):
    """Counted from registration by the database's clock, which has not gone on."""
    quinn = person("quinn")
    with later(minutes=minutes):
        assert due_for_review().filter(pk=quinn.pk).exists() == is_due
        lack = why_not("release.lot", parts={"worker": set()}, by=quinn)
    assert bool(lack) != signs
    if lack:
        assert lack.startswith("The account of Quinn O’Hara was not reviewed since")
        assert "A system administrator or a QA approver other than you reviews it" in lack


def test_the_verb_refuses_the_signature_too():
    lot = stage.make_reviewable_lot()
    with later(days=201), pytest.raises(UnableToSign, match="nobody signs after 200 days"):
        stage.review(lot)


def test_a_review_that_confirmed_begins_the_term_anew_and_one_that_revoked_does_not():
    ana, quinn = person("ana"), person("quinn")
    review("ana")
    review("quinn", decision="revoked")
    services.reactivate_user(
        user=quinn, reason="Came back to the house", credential=credential("root"), by=person("root")
    )
    assert standing_of(ana).counted_from == ana.reviews.get().recorded_at > ana.recorded_at
    assert standing_of(quinn).counted_from == quinn.recorded_at
    counted = dict(accounts().filter(pk__in=[ana.pk, quinn.pk]).values_list("username", "counted_from"))
    assert counted == {"ana": ana.reviews.get().recorded_at, "quinn": quinn.recorded_at}


@pytest.mark.django_db(transaction=True)
def test_of_an_old_account_the_database_takes_no_signature_until_it_was_reviewed(servers, slot):
    """The superuser makes the account as old as it would be: nobody else says when somebody was registered."""
    lot, quinn = stage.make_reviewable_lot(), person("quinn")
    with servers.postgresql.admin(slot.database) as admin:
        admin.execute("ALTER TABLE accounts_user DISABLE TRIGGER USER")
        for ago, signs in (("199 days 23:00", True), ("200 days", False)):
            admin.execute(
                "UPDATE accounts_user SET recorded_at = now() - %s::interval WHERE id = %s", [ago, quinn.pk]
            )
            with nullcontext() if signs else refused("the account was not reviewed for 200 days"):
                factories.sign_for(lot, "release.lot", "quinn", "reviewed")
    review("quinn")
    assert factories.sign_for(lot, "release.lot", "quinn", "reviewed").signer == quinn


# ── The review ───────────────────────────────────────────────────────────────────────────────────


def test_several_are_reviewed_at_once_and_each_is_an_event():
    review("ana", "quinn")
    events = Event.objects.filter(name="accounts.account.confirmed").order_by("pk")
    assert [(event.details["username"], event.details["roles"]) for event in events] == [
        ("ana", ["analyst"]), ("quinn", ["qa_reviewer"]),
    ]  # fmt: skip
    audited = AuditEvent.objects.filter(relation="accounts_accountreview", actor="root", reason=WHY)
    assert audited.count() == 2


def test_revoking_deactivates_the_account_and_ends_every_session(client):
    client.force_login(person("ana"))
    review("ana", decision="revoked")
    assert not User.objects.get(username="ana").is_active
    assert client.get(reverse("home")).status_code == 302
    assert Event.objects.get(name="accounts.account.revoked").details["reason"] == WHY


def test_it_refuses_whom_it_must():
    ana = person("ana")
    with pytest.raises(UnableToReview, match="Nobody reviews their own account"):
        review("ana", "root")
    assert not AccountReview.objects.exists()  # all of them or none
    with pytest.raises(UnableToReview, match="at least one person"):
        review()
    with pytest.raises(UnableToReview, match="is no decision"):
        review("ana", decision="perhaps")
    with pytest.raises(UnableToReview, match="State how you know"):
        review("ana", reason=" ")
    with pytest.raises(NotAuthorised, match="A system administrator revokes"):
        review("ana", by="rosa", decision="revoked")
    with pytest.raises(NotAuthorised):
        review("ana", by="quinn")
    services.deactivate_user(user=ana, reason="Left the house", by=person("root"))
    with pytest.raises(ChangedMeanwhile, match="no active account"):
        review("ana")


def test_roles_that_changed_after_the_page_was_opened_are_looked_at_again():
    seen = {"ana": ["analyst"]}
    services.grant_role(
        user=person("ana"),
        role="qa_reviewer",
        reason="Promoted",
        credential=credential("root"),
        by=person("root"),
    )
    with pytest.raises(ChangedMeanwhile, match="The roles of Ana Lindqvist changed"):
        review("ana", seen=seen)


def write(whom, *, actor, by=None, **changed):
    values = {"decision": "confirmed", "reason": WHY} | changed
    with acting(actor=actor, verb="tests.write", reason=WHY), transaction.atomic():
        AccountReview.objects.create(person=whom, reviewed_by=person(by or actor), **values)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"actor": "rosa"}, "nobody_reviews_their_own_account"),
        ({"actor": "quinn"}, "accounts_are_reviewed_by_who_may: not somebody who may"),
        ({"actor": "quinn", "by": "root"}, "accounts_are_reviewed_by_who_may: nobody vouches in the name"),
        ({"actor": "root", "decision": "perhaps"}, "reviews_confirm_or_revoke"),
        ({"actor": "root", "reason": "x"}, "reviews_have_a_reason"),
    ],
)
def test_the_database_takes_no_other_review(given, words):
    rosa = person("rosa")
    for who in {given["actor"], given.get("by", given["actor"])}:
        person(who)
    with refused(words):
        write(rosa, **given)


def test_the_database_keeps_reviews_as_they_were():
    review("ana")
    with refused("append-only"):
        run("UPDATE accounts_accountreview SET decision = 'revoked'")


# ── The reminder ─────────────────────────────────────────────────────────────────────────────────


def test_beat_lists_who_is_due_once_a_week_and_administrators_are_mailed(mailoutbox, settings):
    ana, quinn = person("ana"), person("quinn")
    beat()
    assert not Effect.objects.exists()  # nobody is due
    with later(days=181):
        for _ in range(2):
            beat()
        names = Event.objects.get(name="accounts.reviews.due").details["usernames"]
        assert names.index("ana") < names.index("quinn")
        effect = Effect.objects.get(task="accounts.report_reviews")
        for _ in range(2):
            deliver_effect(effect_id=effect.pk)
        monday = facility_today() + timedelta(days=7)
        assert remind_of_reviews(monday=monday, by=service_account()) == names
    [mail] = mailoutbox
    assert mail.to == settings.TILMFG_ALARMS_TO
    assert mail.subject == f"[tilmfg] {len(names)} accounts are due for review"
    signs_until = facility_day(quinn.recorded_at + timedelta(days=200))
    assert mail.body.index("Ana Lindqvist (ana)") < mail.body.index("Quinn O’Hara (quinn)")
    assert f"registered {facility_day(ana.recorded_at)}, signs until {signs_until}" in mail.body
    assert settings.TILMFG_ORIGIN + reverse("account_reviews") in mail.body


def test_what_was_reviewed_before_the_mail_left_is_not_mailed(mailoutbox):
    person("quinn")
    with later(days=181):
        beat()
    deliver_effect(effect_id=Effect.objects.get(task="accounts.report_reviews").pk)  # now nobody is due
    assert not mailoutbox


def test_it_is_in_the_schedule(settings):
    assert "accounts.remind_of_reviews" in {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}


# ── The page ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def send(client):
    def send(by, *people, decision="confirmed", reason=WHY):
        client.force_login(person(by))
        sent = {"people": people, "decision": decision, "reason": reason}
        url = reverse("account_reviews") + "?show=everybody"
        return client.post(url, sent | {"idempotency_key": str(uuid.uuid4())})

    return send


def test_people_are_ticked_on_the_page_and_what_is_wrong_stays(send, client):
    person("ana"), person("quinn")
    client.force_login(person("rosa"))
    page = client.get(reverse("account_reviews")).content.decode()
    assert "No account is due for review." in page
    page = client.get(reverse("account_reviews"), {"show": "everybody"}).content.decode()
    assert page.index("Ana Lindqvist") < page.index("Quinn O’Hara")  # the longest unreviewed first
    assert ('value="ana:analyst"' in page, 'value="rosa:' in page) == (True, False)
    assert send("root", "ana:analyst", reason="x").status_code == 422
    kept = send("root", "ana:analyst", reason="").content.decode()
    assert 'value="ana:analyst" aria-label="Ana Lindqvist" checked' in kept
    changed = send("root", "ana:qa_approver")
    assert (changed.status_code, 'Lindqvist" checked' in changed.content.decode()) == (409, False)
    for wrong in ((), ("ana",), ("nobody:analyst",)):
        assert send("root", *wrong).status_code == 422
    assert not AccountReview.objects.exists()
    assert send("root", "ana:analyst", "quinn:qa_reviewer").status_code == 302
    said = client.get(reverse("account_reviews"), {"show": "everybody"})
    assert "2 accounts confirmed." in said.content.decode()
    assert [one.username for one in said.context["page"]][-2:] == ["ana", "quinn"]
    assert send("quinn", "ana:analyst").status_code == 403
    send("root", "ana:analyst", decision="revoked")
    assert not User.objects.get(username="ana").is_active


def test_it_stands_on_the_first_page_of_those_who_review(client):
    person("quinn")
    for who in ("root", "rosa"):
        person(who)
    with later(days=181):
        for who in ("root", "rosa"):
            client.force_login(person(who))
            assert "accounts to review" in client.get(reverse("home")).content.decode()


def many(numbers):
    User.objects.bulk_create(
        [User(username=f"z{number:03}", printed_name=f"Person {number:03}") for number in numbers]
    )


@pytest.mark.parametrize(("name", "query", "most"), [
    ("account_reviews", {"show": "everybody"}, 7), ("people", {"q": "person"}, 7),
])  # fmt: skip
def test_lists_are_paged_and_ask_as_much_for_many(client, name, query, most):
    client.force_login(person("root"))
    with factories.writing():
        many([0])

    def asked():
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse(name), query)
        return sum("SAVEPOINT" not in query["sql"] for query in queries.captured_queries), page

    asked()
    for_one, _ = asked()
    with factories.writing():
        many(range(1, 55))
    for_many, first = asked()
    assert for_many == for_one <= most
    second = client.get(reverse(name), query | first.context["page"].next)
    names = [one.username for page in (first, second) for one in page.context["page"]]
    assert [one for one in names if one.startswith("z")] == [f"z{number:03}" for number in range(55)]
    assert second.context["page"].next is None
    for wrong in ("x", "[]", '["2026", "x"]', "3", '[{"a": 1}, 2]'):
        assert client.get(reverse(name), query | {"after": wrong}).status_code == 404
