"""Pages by key: a list of any length is turned without counting it."""

import json
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.http import Http404

PAGE_SIZE = 50


class UnknownPage(Http404):
    """The address names no place in the list, whichever page asks."""


@dataclass(frozen=True)
class Page:
    rows: list
    previous: dict[str, str] | None
    next: dict[str, str] | None

    def __iter__(self):
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(queryset, query, *, size: int = PAGE_SIZE) -> Page:
    """The rows of `queryset`, newest first by primary key, that `query` (request.GET) asks for."""
    after, before = _key(query, "after"), _key(query, "before")
    if before is not None:
        rows = list(queryset.filter(pk__gt=before).order_by("pk")[: size + 1])
        more_before, more_after = len(rows) > size, True
        rows = rows[:size][::-1]
    else:
        selected = queryset if after is None else queryset.filter(pk__lt=after)
        rows = list(selected.order_by("-pk")[: size + 1])
        more_before, more_after = after is not None, len(rows) > size
        rows = rows[:size]
    return Page(
        rows=rows,
        previous={"before": str(rows[0].pk)} if rows and more_before else None,
        next={"after": str(rows[-1].pk)} if rows and more_after else None,
    )


def page_along(queryset, query, *keys: str, size: int = PAGE_SIZE) -> Page:
    """The rows in ascending order of `keys`, of which the last is unique: those after the place that `query` names."""
    if place := query.get("after"):
        try:
            queryset = queryset.filter(_beyond(keys, json.loads(place)))
        except (ValueError, TypeError, ValidationError):
            raise UnknownPage(f"“after={place}” names no place in this list.") from None
    rows = list(queryset.order_by(*keys)[: size + 1])
    last = [getattr(rows[size - 1], key) for key in keys] if len(rows) > size else None
    following = {"after": json.dumps(last, cls=ExactEncoder, ensure_ascii=False)} if last else None
    return Page(rows=rows[:size], previous=None, next=following)


class ExactEncoder(DjangoJSONEncoder):
    """Times with their microseconds: two rows of one millisecond are two places."""

    def default(self, o):
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _beyond(keys, values) -> Q:
    is_place = isinstance(values, list) and all(isinstance(value, str | int) for value in values)
    if not is_place or len(values) != len(keys):
        raise ValueError
    beyond = Q()
    for place, key in enumerate(keys):
        same = dict(zip(keys[:place], values[:place], strict=True))
        beyond |= Q(**same, **{f"{key}__gt": values[place]})
    return beyond


def _key(query, name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    if not text.isdecimal():
        raise UnknownPage(f"“{name}={text}” names no place in this list; a number does.")
    return int(text)
