"""A lock is reported at once, by mail and on the pages of those who can act; P11-21"""

import re
from email import message_from_string

import pytest
from django.urls import reverse

from tests.cast import person
from tests.mail_server import mail_server
from tilmfg.accounts.alarms import UnableToMail
from tilmfg.accounts.models import Lock
from tilmfg.accounts.proof import begin_sign_in, prove_signer
from tilmfg.embedded.processes import wait_until
from tilmfg.records.models import Effect
from tilmfg.records.outbox import deliver_effect

WRONG = "not the right password"


def lock_quinn():
    """Wrong at sign-in and at a signature: one count."""
    for _ in range(3):
        begin_sign_in(name="quinn", password=WRONG)
    for _ in range(2):
        prove_signer(password=WRONG, by=person("quinn"))


@pytest.mark.django_db
def test_the_fifth_wrong_try_promises_one_mail_and_those_before_none():
    person("quinn")
    for _ in range(4):
        begin_sign_in(name="quinn", password=WRONG)
    assert not Effect.objects.exists()
    for _ in range(3):
        begin_sign_in(name="quinn", password=WRONG)
    effect = Effect.objects.get()
    assert (effect.task, effect.arguments) == ("accounts.report_lock", {"lock_id": Lock.objects.get().pk})


@pytest.mark.django_db
def test_the_mail_says_who_when_and_where_to_go(mailoutbox, settings):
    person("quinn")
    lock_quinn()
    effect = Effect.objects.get()
    for _ in range(2):
        deliver_effect(effect_id=effect.pk)
    [mail] = mailoutbox
    assert mail.to == settings.TILMFG_ALARMS_TO
    assert mail.subject == "[tilmfg] Account quinn is locked"
    assert "Quinn O’Hara (quinn)" in mail.body
    assert f"{Lock.objects.get().locked_at:%Y-%m-%d %H:%M:%S} UTC" in mail.body
    assert "The last: signature" in mail.body
    assert settings.TILMFG_ORIGIN + reverse("person_unlock", args=["quinn"]) in mail.body
    assert WRONG not in mail.body


@pytest.mark.django_db
def test_a_mail_that_nobody_could_be_sent_is_tried_again_and_says_why(settings):
    settings.TILMFG_ALARMS_TO = []
    person("quinn")
    lock_quinn()
    effect = Effect.objects.get()
    with pytest.raises(UnableToMail):
        deliver_effect(effect_id=effect.pk)
    effect.refresh_from_db()
    assert effect.done_at is None
    assert "TILMFG_ALARMS_TO" in effect.last_error


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["root", "quinn"])
def test_it_stands_on_the_first_page_of_those_who_can_act(client, username):
    person("ana")
    for _ in range(5):
        begin_sign_in(name="ana", password=WRONG)
    client.force_login(person(username))
    assert "account locked after wrong tries" in client.get(reverse("home")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_mail_is_there_within_a_minute_by_a_real_worker(monkeypatch, request):
    with mail_server() as (address, taken):
        monkeypatch.setenv("TILMFG_MAIL_URL", address)
        monkeypatch.setenv("TILMFG_MAIL_FROM", "tilmfg@til.example.org")
        monkeypatch.setenv("TILMFG_ALARMS_TO", "root@til.example.org,duty@til.example.org")
        request.getfixturevalue("celery_worker")
        person("quinn")
        lock_quinn()
        wait_until(lambda: taken, seconds=60, problem="No mail came.")
        wait_until(lambda: Effect.objects.get().done_at, seconds=10, problem="The effect is not done.")
    [mail] = map(message_from_string, taken)
    assert mail["To"] == "root@til.example.org, duty@til.example.org"
    assert mail["From"] == "tilmfg@til.example.org"
    assert re.fullmatch(r"<lock-\d+@til\.example\.org>", mail["Message-ID"])
    assert "/accounts/people/quinn" in mail.get_payload(decode=True).decode()
