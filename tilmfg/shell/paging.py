"""Pages by key: a list of any length is turned without counting it."""

from dataclasses import dataclass

PAGE_SIZE = 50


class UnknownPage(ValueError):
    """The address names no place in the list."""


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


def _key(query, name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    if not text.isdecimal():
        raise UnknownPage(f"“{name}={text}” names no place in this list; a number does.")
    return int(text)
