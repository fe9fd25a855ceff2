"""A database and a Valkey of the benchmarks' own: a slot of the tests' servers, emptied again afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from tests.servers import Slot, TestServers
from tilmfg.celery import app
from tilmfg.environment import broker_url


@contextmanager
def empty_facility() -> Iterator[Slot]:
    """Freshly migrated; this process is connected as the application role."""
    servers = TestServers(settings.PLACE)
    with servers.running(), servers.slot() as slot:
        settings.REDIS_URL = slot.valkey.url
        app.conf.broker_url = broker_url(slot.valkey.url)
        connection.settings_dict["NAME"] = slot.database
        slot.renew()
        try:
            yield slot
        finally:
            connection.close()
            slot.renew()
