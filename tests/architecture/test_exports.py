"""Whatever hands records out leaves an event of chain `facility:exports`: no API route and no command is forgotten."""

import hashlib
import json
from io import StringIO

import pytest
from django.core.management import call_command, get_commands
from django.urls import get_resolver, reverse

from tests import factories
from tests.cast import person
from tilmfg.records.exports import CHAIN
from tilmfg.records.models import Event
from tilmfg.validation import versions

pytestmark = pytest.mark.django_db

# A command that hands out records, with what it is asked here; or why it hands out none.
COMMANDS = {
    "export_chain": ["{chain}"],
    "recalculate_runs": ["--jobs", "1"],
    "validation_pack": ["--incomplete", "--results", "{folder}/results.xml", "--out", "{folder}"],
    "check_catalogue": "It says where the database differs from its declaration.",
    "demonstration_code": "A code of an invented person.",
    "demonstration_facility": "Names and passwords of invented people.",
    "prepare_database": "There is no record yet.",
    "register_administrator": "An invitation, whose event is that of the verb.",
    "rotate_vault_key": "Numbers of what was sealed anew.",
    "verify_records": "Which place is broken, by chain, number, table and key; never what stands there.",
}
ABOUT_THE_PROGRAM = {"api_schema", "api_about"}

OURS = sorted(
    name
    for name, app in get_commands().items()
    if isinstance(app, str) and app.startswith(("tilmfg", "assays"))
)
API = sorted(each.name for each in get_resolver("tilmfg.api.urls").url_patterns)


def exports():
    return list(Event.objects.filter(chain=CHAIN).order_by("pk"))


def test_every_command_is_listed():
    assert sorted(COMMANDS) == OURS


@pytest.mark.parametrize("name", [name for name, words in COMMANDS.items() if isinstance(words, list)])
def test_a_command_that_hands_out_records_is_on_record(name, tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "commit", lambda: "")
    (tmp_path / "results.xml").write_text(
        '<testsuites><testsuite timestamp="2026-11-29T12:00:00+00:00"/></testsuites>'
    )
    words = [word.format(chain="facility:accounts", folder=tmp_path) for word in COMMANDS[name]]
    out = StringIO()
    call_command(name, *words, stdout=out)
    *begun, told = exports()
    assert told.name == "records.file.exported"
    assert told.actor.is_service
    assert told.details["account"]
    written = [file.read_bytes() for file in tmp_path.glob("VAL-*")] or [out.getvalue().encode()]
    assert told.details["sha256"] in {hashlib.sha256(content).hexdigest() for content in written}
    assert len(begun) + 1 == max(2, len(written))
    assert {event.details["kind"] for event in begun} == {told.details["kind"]}


@pytest.mark.parametrize("name", API)
def test_an_answer_of_the_api_is_on_record(name, client):
    lot = factories.make_lot()
    known = {"lot_number": lot.number, "coi_id": lot.order.coi_id}
    [pattern] = [each for each in get_resolver("tilmfg.api.urls").url_patterns if each.name == name]
    asked = {place: known[place] for place in pattern.pattern.converters}
    client.force_login(person("vera"))
    answer = client.get(reverse(name, kwargs=asked), {"typed": "Somebody"})
    assert answer.status_code == 200
    if name in ABOUT_THE_PROGRAM:
        assert exports() == []
        return
    [told] = exports()
    assert (told.name, told.actor.username) == ("records.file.exported", "vera")
    results = json.loads(answer.content).get("results")
    assert told.details == {
        "file": answer.wsgi_request.path,
        "kind": told.details["kind"],
        "asked": asked,
        "rows": 1 if results is None else len(results),
        "sha256": hashlib.sha256(answer.content).hexdigest(),
    }
