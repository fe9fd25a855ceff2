"""The API tells what the pages tell, in as many questions for a long record as for a short one."""

import json
from datetime import datetime
from hashlib import sha256

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from tests import factories
from tests.cast import person
from tests.release import stage
from tilmfg.records.models import Event
from tilmfg.release.states import LotState

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client):
    def answer(username, name, *arguments, **query):
        client.force_login(person(username))
        return client.get(reverse(name, args=arguments), query)

    return answer


@pytest.fixture
def questions(client):
    def count(username, name, *arguments):
        client.force_login(person(username))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name, args=arguments)).status_code == 200
        return sum("SAVEPOINT" not in query["sql"] for query in queries.captured_queries)

    return count


def events_of(lot, number):
    with factories.writing("olga"):
        for step in range(number):
            Event.objects.create(
                name="batches.step.recorded",
                chain=lot.chain,
                subject_kind="batches.step",
                subject_id=step + 1,
                actor=person("olga"),
                details={"step": step},
            )


def is_utc(text):
    return bool(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))  # noqa: DTZ007


class TestLots:
    def test_they_come_newest_first_and_of_one_state(self, ask):
        expanding, released = factories.make_lot(), factories.make_lot(state=LotState.RELEASED)
        everything = ask("vera", "api_lots").json()["results"]
        assert [lot["lot_number"] for lot in everything] == [released.number, expanding.number]
        [found] = ask("vera", "api_lots", state="released").json()["results"]
        assert found["lot_number"] == released.number
        assert found["site"] == {"code": "07", "name": "University Hospital 07"}

    def test_an_unknown_state_is_named_with_what_is_allowed(self, ask):
        answer = ask("vera", "api_lots", state="relased")
        assert answer.status_code == 400
        [error] = answer.json()["state"]
        assert "“relased”" in error
        assert "released" in error

    def test_they_are_turned_by_a_cursor(self, ask, client, monkeypatch):
        monkeypatch.setattr("tilmfg.api.paging.NewestFirst.page_size", 2)
        made = [factories.make_lot().number for _ in range(3)]
        first = ask("vera", "api_lots").json()
        second = client.get(first["next"]).json()
        turned = [lot["lot_number"] for lot in first["results"] + second["results"]]
        assert turned == made[::-1]
        assert second["next"] is None

    def test_a_site_gets_its_own(self, ask):
        own = factories.make_lot(order=factories.make_order(site=factories.make_site("07", "sam")))
        factories.make_lot(order=factories.make_order(site=factories.make_site("12")))
        shown = ask("sam", "api_lots").json()["results"]
        assert [lot["lot_number"] for lot in shown] == [own.number]

    def test_many_ask_as_much_as_one(self, questions):
        factories.make_lot()
        for_one = questions("vera", "api_lots")
        for _ in range(4):
            factories.make_lot()
        assert questions("vera", "api_lots") == for_one <= 10


class TestOneLot:
    def test_a_decided_lot_shows_its_criteria_and_who_signed(self, ask):
        """P11-13"""
        lot = stage.make_reviewable_lot()
        stage.decide(lot)
        told = ask("vera", "api_lot", lot.number).json()
        assert told["state"] == "released"
        assert told["coi_id"] == lot.order.coi_id
        assert told["evaluation"]["verdict"] == "conforms"
        assert {outcome["outcome"] for outcome in told["evaluation"]["outcomes"]} == {"pass"}
        assert is_utc(told["evaluation"]["evaluated_at"])
        [decision] = told["decisions"]
        assert (decision["decision"], decision["standing"]) == ("release", "executed")
        signed = [(one["printed_name"], one["meaning_in_words"]) for one in decision["signatures"]]
        assert signed == [
            ("Quinn O’Hara", "Reviewed: the record is complete and correct"),
            ("Rosa Almeida", "Approved: I decide as stated"),
        ]
        assert all(is_utc(one["signed_at"]) and one["status"] == "valid" for one in decision["signatures"])
        for one in decision["signatures"]:
            assert sha256(one["content"].encode()).hexdigest() == one["content_digest"]
            assert json.loads(one["content"])["dossier"]["order"]["lot_number"] == lot.number
        assert told["blockers"] == []

    def test_a_signature_over_changed_measurements_says_that_it_does_not_count(self, ask):
        lot = stage.make_reviewable_lot()
        stage.decide(lot)
        stage.supersede(stage.result_of(lot, "viability"), "91.2")
        [decision] = ask("vera", "api_lot", lot.number).json()["decisions"]
        assert {one["because"] for one in decision["signatures"]} == {
            "Measurements were changed after signing, by tests."
        }

    def test_an_open_lot_says_what_blocks_it(self, ask):
        lot = stage.make_tested_lot(leave_out=["sterility"])
        stage.evaluate(lot)
        told = ask("quinn", "api_lot", lot.number).json()
        assert told["evaluation"]["verdict"] == "incomplete"
        assert "Sterility is missing: No result yet." in [blocker["sentence"] for blocker in told["blockers"]]

    def test_a_site_is_told_what_its_page_tells(self, ask):
        lot = factories.make_lot(order=factories.make_order(site=factories.make_site("07", "sam")))
        told = ask("sam", "api_lot", lot.number).json()
        assert told["state"] == "expanding"
        assert not told.keys() & {"evaluation", "blockers", "decisions"}

    def test_a_long_record_asks_as_much_as_a_short_one(self, questions):
        lot = stage.make_reviewable_lot()
        stage.review(lot)
        for_short = questions("vera", "api_lot", lot.number)
        for _ in range(3):
            factories.make_sample(batch=lot.order.batch)
        events_of(lot, 20)
        assert questions("vera", "api_lot", lot.number) == for_short <= 20


class TestEvents:
    def test_they_come_oldest_first_with_actor_and_time(self, ask):
        lot = factories.make_lot()
        events_of(lot, 3)
        events_of(factories.make_lot(), 1)
        told = ask("vera", "api_order_events", lot.order.coi_id).json()["results"]
        assert [event["details"] for event in told] == [{"step": 0}, {"step": 1}, {"step": 2}]
        assert {(event["actor"], event["printed_name"]) for event in told} == {("olga", "Olga Petrova")}
        assert all(is_utc(event["recorded_at"]) for event in told)

    def test_many_ask_as_much_as_one(self, questions):
        lot = factories.make_lot()
        events_of(lot, 1)
        for_one = questions("vera", "api_order_events", lot.order.coi_id)
        events_of(lot, 9)
        assert questions("vera", "api_order_events", lot.order.coi_id) == for_one <= 11


class TestSchema:
    def test_it_is_openapi_3_1_and_knows_every_address(self, ask):
        schema = json.loads(ask("vera", "api_schema").content)
        assert schema["openapi"].startswith("3.1")
        assert set(schema["paths"]) == {
            "/api/lots/",
            "/api/lots/{lot_number}/",
            "/api/orders/{coi_id}/events/",
            "/api/about/",
        }
        assert {method for methods in schema["paths"].values() for method in methods} == {"get"}

    def test_it_is_written_without_a_warning(self):
        GENERATOR_STATS.reset()
        SchemaGenerator().get_schema(public=True)
        assert not GENERATOR_STATS


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written(client, method):
    lot = factories.make_lot()
    client.force_login(person("rosa"))
    answer = getattr(client, method)(
        reverse("api_lot", args=[lot.number]), {"state": "released"}, "application/json"
    )
    assert answer.status_code == 405
