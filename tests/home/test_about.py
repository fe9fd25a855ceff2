"""The running version is shown, and every record lies after the beginning of the one that made it. P11-11."""

import pytest
from django.urls import reverse

from tests.cast import person
from tilmfg.home.versions import BEGAN, CHAIN, note_version
from tilmfg.records.models import AuditEvent, Event
from tilmfg.validation import versions

pytestmark = pytest.mark.django_db


@pytest.fixture
def commit(settings):
    """As an image is told it, which has no repository to ask."""

    def commit(text):
        settings.TILMFG_COMMIT = text
        versions.running.cache_clear()

    yield commit
    versions.running.cache_clear()


def test_the_page_and_the_api_show_commit_migrations_and_rules(client, commit):
    commit("5ea809ff5b79d0c1")
    note_version()
    client.force_login(person("vera"))
    page = client.get(reverse("about")).content.decode()
    told = client.get(reverse("api_about")).json()
    assert told == versions.running()
    assert told["commit"] == "5ea809ff5b79d0c1"
    assert told["rules"] == versions.rules_digest()
    for shown in (told["commit"], told["rules"], told["migrations"]["release"]):
        assert shown in page


def test_where_no_commit_is_known_the_page_says_so(client, commit, monkeypatch):
    commit("")
    monkeypatch.setattr(versions, "_git", lambda *words: "")
    client.force_login(person("eve"))
    assert (
        "not known: the program was put here without its repository" in client.get("/about").content.decode()
    )


def test_each_version_that_begins_is_one_event_of_the_trail(commit):
    for text in ("one", "one", "two", "one"):
        commit(text)
        note_version()
    began = Event.objects.filter(chain=CHAIN, name=BEGAN).order_by("pk")
    assert [event.details["commit"] for event in began] == ["one", "two", "one"]
    assert AuditEvent.objects.filter(chain=CHAIN).count() == 3
