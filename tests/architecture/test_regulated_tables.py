"""Every table is either regulated, with its trigger in place and its rights as declared, or exempted in writing."""

import re

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited
from tilmfg.records.verification.catalogue import audit_functions

# Tables of Django's own, which no model of ours can declare.
NOT_OURS = {
    "auth.Group": "Nobody is in one: roles are granted by accounts.RoleGrant.",
    "auth.Group_permissions": "As auth.Group.",
    "auth.Permission": "Nothing asks for one: roles are.",
    "contenttypes.ContentType": "Names of models, written by migrations.",
    "sessions.Session": "What opens and ends a session is on record; its person's epoch ends it.",
}


def triggers_of(model):
    return getattr(model._meta, "triggers", [])


EVERYTHING = apps.get_models(include_auto_created=True)
MODELS = [model for model in EVERYTHING if model._meta.label not in NOT_OURS]
REGULATED = [model for model in MODELS if any(isinstance(t, Audited) for t in triggers_of(model))]
BY_NAME = {"ids": lambda model: model._meta.label}


@pytest.mark.parametrize("model", MODELS, **BY_NAME)
def test_a_table_is_audited_or_exempt_with_a_reason(model):
    exempt = getattr(model, "audit_exempt", "")
    assert (model in REGULATED) != bool(exempt), (
        f"{model._meta.label}: audit it, or say why not in audit_exempt"
    )


def test_what_is_not_ours_is_there():
    assert NOT_OURS.keys() <= {model._meta.label for model in EVERYTHING}


@pytest.mark.django_db
@pytest.mark.parametrize("model", REGULATED, **BY_NAME)
def test_its_triggers_are_installed_and_fire_always(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled::text FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [model._meta.db_table],
        )
        installed = dict(cursor.fetchall())
    declared = {trigger.get_pgid(model) for trigger in triggers_of(model)}
    assert set(installed) == declared
    assert set(installed.values()) == {"A"}
    assert all(
        trigger.get_installation_status(model)[0] == pgtrigger.core.INSTALLED
        for trigger in triggers_of(model)
    )


@pytest.mark.parametrize("model", REGULATED, **BY_NAME)
def test_the_trail_knows_which_column_says_when_a_row_was_recorded(model):
    """ALC-3: the first that audit.recorded() finds."""
    asked = re.findall(r"'(\w+)'", dict(audit_functions())["audit.recorded"][0])
    columns = {field.column: field for field in model._meta.concrete_fields}
    found = [columns[name] for name in asked if name in columns][:1]
    assert found == [field for field in columns.values() if isinstance(field, RecordedAt)]


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, **BY_NAME)
def test_the_application_may_not_delete_or_truncate_it(model):
    table = model._meta.db_table.replace('"', "")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(%s, 'DELETE'), has_table_privilege(%s, 'TRUNCATE'), "
            "(SELECT tableowner FROM pg_tables WHERE schemaname || '.' || tablename = %s)",
            [table, table, table if "." in table else f"public.{table}"],
        )
        may_delete, may_truncate, owner = cursor.fetchone()
    assert (may_delete, may_truncate) == (False, False)
    assert owner in ("tilmfg_owner", "tilmfg_audit")
