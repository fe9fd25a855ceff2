"""The guards that stand in the database: triggers and constraints of what is made, signed, released, and of people."""

import re

import pgtrigger
import psycopg
from django.apps import apps

ROOMS = ("accounts", "assays", "batches", "identity", "quality", "records", "release", "treatment")
# On every table, and held there by tests that go through all tables.
EVERYWHERE = {"audited"}


def database_guards() -> dict[str, str]:
    """The SQL that takes each one out, by `table · name`."""
    found = {}
    for model, trigger in pgtrigger.registered():
        if model._meta.app_label in ROOMS and trigger.name not in EVERYWHERE:
            table = model._meta.db_table
            found[f"{table} · {trigger.name}"] = f'DROP TRIGGER "{trigger.get_pgid(model)}" ON "{table}"'
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            table = model._meta.db_table
            for rule in model._meta.constraints:
                found[f"{table} · {rule.name}"] = (
                    f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{rule.name}"; '
                    f'DROP INDEX IF EXISTS "{rule.name}"'
                )
    return found


def names_of_refusals() -> dict[str, str]:
    """What an error of the database calls each of them."""
    names = {}
    for key, removal in database_guards().items():
        names[re.findall(r'"([^"]+)"', removal)[0 if removal.startswith("DROP") else 1]] = key
    return names


def refused_by(error: psycopg.Error) -> str:
    """The name of the trigger's function or of the constraint that answered; empty for any other error."""
    functions = re.findall(r"PL/pgSQL function (?:public\.)?(pgtrigger_\w+)\(\)", error.diag.context or "")
    return functions[0] if functions else error.diag.constraint_name or ""
