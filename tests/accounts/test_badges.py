"""A badge and a PIN open a tablet again for who logged in on it that day, and sign nothing. P11-16, P11-20."""

from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.cast import PASSWORD, code_of, credential, person, sign_in, with_authenticator
from tilmfg.accounts import pins
from tilmfg.accounts.models import Attempt, Badge, Device, Pin, Presence
from tilmfg.accounts.services import (
    UnableToChoosePin,
    UnableToIssueBadge,
    choose_pin,
    furnish_pin,
    issue_badge,
    register_device,
    revoke_role,
    service_account,
    withdraw_badge,
    withdraw_device,
)
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import AuditEvent

pytestmark = pytest.mark.django_db

PIN, REASON = "271828", "Works in the clean room"


@pytest.fixture
def tablet():
    """The browser of a tablet that root registered."""
    client = Client()
    client.force_login(person("root"))
    page = client.get(reverse("tablet_register"))
    sent = {"idempotency_key": page.context["form"]["idempotency_key"].value()}
    answer = client.post(reverse("tablet_register"), sent | {"name": "Cabinet 1", "reason": REASON})
    assert answer.status_code == HTTPStatus.FOUND
    client.post(reverse("logout"))
    return client


def with_badge(username):
    with_authenticator(username)
    code = issue_badge(user=person(username), reason=REASON, credential=credential("root"), by=person("root"))
    furnish_pin(user=person(username), pin=PIN, by=service_account())
    return code


def log_in(client, username):
    client.post(reverse("login"), {"username": username, "password": PASSWORD})
    client.post(reverse("login_code"), {"one_time_code": code_of(person(username))})
    assert who(client) == username


def who(client):
    answer = client.get(reverse("account"))
    return answer.wsgi_request.user.username if answer.status_code == HTTPStatus.OK else None


def unlock(client, badge, pin=PIN, **more):
    return client.post(reverse("unlock"), {"badge": badge, "pin": pin, **more})


def lock(client):
    client.post(reverse("lock"))
    assert who(client) is None


class TestUnlocking:
    def test_who_logged_in_here_today_locks_and_unlocks(self, tablet):
        badge = with_badge("olga")
        log_in(tablet, "olga")
        began = tablet.session["signed_in_at"]
        lock(tablet)
        answer = unlock(tablet, badge, next=reverse("floor"))
        assert answer.url == reverse("floor")
        assert who(tablet) == "olga"
        assert abs(tablet.session["signed_in_at"] - began) < 5  # twelve hours count from the password
        assert Attempt.objects.filter(user=person("olga"), purpose="unlock").get().outcome == "unlocked"

    def test_two_people_take_turns_on_one_tablet(self, tablet):
        olga, tomas = with_badge("olga"), with_badge("tomas")
        for username in ("olga", "tomas"):
            log_in(tablet, username)
            lock(tablet)
        for badge, username in ((olga, "olga"), (tomas, "tomas"), (olga, "olga")):
            unlock(tablet, badge)
            assert who(tablet) == username
            lock(tablet)

    def test_it_signs_nothing_before_password_and_code(self, tablet):
        """The next signature asks for all of it, whatever was signed before the screen was locked."""
        badge = with_badge("olga")
        log_in(tablet, "olga")
        session = tablet.session
        session["signed_with_all"] = True
        session.save()
        lock(tablet)
        unlock(tablet, badge)
        form = tablet.get(reverse("recovery_codes_issue")).context["form"]
        assert {"password", "one_time_code"} <= set(form.fields)

    def test_an_ended_session_leads_to_the_lock_screen_and_back(self, tablet):
        badge = with_badge("olga")
        log_in(tablet, "olga")
        del tablet.cookies[settings.SESSION_COOKIE_NAME]
        answer = tablet.get(reverse("floor"), follow=True)
        assert answer.redirect_chain[-1][0].startswith(reverse("unlock"))
        assert "Olga Petrova" in answer.content.decode()
        assert unlock(tablet, badge, next=answer.context["next"]).url == reverse("floor")

    def test_it_leads_to_no_other_host(self, tablet):
        badge = with_badge("olga")
        log_in(tablet, "olga")
        lock(tablet)
        assert unlock(tablet, badge, next="https://elsewhere.example/").url == reverse("home")


def expect_closed(tablet, badge, words, pin=PIN):
    answer = unlock(tablet, badge, pin)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in answer.content.decode()
    assert who(tablet) is None


class TestWhatStaysLocked:
    def test_a_tablet_on_which_the_person_did_not_log_in(self, tablet):
        badge = with_badge("olga")
        expect_closed(tablet, badge, "Log in with password and code first")
        assert Attempt.objects.latest("id").outcome == "absent"

    def test_twelve_hours_after_the_password(self, tablet):
        badge = with_badge("olga")
        log_in(tablet, "olga")
        lock(tablet)
        presence = Presence.objects.get()
        refused(
            "UPDATE accounts_presence SET began_at = began_at + interval '12 hours'", [], "presences_end_once"
        )
        with time_machine.travel(presence.began_at + timedelta(hours=12, minutes=1)):
            unlock(tablet, badge)
            assert who(tablet) is None  # the session would be over before it began

    @pytest.mark.parametrize("left", ["logged out", "role revoked", "badge withdrawn", "tablet withdrawn"])
    def test_after_the_person_or_the_tablet_is_gone(self, tablet, left):
        badge = with_badge("olga")
        log_in(tablet, "olga")
        if left == "logged out":
            tablet.post(reverse("logout"))
        else:
            lock(tablet)
        root = person("root")
        if left == "role revoked":
            revoke_role(user=person("olga"), role="technician", reason="Moved to another team", by=root)
        elif left == "badge withdrawn":
            withdraw_badge(user=person("olga"), reason="Lost on the way home", by=root)
        elif left == "tablet withdrawn":
            withdraw_device(device=Device.objects.get(), reason="Stolen from the airlock", by=root)
        assert unlock(tablet, badge).status_code in (
            HTTPStatus.UNPROCESSABLE_ENTITY,
            HTTPStatus.NOT_FOUND,
        )
        assert who(tablet) is None

    def test_another_browser(self, tablet):
        badge = with_badge("olga")
        log_in(tablet, "olga")
        assert unlock(Client(), badge).status_code == HTTPStatus.NOT_FOUND

    def test_a_badge_that_nobody_has(self, tablet):
        expect_closed(tablet, "NOBODYS", "Badge and PIN do not fit.")
        assert Attempt.objects.latest("id").outcome == "unknown"

    def test_wrong_pins_and_wrong_passwords_lock_the_account_together(self, tablet):
        badge = with_badge("olga")
        log_in(tablet, "olga")
        lock(tablet)
        for _ in range(2):
            assert not credential("olga", "wrong").is_accepted
        for _ in range(2):
            expect_closed(tablet, badge, "do not fit", pin="314159")
        expect_closed(tablet, badge, "locked after 5 wrong tries", pin="314159")
        expect_closed(tablet, badge, "locked after 5 wrong tries")
        assert not credential("olga").is_accepted

    def test_a_right_pin_gives_no_new_guesses_at_the_password(self, tablet):
        badge = with_badge("olga")
        log_in(tablet, "olga")
        lock(tablet)
        for _ in range(4):
            assert not credential("olga", "wrong").is_accepted
        unlock(tablet, badge)
        assert "locked" in str(credential("olga", "wrong").refusal)


class TestBadges:
    def test_they_are_kept_as_digests_and_shown_once(self, client):
        sign_in(client, "root")
        page = client.get(reverse("badge_issue", args=[person("olga").username]))
        sent = {"idempotency_key": page.context["form"]["idempotency_key"].value(), "reason": REASON}
        client.post(reverse("badge_issue", args=["olga"]), sent | {"password": PASSWORD})
        code = client.get(reverse("person", args=["olga"])).context["new_badge"]
        assert len(code) == 28
        assert code not in client.get(reverse("person", args=["olga"])).content.decode()
        assert not AuditEvent.objects.filter(content__icontains=code).exists()

    def test_a_new_one_ends_the_one_before_and_its_pin(self, tablet):
        old = with_badge("olga")
        issue_badge(
            user=person("olga"), reason="The old one broke", credential=credential("root"), by=person("root")
        )
        log_in(tablet, "olga")
        lock(tablet)
        expect_closed(tablet, old, "do not fit")
        assert Badge.objects.filter(user=person("olga"), withdrawn_at=None).count() == 1
        assert not Pin.objects.filter(badge__withdrawn_at=None).exists()

    @pytest.mark.parametrize("username", ["rosa", "adam", "vera", "sam", "eve"])
    def test_they_are_for_who_works_on_the_floor(self, username):
        with pytest.raises(UnableToIssueBadge, match="administers nothing"):
            issue_badge(
                user=person(username), reason=REASON, credential=credential("root"), by=person("root")
            )

    @pytest.mark.parametrize("username", ["olga", "quinn", "rosa", "adam", "vera"])
    def test_a_system_administrator_issues_them(self, username):
        with pytest.raises(NotAuthorised):
            issue_badge(user=person("tomas"), reason=REASON, by=person(username))
        with pytest.raises(NotAuthorised):
            register_device(name="Mine", reason=REASON, by=person(username))

    def test_nobody_chooses_the_code_of_one(self):
        with pytest.raises(UnableToIssueBadge, match="drawn"):
            issue_badge(
                user=person("olga"),
                reason=REASON,
                credential=credential("root"),
                by=person("root"),
                code="MINE",
            )


class TestPins:
    @pytest.mark.parametrize(
        "pin",
        ["12345", "1234567890123", "27182x", "111111", "121212", "112233", "123456", "987654", "901234",
         "12341234", "246802", "٢٧١٨٢٨"],
    )  # fmt: skip
    def test_it_refuses_what_others_try_first(self, pin):
        assert pins.why_refused(pin)

    @pytest.mark.parametrize("pin", ["271828", "902417", "123457", "000123456"])
    def test_it_takes_others(self, pin):
        assert not pins.why_refused(pin)

    def test_their_owner_chooses_them_with_password_and_code(self, client):
        with_badge("olga")
        client.force_login(person("olga"))
        page = client.get(reverse("pin_choose"))
        sent = {
            "idempotency_key": page.context["form"]["idempotency_key"].value(),
            "pin": "314159",
            "pin_again": "314159",
            "password": PASSWORD,
        }
        assert client.post(reverse("pin_choose"), sent).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        sent["one_time_code"] = code_of(person("olga"))
        assert client.post(reverse("pin_choose"), sent).url == reverse("account")
        assert Pin.objects.filter(replaced_at=None).get().badge.user == person("olga")
        assert not AuditEvent.objects.filter(content__icontains="314159").exists()

    def test_a_password_alone_chooses_none(self):
        with_badge("olga")
        with pytest.raises(UnableToChoosePin, match="code"):
            choose_pin(pin="314159", credential=credential("olga"), by=person("olga"))


def refused(sql, values, rule):
    with (
        factories.writing(),
        pytest.raises(DatabaseError, match=rule),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, values)


class TestTheDatabase:
    """As the application role, past every verb."""

    def test_it_keeps_one_badge_of_a_person_and_one_person_of_a_badge(self):
        with_badge("olga")
        digest = Badge.objects.get().digest
        insert = "INSERT INTO accounts_badge (user_id, digest, issued_by_id, withdrawal_reason) VALUES (%s, %s, %s, '')"
        root = person("root").pk
        refused(insert, [person("olga").pk, "another", root], "one_badge_of_a_person_at_a_time")
        refused(insert, [person("tomas").pk, digest, root], "digest")
        refused(insert, [root, "own", root], "nobody_issues_their_own_badge")

    def test_it_keeps_no_pin_without_a_badge_and_nothing_comes_back(self):
        with_badge("olga")
        badge = Badge.objects.get().pk
        refused("UPDATE accounts_pin SET hashed = 'another'", [], "pins_are_replaced_once")
        withdraw_badge(user=person("olga"), reason="Lost on the way home", by=person("root"))
        refused(
            "INSERT INTO accounts_pin (badge_id, hashed) VALUES (%s, 'x')", [badge], "pins_go_with_a_badge"
        )
        refused(
            "UPDATE accounts_badge SET withdrawn_at = NULL, withdrawn_by_id = NULL, withdrawal_reason = '' "
            "WHERE id = %s",
            [badge],
            "badges_are_withdrawn_once",
        )

    def test_nobody_is_present_by_less_than_a_whole_sign_in(self, tablet):
        with_badge("olga")
        credential("olga")  # right, but a signature's
        insert = (
            "INSERT INTO accounts_presence (device_id, user_id, attempt_id, bound_to) VALUES (%s, %s, %s, '')"
        )
        values = [Device.objects.get().pk, person("olga").pk, Attempt.objects.latest("id").pk]
        refused(insert, values, "presences_begin_with_a_whole_sign_in")

    def test_a_badge_opens_nothing_else_and_only_where_somebody_logged_in(self, tablet):
        with_badge("olga")
        insert = (
            "INSERT INTO accounts_attempt (name, user_id, purpose, outcome, with_code, device_id) "
            "VALUES ('olga', %s, %s, %s, false, %s)"
        )
        olga, here = person("olga").pk, Device.objects.get().pk
        refused(insert, [olga, "unlock", "unlocked", here], "badges_open_where_somebody_logged_in")
        refused(insert, [olga, "unlock", "accepted", here], "badges_unlock_tablets_and_nothing_else")
        refused(insert, [olga, "signature", "unlocked", None], "badges_")
        refused(insert, [olga, "unlock", "wrong_pin", None], "badges_unlock_tablets_and_nothing_else")
