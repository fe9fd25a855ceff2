"""AUD-2: every row equals what its last event says, and a row that is gone ended with a DELETE."""

from collections import Counter
from hashlib import sha256

from psycopg import sql

from .declared import Table
from .exact import EXACT, row_after
from .reading import stream
from .report import Break, Findings

# A row keeps its chain unless its table was given another one, hence the last event is the latest one.
ROWS = """
    SELECT coalesce(live.key, e.key), live.fields, e.content, e.op, e.chain, e.seq
    FROM (SELECT id::text AS key, to_jsonb(t)::text AS fields FROM {table} AS t) AS live
    FULL JOIN (SELECT DISTINCT ON (key) key, content, op, chain, seq FROM audit.event
               WHERE relation = %s ORDER BY key, at DESC, seq DESC) AS e USING (key)
"""


def check_table(reading, table: Table) -> Findings:
    found = Findings()
    migrated: Counter[str] = Counter()
    query = sql.SQL(ROWS).format(table=sql.Identifier("public", table.name))
    for page in stream(reading, query, (table.name,)):
        found.examined["rows"] += len(page)
        for key, fields, content, op, chain, seq in page:
            # Mostly the texts are equal to the letter, and nothing needs to be parsed.
            if fields and content and op != "DELETE" and content.endswith(f", {fields}]"):
                continue
            message, columns = difference(fields, content, op, table.digested)
            migrated.update(columns)
            if message:
                found.add(Break("rows", message, chain or "", seq or 0, table.name, key))
    for column, rows in sorted(migrated.items()):
        found.notes.append(
            f"{table.name}: {column} came or went with a migration; {rows:,} rows have no event since then"
        )
    return found


def difference(fields, content, op, digested) -> tuple[str, list[str]]:
    """What is wrong with a row and its last event, and the columns that only one of them has.

    In words without values: they may name a patient.
    """
    if content is None:
        return "the row has no event at all", []
    if fields is None:
        return "" if op == "DELETE" else "the row is gone without a DELETE", []
    if op == "DELETE":
        return "the row is there although its last event is a DELETE", []
    try:
        recorded, live = row_after(content) or {}, EXACT.decode(fields)
    except ValueError as problem:
        return f"its last event cannot be read ({problem})", []
    for name in digested:
        if live.get(name) is not None:
            live[name] = digest(live[name])
    altered = [name for name in sorted(recorded.keys() & live.keys()) if recorded[name] != live[name]]
    message = f"{', '.join(altered)} of the row is not what its last event says" if altered else ""
    return message, sorted(recorded.keys() ^ live.keys())


def digest(value) -> str:
    """As audit.digested() computes it."""
    data = bytes.fromhex(value[2:]) if value.startswith("\\x") else value.encode()
    return f"sha256:{sha256(data).hexdigest()}"
