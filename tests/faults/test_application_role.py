"""What the application's own role cannot do to the records: 21 CFR 11.10(e)."""

import pytest

from tests.faults.attacks import BY_EVE, acting_as, as_application
from tests.faults.conftest import rolled_back

pytestmark = pytest.mark.xdist_group("tampering")  # one facility for all


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.event SET actor = 'x'",
        "DELETE FROM audit.event",
        "TRUNCATE audit.event",
        "INSERT INTO audit.event SELECT * FROM audit.event",
        "UPDATE audit.chain SET chain = 'x'",
        "ALTER TABLE facility_site DISABLE TRIGGER ALL",
        "DO $$ BEGIN EXECUTE (SELECT format('DROP TRIGGER %I ON facility_site', min(tgname)) FROM pg_trigger "
        "WHERE tgrelid = 'facility_site'::regclass AND NOT tgisinternal); END $$",
        "SET session_replication_role = 'replica'",
        "SELECT pg_advisory_xact_lock(1, 5)",  # a writer's turn: whoever holds it keeps others from writing
        "SELECT pg_try_advisory_lock_shared(1, 5)",
    ],
)
def test_the_application_finds_no_way_around_the_trail(admin, statement):
    """P11-05"""
    assert as_application(admin, statement) == "42501"


RENAME = "UPDATE facility_site SET name = 'other'"
EVERY_TRIGGER = """
    SELECT set_config('pgtrigger.ignore', (SELECT array_agg(word)::text FROM (
      SELECT tgname AS word FROM pg_trigger UNION SELECT c.relname || ':' || t.tgname FROM pg_trigger t
      JOIN pg_class c ON c.oid = t.tgrelid UNION SELECT 'public.' || c.relname || ':' || t.tgname FROM pg_trigger t
      JOIN pg_class c ON c.oid = t.tgrelid) AS words), true)
"""


def test_the_switch_that_django_pgtrigger_gives_to_everybody_switches_nothing_off(admin):
    """P11-05: with every trigger named to be ignored, by each of its names."""
    assert as_application(admin, EVERY_TRIGGER, RENAME) == "GM001"
    assert as_application(admin, EVERY_TRIGGER, *BY_EVE, RENAME) == "GM002"
    edit = "UPDATE records_signature SET reason = 'another'"
    assert as_application(admin, EVERY_TRIGGER, *BY_EVE, edit) == "GM010"
    with rolled_back(admin):
        before = admin.execute("SELECT count(*) FROM audit.event").fetchone()[0]
        rows = admin.execute("SELECT count(*) FROM facility_site").fetchone()[0]
        admin.execute("SET LOCAL SESSION AUTHORIZATION tilmfg_app")
        for statement in (EVERY_TRIGGER, *BY_EVE, "SET LOCAL audit.reason = 'moved house'", RENAME):
            admin.execute(statement)
        assert admin.execute("SELECT count(*) FROM audit.event").fetchone()[0] == before + rows > before


def test_a_change_without_an_actor_or_a_reason_is_refused(admin):
    """ALC-1, A11-06"""
    assert as_application(admin, RENAME) == "GM001"
    assert as_application(admin, *BY_EVE, RENAME) == "GM002"
    assert as_application(admin, *BY_EVE, "SET LOCAL audit.reason = '  '", RENAME) == "GM002"
    assert as_application(admin, *BY_EVE, "SET LOCAL audit.reason = 'moved house'", RENAME) == ""


def test_a_database_clock_that_went_back_stops_the_work(admin):
    """REL-13"""
    with rolled_back(admin):
        admin.execute("UPDATE audit.event SET at = at + interval '1 hour' WHERE chain = 'facility:facility'")
        assert as_application(admin, *BY_EVE, "SET LOCAL audit.reason = 'moved house'", RENAME) == "GM004"


def test_a_transaction_that_was_kept_open_writes_nothing(admin):
    """ALC-3: else what it records could seem as old as the transaction. Patience is shortened for the test."""
    with rolled_back(admin):
        [written] = admin.execute("SELECT pg_get_functiondef('audit.record()'::regprocedure)").fetchone()
        admin.execute(written.replace("'15 minutes'", "'1 millisecond'"))
        admin.execute("SELECT pg_sleep(0.01)")
        because = "SET LOCAL audit.reason = 'moved house'"
        assert as_application(admin, *BY_EVE, because, RENAME) == "GM004"


def test_a_person_cannot_be_removed_renamed_or_doubled(admin, facility):
    """P11-15, P11-18"""
    people = "INSERT INTO accounts_user (username, printed_name, password, email, is_active, is_service) "
    twin = people + "VALUES ('{}', 'Rosa', '', '', true, false)"
    assert as_application(admin, *BY_EVE, "DELETE FROM accounts_user WHERE username = 'rosa'") == "42501"
    assert as_application(admin, *BY_EVE, twin.format("rosa")) == "23505"
    assert as_application(admin, *BY_EVE, twin.format("Rosa")) == "23514"
    because = "SET LOCAL audit.reason = 'married'"
    for name in ("rosa.old", "quinn"):
        rename = f"UPDATE accounts_user SET username = '{name}' WHERE username = 'rosa'"
        assert as_application(admin, *BY_EVE, because, rename) == "GM012"


def test_nobody_administers_the_system_and_works_on_records(admin):
    """MHRA-1"""
    grant = (
        "INSERT INTO accounts_rolegrant (user_id, role, granted_by_id) SELECT u.id, 'system_administrator', by.id "
        "FROM accounts_user u, accounts_user by WHERE u.username = 'rosa' AND by.username = 'root'"
    )
    assert as_application(admin, *acting_as("root"), grant) == "23P01"
    assert as_application(admin, *acting_as("eve"), grant) == "GM013"


def test_a_lot_is_not_released_by_sql(admin):
    """REL-18: not without a decision and two signatures."""
    with rolled_back(admin):
        admin.execute("ALTER TABLE release_disposition DISABLE TRIGGER USER")
        assert as_application(admin, *BY_EVE, "UPDATE release_lot SET state = 'in_testing'") != ""
    statement = (
        "INSERT INTO release_lot (order_id, state) SELECT max(id), 'released' FROM identity_therapyorder"
    )
    assert as_application(admin, *BY_EVE, statement) != ""
