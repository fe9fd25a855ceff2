"""What the models declare about the database; read once, then handed to the processes that compare."""

import re
from collections.abc import Iterator

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import CheckConstraint, Q

from ..models import Signature
from ..triggers import Audited, GuardSql
from .declared import Actors, Signatures, Table, Trigger, normal


def guarded_tables() -> list[Table]:
    """The regulated ones, and what else has triggers."""
    tables = (table_of(model) for model in apps.get_models() if triggers_of(model))
    return sorted(tables, key=lambda table: table.name)


def triggers_of(model):
    return getattr(model._meta, "triggers", [])


def table_of(model) -> Table:
    audited = [trigger for trigger in triggers_of(model) if isinstance(trigger, Audited)]
    return Table(
        name=model._meta.db_table,
        is_audited=bool(audited),
        triggers=tuple(trigger_of(trigger, model) for trigger in triggers_of(model)),
        constraints={each.name: columns_of(each, model) for each in model._meta.constraints},
        columns=frozenset(
            (field.column, word) for field in model._meta.local_concrete_fields for word in words_of(field)
        ),
        digested=tuple(model._meta.get_field(field).column for each in audited for field in each.digested),
    )


def columns_of(constraint, model) -> frozenset[str]:
    """What it is about, as far as it names fields; SQL of our own names none."""
    if isinstance(constraint, CheckConstraint):
        names = constraint.condition.referenced_base_fields if isinstance(constraint.condition, Q) else ()
    else:
        names = getattr(constraint, "fields", ())
    return frozenset(model._meta.get_field(name).column for name in names)


def words_of(field) -> Iterator[str]:
    """As the catalogue is asked, see catalogue.COLUMNS."""
    if not field.null:
        yield "is never empty"
    if field.unique:
        yield "is unique"
    if field.remote_field:
        yield f"names a row of {field.related_model._meta.db_table}"


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


def actors() -> Actors:
    people = get_user_model()
    return Actors(people._meta.db_table, people.USERNAME_FIELD, people.nobody, people.written_by_nobody)
