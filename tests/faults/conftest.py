"""A small facility that attackers work on; each attack is undone by rolling it back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import psycopg
import pytest
from django.db import connection

from tests import factories
from tests.cast import person
from tilmfg.records.anchor_files import new_private_key
from tilmfg.records.anchors import write_anchor
from tilmfg.records.verification.access import trust
from tilmfg.records.verification.crew import carried_out
from tilmfg.records.verification.reading import SPELLING
from tilmfg.records.verification.report import Findings
from tilmfg.records.verification.verify import work_on


@pytest.fixture(scope="module")
def facility(django_db_setup, django_db_blocker, slot, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A released lot and another order, corrected once, and anchored."""
    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock():
        from django.conf import settings

        patch.setattr(settings, "TILMFG_ANCHOR_FOLDER", str(tmp_path_factory.mktemp("anchors")))
        patch.setattr(settings, "TILMFG_ANCHOR_KEY", new_private_key())
        factories.make_writer()
        person("eve")
        lot = factories.make_lot(state="released")
        order = factories.make_order()
        for state in ("in_use", "consumed"):
            with factories.writing():
                order.containers.update(state=state)
        write_anchor()
        connection.close()
        yield SimpleNamespace(lot=lot, order=order, container=order.containers.get())
        connection.close()
        slot.renew()
    patch.undo()


@pytest.fixture(scope="module")
def admin(servers, slot, facility) -> Iterator[psycopg.Connection]:
    """Nobody is mightier: a superuser on the server itself."""
    with servers.postgresql.admin(slot.database) as admin:
        admin.execute(SPELLING)
        yield admin


@pytest.fixture
def after(admin) -> Callable[..., Findings]:
    """What verification finds after these statements; nothing of them stays."""

    def after(*statements: str, **parameters: object) -> Findings:
        with rolled_back(admin):
            admin.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered
            for statement in statements:
                admin.execute(statement, parameters)
            found = Findings()
            for _, part in carried_out(list(work_on(admin, trust=trust())), admin):
                found.absorb(part)
            return found

    return after


@contextmanager
def rolled_back(admin: psycopg.Connection) -> Iterator[None]:
    with admin.transaction(force_rollback=True):
        yield


@pytest.fixture
def where(facility):
    return {
        "chain": facility.order.chain,
        "row": facility.container.pk,
        "key": str(facility.container.pk),
        "order": facility.order.pk,
    }
