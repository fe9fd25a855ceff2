"""GET /healthz, asked without a login."""

import json
import time

import pytest
from django.db import OperationalError
from kombu.exceptions import OperationalError as BrokerError

from tilmfg import health, heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def parts(slot):
    """All parts alive."""
    slot.valkey.command("FLUSHALL")
    heartbeat.beat_once.delay()  # beat's sign of life
    heartbeat.beat_once()  # a worker's


def lines(answer):
    return {line["part"]: line for line in map(json.loads, answer.content.decode().splitlines())}


def test_it_answers_200_when_everything_works(client, parts):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert list(lines(answer)) == ["web", "database", "broker", "worker", "beat"]
    assert all(line["works"] for line in lines(answer).values())
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("silent", ["worker", "beat"])
def test_it_answers_503_when_a_part_is_silent(client, parts, slot, silent):
    slot.valkey.command(f"DEL tilmfg:heartbeat:{silent}")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    dead = {part: line["problem"] for part, line in lines(answer).items() if not line["works"]}
    assert dead == {silent: "NoSignOfLife"}


def test_a_sign_of_life_fades(slot, parts):
    ttl = int(slot.valkey.command("TTL tilmfg:heartbeat:worker").strip(b":\r\n"))
    assert 0 < ttl <= heartbeat.FRESH_SECONDS


def test_it_names_the_kind_of_error_and_no_secret(client, parts, monkeypatch):
    def fail():
        raise OperationalError("password of tilmfg_app is hunter2")

    monkeypatch.setitem(health.CHECKS, "database", fail)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert lines(answer)["database"] == {"part": "database", "works": False, "problem": "OperationalError"}


def test_it_answers_503_without_a_broker_and_does_not_hang(client, slot):
    slot.valkey.kill()
    try:
        answer = client.get("/healthz")
    finally:
        slot.valkey.start()
    assert answer.status_code == 503
    dead = {part for part, line in lines(answer).items() if not line["works"]}
    assert dead == {"broker", "worker", "beat"}


def test_it_can_be_asked_for_some_parts(client, slot):
    slot.valkey.command("FLUSHALL")
    answer = client.get("/healthz", {"part": ["web", "broker"]})
    assert answer.status_code == 200
    assert list(lines(answer)) == ["web", "broker"]


def test_it_refuses_a_part_that_is_none(client):
    answer = client.get("/healthz", {"part": "kitchen"})
    assert answer.status_code == 400
    assert "'kitchen'" in answer.content.decode()


def test_a_dead_broker_costs_a_request_no_time(slot):
    """The outbox is swept later; what matters is that nobody waits."""
    slot.valkey.kill()
    try:
        begun = time.monotonic()
        with pytest.raises(BrokerError):
            heartbeat.beat_once.delay()
        assert time.monotonic() - begun < 2
    finally:
        slot.valkey.start()
