"""How long a session lasts and what ends it; P11-20, SEC-07."""

import re
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.cast import PASSWORD, person
from tilmfg.accounts.models import User
from tilmfg.accounts.tasks import sweep_sessions
from tilmfg.celery import app

pytestmark = pytest.mark.django_db


@pytest.fixture
def quinn(client):
    client.force_login(person("quinn"))
    return client


def is_in(client):
    return client.get(reverse("home")).status_code == HTTPStatus.OK


def test_fifteen_minutes_without_a_request_end_it_on_the_server(quinn):
    assert is_in(quinn)
    session = Session.objects.get(session_key=quinn.session.session_key)
    assert timedelta(minutes=14) < session.expire_date - timezone.now() <= timedelta(minutes=15)
    Session.objects.update(expire_date=timezone.now())
    assert not is_in(quinn)


def test_requests_keep_it_alive_but_not_beyond_twelve_hours(quinn):
    begin = timezone.now()
    with time_machine.travel(begin, tick=False) as clock:
        quinn.force_login(person("quinn"))
        for _ in range(71):
            clock.shift(timedelta(minutes=10))
            assert is_in(quinn)
        clock.shift(timedelta(minutes=9))
        assert is_in(quinn)
        assert Session.objects.get(session_key=quinn.session.session_key).expire_date <= begin + timedelta(
            hours=12
        )
        clock.shift(timedelta(minutes=1, seconds=1))
        assert not is_in(quinn)


PROGRESS = "lot_progress", "run_progress"


@pytest.mark.parametrize("name", PROGRESS)
def test_a_page_that_asks_by_itself_keeps_no_session_alive(quinn, name):
    """Else work that hangs would keep a tablet open that everybody left."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        quinn.force_login(person("quinn"))
        assert is_in(quinn)
        for _ in range(15):
            quinn.get(reverse(name, args=[0]))
            clock.shift(timedelta(minutes=1, seconds=1))
        assert not is_in(quinn)


def test_every_page_that_asks_by_itself_is_known():
    asking = re.compile(r"""hx-get="{% url '(\w+)'[^>]*hx-trigger="(?:every|load)""")
    templates = [file for root in ("templates", "tilmfg", "assays") for file in Path(root).rglob("*.html")]
    asked = {name for file in templates for name in asking.findall(file.read_text())}
    assert asked == set(PROGRESS)


def test_ended_sessions_are_swept_and_others_stay(quinn):
    other = Client()
    other.force_login(person("rosa"))
    Session.objects.filter(session_key=other.session.session_key).update(expire_date=timezone.now())
    sweep_sessions()
    assert [session.session_key for session in Session.objects.all()] == [quinn.session.session_key]
    assert is_in(quinn)


def test_beat_sweeps_them():
    app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE["sessions"]["task"] == sweep_sessions.name
    assert app.tasks[sweep_sessions.name]


def test_a_session_that_does_not_say_when_it_began_has_ended(quinn):
    session = quinn.session
    del session["signed_in_at"]
    session.save()
    assert not is_in(quinn)


def test_a_raised_epoch_ends_every_session_at_once(quinn):
    other = Client()
    other.force_login(person("quinn"))
    with factories.writing():
        User.objects.filter(pk=person("quinn").pk).update(session_epoch=F("session_epoch") + 1)
    assert not is_in(quinn)
    assert not is_in(other)


@pytest.mark.parametrize("change", [{"password": "md5$another"}, {"is_active": False}])
def test_another_password_or_a_deactivated_account_ends_it(quinn, change):
    with factories.writing():
        User.objects.filter(pk=person("quinn").pk).update(**change)
    assert not is_in(quinn)


def test_signing_in_changes_the_key_of_a_session_that_was_there_before(client):
    person("quinn")
    client.force_login(person("rosa"))
    planted = client.session.session_key
    client.post(reverse("logout"))
    client.post(reverse("login"), {"username": "quinn", "password": PASSWORD})
    assert client.session.session_key not in (None, planted)


def test_the_session_cookie_is_for_the_server_alone(client):
    person("quinn")
    client.post(reverse("login"), {"username": "quinn", "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        True,
        "Lax",
        "/",
        "",
    )
