"""What the models say of the tables that the trail names."""

from collections.abc import Mapping
from functools import cache

from django.apps import apps
from django.db import models

from ..triggers import Audited


@cache
def model_of(relation: str) -> type[models.Model] | None:
    """The model of a table; None for one that has been dropped since."""
    return next((model for model in apps.get_models() if model._meta.db_table == relation), None)


@cache
def columns_of(relation: str) -> Mapping[str, models.Field]:
    model = model_of(relation)
    return {field.get_attname(): field for field in model._meta.concrete_fields} if model else {}


@cache
def encrypted_columns(relation: str) -> frozenset[str]:
    """What the trail holds as ciphertext."""
    return _columns(relation, lambda trigger: trigger.encrypted)


@cache
def columns_moved_by_verbs(relation: str) -> frozenset[str]:
    """What changes without anybody correcting anything."""
    return _columns(relation, lambda trigger: trigger.moved_by_verbs)


def _columns(relation, fields) -> frozenset[str]:
    """As the audit trigger of the table declares them."""
    model = model_of(relation)
    if model is None:
        return frozenset()
    triggers = [trigger for trigger in getattr(model._meta, "triggers", []) if isinstance(trigger, Audited)]
    names = {name for trigger in triggers for name in fields(trigger)}
    return frozenset(column for column, field in columns_of(relation).items() if field.name in names)
