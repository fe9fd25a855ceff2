"""Test databases: migrated once by the owner, cloned for each worker and after each transactional test.

Only creating and dropping databases is the administrator's; every test talks as the application role.
Nothing is started for tests that need no database.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import hypothesis
import pytest
from _pytest.junitxml import xml_key
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from tests import chromium
from tests.complaints import collect_complaints
from tests.servers import Slot, TestServers
from tilmfg import heartbeat
from tilmfg.embedded.processes import wait_until
from tilmfg.environment import broker_url
from tilmfg.validation import versions

CELERY = [sys.executable, "-m", "celery", "--quiet", "-A", "tilmfg"]
WORKER = [*CELERY, "worker", "--without-mingle", "--without-gossip"]


# One commit is always judged alike. HYPOTHESIS_PROFILE=search looks for new examples.
# How busy the machine is says nothing about it.
PATIENT = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("same", derandomize=True, max_examples=50, **PATIENT)
hypothesis.settings.register_profile("search", derandomize=False, **PATIENT)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Results say what they are of; the validation pack asks."""
    if results := session.config.stash.get(xml_key, None):
        results.add_global_property("commit", versions.commit())


def pytest_configure(config: pytest.Config) -> None:
    if settings.SETTINGS_MODULE != "tests.settings":
        raise pytest.UsageError("Tests use servers of their own: settings must be tests.settings.")


# --- databases


@pytest.fixture(scope="session")
def servers() -> Iterator[TestServers]:
    """PostgreSQL and Valkey of this checkout, shared by all who test in it at this moment."""
    servers = TestServers(settings.PLACE)
    with servers.running():
        yield servers


@pytest.fixture(scope="session")
def slot(servers: TestServers) -> Iterator[Slot]:
    """A database and a Valkey of this worker's own, and the environment that leads other processes there."""
    from tilmfg.celery import app

    patch = pytest.MonkeyPatch()
    with ExitStack() as stack:
        slot = stack.enter_context(servers.slot())
        patch.setenv("TEST_DATABASE", slot.database)
        patch.setenv("TEST_REDIS_URL", slot.valkey.url)
        patch.setattr(settings, "REDIS_URL", slot.valkey.url)
        app.conf.broker_url = broker_url(slot.valkey.url)
        yield slot
    patch.undo()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker, slot: Slot) -> Iterator[None]:
    """Replaces pytest-django's fixture of the same name."""
    from django.db import connection
    from django.test import TransactionTestCase

    def renew(case: object = None) -> None:
        """Instead of a flush, which needs TRUNCATE and would empty what migrations filled."""
        connection.close()
        slot.renew()

    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock():
        patch.setitem(connection.settings_dict, "NAME", slot.database)  # all threads connect by this one
        patch.setattr(TransactionTestCase, "_fixture_teardown", renew)
        renew()
        yield
        connection.close()
        patch.undo()


# --- Celery


@pytest.fixture
def start_worker(
    transactional_db: None, slot: Slot, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts real worker processes on this test's database and broker, and waits until they work."""
    started: list[subprocess.Popen] = []

    def start(*options: str) -> subprocess.Popen:
        worker = subprocess.Popen(
            [*WORKER, *options],
            cwd=settings.BASE_DIR,
            env=os.environ | {"TMPDIR": str(tmp_path)},
            process_group=0,
        )
        started.append(worker)
        heartbeat.forget()
        heartbeat.beat_once.apply_async(expires=90)
        wait_until(lambda: heartbeat.is_fresh("worker"), seconds=90, problem="The worker does not work.")
        return worker

    slot.valkey.command("FLUSHALL")
    yield start
    for worker in started:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)  # a killed main process leaves its pool behind
        worker.wait()


@pytest.fixture
def celery_worker(start_worker: Callable[..., subprocess.Popen]) -> subprocess.Popen:
    return start_worker("--concurrency", "1")


# --- browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.fail("There is no Chromium: python -m tests.chromium installs one.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the thread of the test
        with playwright.chromium.launch(executable_path=path) as browser:
            yield browser


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page on the running house. Whatever the browser complains about fails the test."""
    complaints: list[str] = []
    with browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        collect_complaints(page, complaints, origin=live_server.url)
        yield page
    assert complaints == []
