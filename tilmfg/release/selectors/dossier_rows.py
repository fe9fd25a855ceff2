"""Rows that belong to a row, in the same question to the database; and what they hold as values of a dossier."""

from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import TextField
from django.db.models.functions import Cast, JSONObject

from tilmfg.accounts.models import User

from .. import dossier


def rows(queryset, *names: str, **expressions) -> ArraySubquery:
    """Rows that belong to each row of the outer query, as dictionaries, without a query of their own."""
    return ArraySubquery(queryset.values(row=JSONObject(**{name: name for name in names}, **expressions)))


def named(name: str) -> JSONObject:
    return JSONObject(username=f"{name}__username", printed_name=f"{name}__printed_name")


def exact(name: str) -> Cast:
    """As text: a number of JSON would come back as a float."""
    return Cast(name, TextField())


def decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def person(user: User) -> dossier.Person:
    return dossier.Person(username=user.username, printed_name=user.printed_name)


def spoken(code: str) -> str:
    return code.replace("_", " ").capitalize()
