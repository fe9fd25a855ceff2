"""What the models declare about the database; read once, then handed to the processes that compare."""

import re

from django.apps import apps
from django.contrib.auth import get_user_model

from ..models import Signature
from ..triggers import Audited, GuardSql
from .declared import Signatures, Table, Trigger, normal


def regulated_tables() -> list[Table]:
    return sorted(
        (
            table_of(model)
            for model in apps.get_models()
            if any(isinstance(trigger, Audited) for trigger in triggers_of(model))
        ),
        key=lambda table: table.name,
    )


def triggers_of(model):
    return getattr(model._meta, "triggers", [])


def table_of(model) -> Table:
    [audited] = [trigger for trigger in triggers_of(model) if isinstance(trigger, Audited)]
    return Table(
        name=model._meta.db_table,
        triggers=tuple(trigger_of(trigger, model) for trigger in triggers_of(model)),
        constraints=frozenset(constraint.name for constraint in model._meta.constraints),
        digested=tuple(model._meta.get_field(field).column for field in audited.digested),
    )


def trigger_of(trigger, model) -> Trigger:
    compiled = trigger.compile(model)
    statements = str(compiled.install_sql)
    is_guard = isinstance(compiled.sql, GuardSql)
    return Trigger(
        name=trigger.get_pgid(model),
        definition=normal(re.findall(r"CREATE TRIGGER .*?;", statements, re.DOTALL)[0]),
        function=statements.split("$guard$")[1] if is_guard else None,
    )


def signatures() -> Signatures:
    people = get_user_model()
    return Signatures(Signature._meta.db_table, people._meta.db_table, people.USERNAME_FIELD)
