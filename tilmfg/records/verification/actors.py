"""Whoever acts in the trail is somebody who was registered by then.

User names are never changed, removed or given twice, so a name that nobody bears now nobody ever bore. The index by
actor gives the first event of each name, however many events there are.
"""

from psycopg import sql

from .catalogue import OWNER
from .declared import Actors
from .reading import stream
from .report import Break, Findings

MIGRATION = "migration"  # sql/roles.sql presets it for the owner's login
FIRST_EVENTS = """
    WITH RECURSIVE named AS (
      (SELECT actor FROM audit.event ORDER BY actor LIMIT 1)
      UNION ALL
      SELECT (SELECT actor FROM audit.event WHERE actor > named.actor ORDER BY actor LIMIT 1)
      FROM named WHERE named.actor IS NOT NULL)
    SELECT named.actor, p.id IS NOT NULL, coalesce(e.at < p.recorded_at, false), e.chain, e.seq, e.relation, e.key
    FROM named LEFT JOIN {people} p ON p.{username} = named.actor CROSS JOIN LATERAL (
      SELECT at, chain, seq, relation, key FROM audit.event WHERE actor = named.actor ORDER BY at, chain, seq LIMIT 1) e
"""
BEYOND_NOBODY = """
    SELECT chain, seq, relation, key FROM audit.event WHERE actor = %s AND relation <> ALL (%s)
    ORDER BY at, chain, seq LIMIT 1
"""
# Of the text that was hashed: chain, sequence, time, transaction, login.
BY_ANOTHER_LOGIN = r"""
    SELECT chain, seq, relation, key FROM audit.event
    WHERE actor = %s AND content !~ ('^\["(\\.|[^"\\])*", \d+, "[^"]*", "\d+", "' || %s || '", ')
    ORDER BY at, chain, seq LIMIT 1
"""


def check_actors(reading, actors: Actors) -> Findings:
    found = Findings()
    first_events = sql.SQL(FIRST_EVENTS).format(
        people=sql.Identifier("public", actors.people), username=sql.Identifier(actors.username)
    )
    for page in stream(reading, first_events):
        found.examined["actors"] += len(page)
        for actor, is_known, is_early, *place in page:
            if actor in (actors.nobody, MIGRATION):
                continue
            if not is_known:
                found.add(Break("actors", f"nobody is called {actor!r}, who wrote it", *place))
            elif is_early:
                found.add(Break("actors", f"nobody was called {actor!r} when it was written", *place))
    for query, parameters, message in (
        (
            BEYOND_NOBODY,
            (actors.nobody, list(actors.written_by_nobody)),
            "only a try to sign in is nobody's, and this is none",
        ),
        (
            BY_ANOTHER_LOGIN,
            (MIGRATION, OWNER),
            "it is called a migration, but the owner's login did not write it",
        ),
    ):
        if place := reading.execute(query, parameters).fetchone():
            found.add(Break("actors", message, *place))
    return found
