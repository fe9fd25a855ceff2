"""How long a search of the audit trail takes among millions of events (requirement A11-11: under two seconds).

    .venv/bin/python -m benchmarks.search                     five million events, about four minutes, 7 GB of disk
    .venv/bin/python -m benchmarks.search --events 1000000

The events are made by one INSERT past the trail's trigger, in a database that is dropped at the end. Each search is
asked by the code of the page, twice; the slower time counts.
"""

import argparse
import os
import time
from datetime import UTC, datetime, timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.db import connection  # noqa: E402

from tilmfg.records.trail.search import Search, events_fitting, known_words, page_of_trail  # noqa: E402

from .database import empty_facility  # noqa: E402

MOST_SECONDS = 2.0
BEGUN = datetime(2021, 1, 1, tzinfo=UTC)
EVERY = timedelta(seconds=30)
# Some people, verbs and tables are seen often and some hardly ever; one event in twelve has a reason, and a handful of
# old ones is all there is of a recall.
FILL = """
    INSERT INTO audit.event
    SELECT chain, 1000000 + n, at, actor, verb, reason, md5(n::text),
      CASE WHEN n % 5 = 0 THEN 'UPDATE' ELSE 'INSERT' END, relation, (n / 7)::text,
      concat('["', chain, '", ', n, ', "', at, '", ', repeat(md5(n::text), 12), ']'), sha256(n::text::bytea)
    FROM (
      SELECT n, %(begun)s::timestamptz + n * %(every)s::interval AS at,
        CASE WHEN n % 10 = 0 THEN 'facility:' || (ARRAY['accounts', 'identity', 'records'])[1 + n / 10 % 3]
          ELSE 'order:' || n / 1200 END AS chain,
        'person' || floor(100 * power(random(), 3))::int AS actor,
        CASE WHEN n < 300 AND n % 60 = 0 THEN 'release.lot.recall' ELSE
          (ARRAY['batches', 'identity', 'assays', 'release', 'quality'])[1 + floor(5 * power(random(), 2))::int]
          || '.' ||
          (ARRAY['step', 'reading', 'result', 'run', 'lot', 'scan'])[1 + floor(6 * power(random(), 2))::int] || '.' ||
          (ARRAY['record', 'verify', 'sign', 'draw', 'review'])[1 + floor(5 * power(random(), 2))::int] END AS verb,
        CASE WHEN n < 300 AND n % 60 = 0 THEN 'release_recall' ELSE
          (ARRAY['records_event', 'batches_reading', 'assays_well', 'identity_scan', 'assays_result'])
          [1 + floor(5 * power(random(), 2))::int] END AS relation,
        CASE WHEN n < 300 AND n % 60 = 0 THEN 'contaminated serum' WHEN random() < 0.08 THEN (ARRAY[
          'bubble seen at transfer', 'typing error corrected after verification', 'entered late from paper',
          'the clinic asked for it', 'sensor replaced'])[1 + floor(5 * random())::int] ELSE '' END AS reason
      FROM generate_series(1, %(events)s) AS n) AS made
"""
SEARCHES = {
    "everything, newest": Search(),
    "who: writes most": Search(actors=("person0",)),
    "who: writes least": Search(actors=("person99",)),
    "who: never wrote": Search(actors=("nobody",)),
    "who: any of ten": Search(actors=tuple(f"person{number}" for number in range(50, 60))),
    "what: a common verb": Search(verb="batches.step.record"),
    "what: a verb of five years ago": Search(verb="release.lot.recall"),
    "what: a table of five years ago": Search(relation="release_recall"),
    "when: one day five years ago": Search(since=BEGUN + timedelta(days=9), until=BEGUN + timedelta(days=10)),
    "why: a word said often": Search(why="bubble"),
    "why: words said once": Search(why="contaminated serum"),
    "why: a word never said": Search(why="earthquake"),
    "who, what: each often, never together": Search(actors=("person0",), verb="release.lot.recall"),
    "who, why, when": Search(actors=("person7",), why="sensor replaced", until=BEGUN + timedelta(days=200)),
    "who, what, why, when: nothing": Search(
        actors=("person3",), verb="quality.scan.review", relation="assays_result", why="clinic", since=BEGUN
    ),
    "one order": Search(chain="order:1000"),
    "one record": Search(relation="records_event", key="1000"),
    "a facility chain, one verb of it": Search(chain="facility:identity", verb="quality.scan.review"),
}


def seconds_for(ask) -> float:
    taken = []
    for _ in range(2):
        begun = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - begun)
    return max(taken)


def fill(slot, *, events: int) -> None:
    with slot.servers.postgresql.admin(slot.database) as admin:
        admin.execute(FILL.replace(" % ", " %% "), {"begun": BEGUN, "every": EVERY, "events": events})
        admin.execute("VACUUM ANALYZE audit.event")


def deep_page() -> None:
    """The page after the middle of everything."""
    middle = events_fitting(Search(until=datetime.now(UTC))).order_by("at")[0].at
    page_of_trail(Search(), cursor=f"{(middle + timedelta(days=400)).isoformat()}|order:1|1")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--events", type=int, default=5_000_000)
    events = words.parse_args().events
    with empty_facility() as slot:
        fill(slot, events=events)
        asked = {what: (lambda search=search: page_of_trail(search)) for what, search in SEARCHES.items()}
        asked |= {
            "a page far back": deep_page,
            "the lists of the search form": lambda: [known_words("verb"), known_words("relation")],
        }
        taken = {what: seconds_for(ask) for what, ask in asked.items()}
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_total_relation_size('audit.event')")
            size = cursor.fetchone()[0]
    print(f"{events:,} events, {size / 1e9:.1f} GB with indexes\n\n| search | ms |\n|---|--:|")
    for what, seconds in taken.items():
        print(f"| {what} | {seconds * 1e3:,.0f} |")
    if too_slow := [what for what, seconds in taken.items() if seconds > MOST_SECONDS]:
        raise SystemExit(f"Slower than {MOST_SECONDS:.0f} s: {', '.join(too_slow)}")


if __name__ == "__main__":
    main()
