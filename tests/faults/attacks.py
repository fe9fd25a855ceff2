"""What whoever alters records does to the database, and what the server answers the application's own role."""

import psycopg

from tests.faults.conftest import rolled_back

# As the trail itself computes them: an attacker knows how.
REHASH = """
    DO $$ DECLARE e audit.event; previous bytea; of_chain text := ''; BEGIN
      FOR e IN SELECT * FROM audit.event ORDER BY chain, seq LOOP
        IF e.chain <> of_chain THEN previous := ''; of_chain := e.chain; END IF;
        previous := sha256(previous || convert_to(e.content, 'UTF8'));
        UPDATE audit.event SET hash = previous WHERE chain = e.chain AND seq = e.seq;
      END LOOP; END $$
"""
UNGUARDED = "ALTER TABLE identity_container DISABLE TRIGGER USER"
# The trigger is put back as it was, so that nothing but the data gives the attacker away.
GUARDED = """
    DO $$ DECLARE name text; BEGIN
      FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'identity_container'::regclass AND NOT tgisinternal LOOP
        EXECUTE format('ALTER TABLE identity_container ENABLE ALWAYS TRIGGER %%I', name); END LOOP; END $$
"""

BY_EVE = ("SET LOCAL audit.actor = 'eve'", "SET LOCAL audit.verb = 'tests.write'")


def place(found):
    return found.check, found.chain, found.seq, found.relation


def last_of(admin, facility):
    """Sequence of the container's last event."""
    query = "SELECT max(seq) FROM audit.event WHERE relation = 'identity_container' AND key = %s"
    return admin.execute(query, [str(facility.container.pk)]).fetchone()[0]


def acting_as(name):
    return (f"SET LOCAL audit.actor = '{name}'", "SET LOCAL audit.verb = 'release.disposition.sign'")


def as_application(admin, *statements):
    """SQLSTATE of what the server answers the application's role."""
    with rolled_back(admin):
        admin.execute("SET LOCAL SESSION AUTHORIZATION tilmfg_app")
        try:
            for statement in statements:
                admin.execute(statement)
        except psycopg.Error as refusal:
            return refusal.sqlstate
        return ""
