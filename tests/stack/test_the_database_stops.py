"""The database of a running facility stops in the middle of a form; last, since recovery takes long. REL-04."""

import subprocess
import sys
from contextlib import suppress
from threading import Thread

import pytest
from psycopg import OperationalError

from tests.stack.colleague import Colleague
from tests.stack.facilities import BASE
from tilmfg.embedded import Servers
from tilmfg.embedded.processes import wait_until

pytestmark = pytest.mark.xdist_group("facility")

WHO_IS_THERE = """
from django.conf import settings
from django.test import Client
from tests import cast, factories
settings.ALLOWED_HOSTS.append("testserver")
client = Client()
client.force_login(cast.person("adam"))
print(factories.make_site("07").pk, client.session.session_key)
"""
COUNTED = {
    "orders": "SELECT count(*) FROM identity_therapyorder",
    "patients": "SELECT count(*) FROM identity_patient",
    "answers": "SELECT count(*) FROM records_firstanswer",
    "events": "SELECT count(*) FROM audit.event WHERE verb = 'identity.order.place'",
}

WAITING = """
    SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%identity_patientvault%'
"""


def test_a_form_is_recorded_whole_or_not_at_all_and_sent_again_gets_the_first_answer(running):
    words = [sys.executable, "manage.py", "shell", "-v0", "-c", WHO_IS_THERE]
    told = subprocess.run(
        words, cwd=BASE, env=running.environment, capture_output=True, text=True, check=True
    )
    site, session = told.stdout.split()
    adam = Colleague(f"http://127.0.0.1:{running.port}", cookie="sessionid", session=session)
    form = adam.open("/orders/new/").form(having=["pseudonym"])
    filled = {name: value for name, value in form.fields.items() if value is not None}
    filled |= {"pseudonym": "PT-9004", "site": site, "name": "Somebody Else", "birth_date": "1961-04-12"}
    filled |= {"hospital_number": "H-9004", "indication": "melanoma", "procurement": "resection"}
    answers = []

    def send():
        with suppress(OSError):  # the web may be too busy with its lost database to answer
            answers.append(adam._post(f"{adam.base_url}/orders/new/", filled))

    def counted():
        with running.admin() as admin:
            return {what: admin.execute(query).fetchone()[0] for what, query in COUNTED.items()}

    before = counted()
    sending = Thread(target=send)
    with suppress(OperationalError), running.admin() as admin, admin.transaction():  # ends with the database
        admin.execute("LOCK TABLE identity_patientvault IN ACCESS EXCLUSIVE MODE")
        sending.start()
        with running.admin() as other:  # a transaction sees the activity of when it first looked
            wait_until(lambda: other.execute(WAITING).rowcount, seconds=60, problem="No form is on its way.")
        stop_at_once(running)
    sending.join()
    wait_until(running.is_healthy, seconds=90, problem=running.said())
    assert [answer.status for answer in answers] in ([], [500])
    assert counted() == before
    first, second = (adam._post(f"{adam.base_url}/orders/new/", filled) for _ in range(2))
    assert (first.status, second.status) == (200, 200), first.text
    assert first.url == second.url != f"{adam.base_url}/orders/new/"
    assert {what: number - before[what] for what, number in counted().items()} == {
        "orders": 1,
        "patients": 1,
        "answers": 1,
        "events": counted()["events"] - before["events"],
    }
    assert counted()["events"] > before["events"]


def stop_at_once(running):
    postgresql = Servers(running.place).postgresql
    postgresql._must("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", postgresql.data)
