"""A patient goes through real pages, worker, beat and commands, with every failure that could carry a name out.

Afterwards neither the logs of any process nor a dump of the database, the broker's file or an exported trail know them.
SEC-14, SEC-18.
"""

import base64
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, quote_plus
from urllib.request import Request, build_opener

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from tests import factories
from tests.assays import bench
from tests.cast import PASSWORD, person
from tests.conftest import CELERY, WORKER
from tests.journeys.person import Page, eventually, upload
from tests.servers import Slot
from tests.stack.colleague import Colleague
from tests.stack.facilities import free_port
from tilmfg import heartbeat
from tilmfg.identity.models import PatientVault, TherapyOrder
from tilmfg.records import outbox, server_log
from tilmfg.records.models import AuditEvent, Effect
from tilmfg.records.tasks import deliver

TAIL = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(8))
NAME, NUMBER, BORN = f"Zéphyrine Qu{TAIL}", f"HN-{secrets.randbelow(10**9):09}", "1937-11-23"
STRAY = f"stray-{TAIL}"  # what a wrong message brings
# In whatever has places for a typed date; none of the rows around it is that old.
BIRTH_DATES = (BORN, "23 Nov 1937", "11/23/1937", "datetime.date(1937, 11, 23)")


def forms_of(text: str) -> set[bytes]:
    """As it is, in JSON, in an address, in hexadecimal, and in base64 wherever in its text it may begin."""
    plain = text.encode()
    written = {
        text,
        json.dumps(text)[1:-1],
        quote(text),
        quote_plus(text),
        ascii(text)[1:-1],
        repr(plain)[2:-1],
    }
    encoded = {
        base64.b64encode(b"\0" * before + plain)[(before * 8 + 5) // 6 + (before > 0) : -4]
        for before in range(3)
    }
    return {each.encode() for each in written} | encoded | {plain.hex().encode()}


SOUGHT = {
    each for text in (NAME, NAME.split()[1], NUMBER, NUMBER[3:], *BIRTH_DATES) for each in forms_of(text)
}


def traces(text: bytes) -> set[bytes]:
    return {each for each in SOUGHT if each in text}


def colleague(base_url: str, username: str) -> Colleague:
    """Sent here, each time, by a page in whose address somebody had typed."""
    client = Client()
    client.force_login(person(username))
    session = {"cookie": settings.SESSION_COOKIE_NAME, "session": client.session.session_key}
    return Colleague(base_url, referer=f"/?q={quote(NAME)}", **session)


@dataclass
class Processes:
    """What runs, and where each writes what it says."""

    folder: Path
    running: list[subprocess.Popen] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Beat has anchors written; those of this database stay apart."""
        folder = str(self.folder)
        return {"TILMFG_LOG_LEVEL": "debug", "TMPDIR": folder, "TILMFG_ANCHOR_FOLDER": f"{folder}/anchors"}

    def start(self, name: str, *words: str) -> None:
        with (self.folder / name).open("wb") as said:
            process = subprocess.Popen(
                words,
                cwd=settings.BASE_DIR,
                env=os.environ | self.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self.running.append(process)

    def said(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def lines(self, name: str) -> list[dict]:
        return [json.loads(line) for line in self.said(name).splitlines() if line]

    def end(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)


@pytest.fixture(scope="module")
def story(django_db_setup, django_db_blocker, slot: Slot, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """What happened, once for all that is asked about it below."""
    processes = Processes(tmp_path_factory.mktemp("said"))
    port = free_port()
    with django_db_blocker.unblock():
        slot.valkey.command("FLUSHALL")
        bind = ["--bind", f"127.0.0.1:{port}", "--threads", "2", "--no-control-socket"]
        web = [
            sys.executable,
            "-m",
            "gunicorn",
            "tilmfg.wsgi",
            *bind,
            "--logger-class",
            "tilmfg.logs.Gunicorn",
        ]
        processes.start("web", *web)
        processes.start("worker", *WORKER, "--concurrency", "1")
        processes.start("beat", *CELERY, "beat", "--scheduler", "celery.beat:Scheduler")
        try:
            yield SimpleNamespace(
                processes=processes, **vars(lived(f"http://127.0.0.1:{port}", slot, processes))
            )
        finally:
            processes.end()
            connection.close()
            slot.renew()


def lived(base_url: str, slot: Slot, processes: Processes) -> SimpleNamespace:
    site = factories.make_site("07", "sam", "nora")
    bench.instrument("plate_reader")
    for username in ("adam", "olga", "tomas", "ana", "vera", "eve"):
        person(username)
    eventually(lambda: b"Listening" in processes.said("web"), seconds=120)
    build_opener().open(f"{base_url}/healthz?part=web", timeout=120)  # the first one imports all pages
    processes.start("command", sys.executable, "manage.py", "shell", "-v0", "-c", BROKEN)
    adam, olga, ana, vera = (colleague(base_url, username) for username in ("adam", "olga", "ana", "vera"))
    typed = {
        "pseudonym": "PT-7001",
        "site": str(site.pk),
        "name": NAME,
        "birth_date": BORN,
        "hospital_number": NUMBER,
        "indication": "melanoma",
        "procurement": "resection",
    }
    answers = {
        "refused": adam.send("/orders/new/", **typed | {"indication": None}),
        "placed": adam.send("/orders/new/", **typed),
    }
    order = TherapyOrder.objects.get(patient__pseudonym="PT-7001")
    here = f"/orders/{order.coi_id}"
    answers |= {
        "another": adam.send("/orders/new/", **typed | {"name": f"{NAME} Other"}),
        "shown": adam.open(f"{here}/person/"),
        "searched": adam.open(f"/orders/?q={quote_plus(NAME)}"),
        "no such order": adam.open(f"/orders/{quote(NUMBER)}/"),
        "no such page": adam.open(f"/{quote(NAME)}/"),
        "no such scan": olga.open(f"/scan?scan={quote_plus(NUMBER)}"),
        "nobody": Page(build_opener().open(Request(f"{base_url}/orders/?q={quote(NAME)}"))),
        "trail": vera.open("/records/export.csv"),
    }
    receipt = {
        "read": NUMBER,
        "temperature_c": "4.1",
        "condition": f"{NAME}, born {BORN}, {NUMBER}",
        "courier": "Cryo Express",
        "second_username": "tomas",
        "second_password": PASSWORD,
    }
    answers["wrong scan"] = olga.send(f"{here}/receive/", **receipt)
    with slot.servers.postgresql.admin(slot.database) as admin:  # an error that says what was written
        wrong = "ADD CONSTRAINT conditions_are_days CHECK (condition::date IS NOT NULL) NOT VALID"
        admin.execute(f"ALTER TABLE identity_custodyevent {wrong}")
        answers["broken"] = olga.send(f"{here}/receive/", **receipt | {"read": f"&/{order.coi_id}.TB1"})
        admin.execute("ALTER TABLE identity_custodyevent DROP CONSTRAINT conditions_are_days")
    content = f"Plate of {NAME},{NUMBER},{BORN}\n\x00\x00"
    instrument = bench.instrument("plate_reader").code
    answers["upload"] = ana.send(
        "/laboratory/import", file=upload(f"{NAME}.txt", content), instrument=instrument
    )
    with factories.writing():
        effect = outbox.promise(
            "accounts.report_lock", key=NUMBER, lock_id=NAME
        )  # no number: the effect fails
    eventually(lambda: Effect.objects.get(pk=effect.pk).attempts)
    deliver.delay(effect_id=STRAY)
    eventually(lambda: processes.said("worker").count(b"celery.app.trace") > 1)
    eventually(lambda: heartbeat.is_fresh("beat") and heartbeat.is_fresh("worker"))
    processes.running[-1].wait(90)
    with slot.servers.postgresql.admin(slot.database) as admin:  # its words were ours, no page's
        admin.execute("ALTER TABLE records_effect DISABLE TRIGGER USER")
        admin.execute("DELETE FROM records_effect WHERE id = %s", [effect.pk])
    return SimpleNamespace(order=order, answers=answers)


BROKEN = f"""
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT CAST(%s AS date)", ["{NAME}"])
"""


STATUSES = {
    "refused": 422, "placed": 200, "another": 422, "shown": 200, "searched": 200, "no such order": 404,
    "no such page": 404, "no such scan": 404, "nobody": 200, "trail": 200, "wrong scan": 422, "broken": 500,
    "upload": 422,
}  # fmt: skip


def test_it_happened(story):
    assert {what: answer.status for what, answer in story.answers.items()} == STATUSES
    assert NAME in story.answers["shown"].text
    assert traces(story.answers["refused"].content)  # what was typed stays, on the page alone
    for written in (NAME, f"x{NAME}", f"xy{NAME}"):
        assert traces(base64.b64encode(written.encode()))
        assert traces(repr(written).encode())


@pytest.mark.parametrize("name", ["web", "worker", "beat", "command"])
def test_no_process_wrote_of_the_patient(story, name):
    said = story.processes.said(name)
    assert said
    assert {each for each in SOUGHT | forms_of(STRAY) if each in said} == set()


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_each_line_is_json_with_its_time_in_utc(story, name):
    lines = story.processes.lines(name)
    assert {datetime.fromisoformat(line["at"]).utcoffset() for line in lines} <= {timedelta(0)}
    assert all({"level", "logger", "pid", "event"} <= line.keys() for line in lines)


def test_a_request_is_one_line_with_its_id_actor_and_verb(story):
    lines = [line for line in story.processes.lines("web") if line["event"] == "request.answered"]
    [placed] = [line for line in lines if line["status"] == 302 and line["route"] == "orders/new/"]
    assert (placed["actor"], placed["verb"], placed["method"]) == ("adam", "identity.order.place", "POST")
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT verb FROM audit.event WHERE request = %s", [placed["request"]])
        assert ("identity.order.place",) in cursor.fetchall()
    assert {line["route"] for line in lines if line["status"] == 404} == {"orders/<str:coi_id>/", "", "scan"}


def test_what_broke_is_told_by_type_code_and_place(story):
    [broken] = [line for line in story.processes.lines("web") if line["logger"] == "django.request"]
    assert (broken["level"], broken["actor"], broken["verb"]) == ("error", "olga", "identity.tumor.receive")
    cause = broken["error"][1]
    assert (cause["type"], cause["sqlstate"]) == ("psycopg.errors.InvalidDatetimeFormat", "22007")
    assert any("services/receipt.py" in place for place in broken["error"][0]["places"])
    [uncaught] = [line for line in story.processes.lines("command") if line["event"] == "uncaught"]
    assert uncaught["error"][1]["sqlstate"] == "22007"


def test_a_task_tells_its_id_and_what_came_of_it(story):
    lines = story.processes.lines("worker")
    postponed = next(line for line in lines if line["event"] == "effect.postponed")
    assert postponed["request"].startswith("task:")
    assert (postponed["task"], postponed["problem"]) == ("records.deliver", "ValueError")
    [ended] = [
        line for line in lines if line["event"] == "task.ended" and line["request"] == postponed["request"]
    ]
    assert ended["state"] == "FAILURE"


def test_the_databases_own_log_tells_of_no_row_and_no_statement(story, slot):
    log = slot.servers.postgresql.log.read_bytes()
    assert b"ready to accept connections" in log
    assert traces(log) == set()
    with slot.servers.postgresql.admin() as admin:
        assert server_log.telling_too_much(admin) == []
        with pytest.raises(psycopg.errors.InvalidDatetimeFormat):
            admin.execute(f"SELECT '{NAME}'::date")
        admin.execute("SET log_statement = 'all'")
        assert server_log.telling_too_much(admin) == ["log_statement=none"]
    assert b"invalid input syntax" not in slot.servers.postgresql.log.read_bytes()


def test_a_dump_of_the_database_shows_nothing_of_the_patient(story, slot):
    """As the backup's role reads it."""
    postgresql = slot.servers.postgresql
    words = ("-h", postgresql.run, "-U", "postgres", "--role=tilmfg_backup", slot.database)
    dumped = postgresql._call("pg_dump", *words)
    assert dumped.returncode == 0, dumped.stdout[-500:]
    assert story.order.coi_id in dumped.stdout
    assert traces(dumped.stdout.encode()) == set()


def test_the_trail_holds_what_identifies_the_patient_as_ciphertext_alone(story):
    row = PatientVault.objects.get(patient=story.order.patient)
    contents = AuditEvent.objects.filter(relation="identity_patientvault").values_list("content", flat=True)
    assert len(contents) == 1
    assert (
        base64.b64encode(bytes(row.sealed)).decode() in contents[0] or bytes(row.sealed).hex() in contents[0]
    )
    exported = story.answers["trail"].content
    assert story.order.lot_number in exported.decode()
    assert traces(exported) == set()


def test_the_broker_kept_nothing_of_the_patient(story, slot):
    kept = b"".join(file.read_bytes() for file in sorted(slot.valkey.folder.rglob("*")) if file.is_file())
    assert b"records.deliver" in kept
    assert traces(kept) == set()
