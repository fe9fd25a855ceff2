"""Test databases: migrated once by the owner, cloned for each worker and after each transactional test.

Only creating and dropping databases is the administrator's; every test talks as the application role.
Nothing is started for tests that need no database.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings

from tests.servers import Slot, TestServers
from tilmfg.environment import broker_url


@pytest.fixture(scope="session")
def servers() -> Iterator[TestServers]:
    """PostgreSQL and Valkey of this checkout, shared by all who test in it at this moment."""
    with TestServers(settings.PLACE).running() as servers:
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
def django_db_setup(django_db_blocker: pytest.FixtureRequest, slot: Slot) -> Iterator[None]:
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


def pytest_configure(config: pytest.Config) -> None:
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "tests.settings", (
        "Tests may only use servers of their own."
    )
