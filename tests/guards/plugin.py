"""For pytest's -p: watches all guards (GUARDS_NOTES names a file) or removes one (GUARDS_WITHOUT)."""

import importlib.machinery
import os
import sys
from collections.abc import Sequence
from types import CodeType, ModuleType

import pytest

from .code import MODULES, guards_in, path_of, rewritten

WITHOUT = os.environ.get("GUARDS_WITHOUT", "")


class Loader(importlib.machinery.SourceFileLoader):
    """Never by way of the cache of compiled modules."""

    def get_code(self, fullname: str) -> CodeType:
        return compile(rewritten(fullname, without=WITHOUT), self.path, "exec")


class Finder:
    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in MODULES or (WITHOUT and WITHOUT not in {guard.key for guard in guards_in(name)}):
            return None
        where = str(path_of(name))
        return importlib.machinery.ModuleSpec(name, Loader(name, where), origin=where)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    sys.meta_path.insert(0, Finder)  # type: ignore[arg-type]


def pytest_configure() -> None:
    """Django is set up: the tables are known, and so are the servers of the tests."""
    from psycopg import errors

    from tests.servers import Slot

    from .database import database_guards, names_of_refusals, refused_by
    from .watching import fired

    names, make, renew = names_of_refusals(), errors.error_from_result, Slot.renew

    def noted(*args: object, **kwargs: object) -> errors.Error:
        error = make(*args, **kwargs)
        if key := names.get(refused_by(error)):
            fired(key)
        return error

    def renewed_without(slot: Slot) -> None:
        renew(slot)
        with slot.servers.postgresql.admin(slot.database) as admin:
            admin.execute(database_guards()[WITHOUT])

    if not WITHOUT:
        errors.error_from_result = noted
    elif WITHOUT in database_guards():
        Slot.renew = renewed_without
