"""Whenever another version begins to run here, its worker says so in chain `facility:versions`.

So each record has the version of its time: the one that had begun last when it was written.
"""

from celery import signals
from django.db import connection

from tilmfg.accounts.models import User
from tilmfg.records.context import acting
from tilmfg.records.events import publish
from tilmfg.records.models import Event
from tilmfg.validation.versions import running

CHAIN, BEGAN = "facility:versions", "home.version.began"


def begun():
    """The versions that ran here, the latest first."""
    return Event.objects.filter(chain=CHAIN, name=BEGAN).order_by("-pk")


def note_version() -> None:
    """One event, unless it is the version that ran before."""
    last = begun().first()
    if last and last.details == running():
        return
    by = User.objects.service_account()
    with acting(actor=by.username, verb="home.version.begin"):
        publish(BEGAN, subject=by, kind="accounts.user", chain=CHAIN, by=by, details=running())


@signals.worker_ready.connect
def note_version_of_worker(**_: object) -> None:
    note_version()
    connection.close()
