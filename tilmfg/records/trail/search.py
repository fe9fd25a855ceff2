"""Who, what, when, why: every question is answered from an index, newest first, one page after another.

benchmarks/search.py shows how long each takes among millions of events.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from ..models import AuditEvent

PAGE = 50
# The distinct values of a column, one probe of its index for each: PostgreSQL's DISTINCT would read every entry.
KNOWN = """
    WITH RECURSIVE known AS (
      (SELECT {column} AS word FROM audit.event ORDER BY {column} LIMIT 1)
      UNION ALL
      SELECT (SELECT {column} FROM audit.event WHERE {column} > known.word ORDER BY {column} LIMIT 1)
      FROM known WHERE known.word IS NOT NULL)
    SELECT word FROM known WHERE word IS NOT NULL
"""


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is asked of the trail; what is empty is not asked."""

    chain: str = ""
    actors: tuple[str, ...] = ()
    verb: str = ""
    relation: str = ""
    key: str = ""
    why: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def keeps_to_one_chain(self) -> bool:
        """A row never moves to another chain."""
        return bool(self.chain or self.key)


def known_words(column: str) -> list[str]:
    """Every verb, or every table, that the trail has ever seen."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN.format(column={"verb": "verb", "relation": "relation"}[column]))
        return [word for (word,) in cursor.fetchall()]


def page_of_trail(search: Search, *, cursor: str = "", size: int = PAGE) -> tuple[list[AuditEvent], str]:
    """The newest events that fit, below the cursor, and the cursor of the page after them, if there is one."""
    events = list(events_fitting(search, cursor=cursor)[: size + 1])
    return events[:size], cursor_of(events[size - 1]) if len(events) > size else ""


def whole_trail(search: Search, *, size: int = 1000) -> Iterator[list[AuditEvent]]:
    """Every event that fits, page by page: nothing is ever held whole, by us or by the database."""
    cursor, more = "", True
    while more:
        events, cursor = page_of_trail(search, cursor=cursor, size=size)
        yield events
        more = bool(cursor)


def cursor_of(event: AuditEvent) -> str:
    return f"{event.at.isoformat()}|{event.chain}|{event.seq}"


def events_fitting(search: Search, *, cursor: str = "") -> QuerySet[AuditEvent]:
    exact = {"chain": search.chain, "verb": search.verb, "relation": search.relation, "key": search.key}
    events = AuditEvent.objects.filter(**{column: value for column, value in exact.items() if value})
    if search.actors:
        events = events.filter(actor__in=search.actors)
    if search.since:
        events = events.filter(at__gte=search.since)
    if search.until:
        events = events.filter(at__lt=search.until)
    if search.why:
        said = SearchVector("reason", config="simple")
        words = SearchQuery(search.why, config="simple", search_type="plain")
        events = events.exclude(reason="").annotate(said=said).filter(said=words)
    return _below(cursor, search, events)


def _below(cursor: str, search: Search, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    position = _position(cursor)
    if search.keeps_to_one_chain:
        events = events.order_by("-seq")
        return events.filter(seq__lt=position[2]) if position else events
    events = events.order_by("-at", "-chain", "-seq")
    if position is None:
        return events
    at, chain, seq = position
    return events.filter(
        Q(at__lt=at) | Q(at=at, chain__lt=chain) | Q(at=at, chain=chain, seq__lt=seq), at__lte=at
    )


def _position(cursor: str) -> tuple[datetime, str, int] | None:
    at, _, rest = cursor.partition("|")
    chain, _, seq = rest.rpartition("|")
    try:
        moment = parse_datetime(at)
    except ValueError:
        return None
    fits = seq.isascii() and seq.isdigit() and len(seq) < 19
    return (moment, chain, int(seq)) if moment and fits else None
