"""Whoever alters records, even as superuser of the database, is found out, and where is named.

Requirements 2.3 (AUD-1 to AUD-3) and the rows of 21 CFR Part 11 about the trail, on the real database.

AUD-2.

AUD-3.
"""

import shutil
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from tests.faults.conftest import rolled_back
from tilmfg.records.anchor_files import (
    new_private_key,
    parse,
    path_of,
    period_of,
    private_key,
    public_key_of,
    read,
    signed,
    write_once,
)
from tilmfg.records.anchors import anchor_of

pytestmark = pytest.mark.xdist_group("tampering")  # one facility for all

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


@pytest.fixture
def where(facility):
    return {
        "chain": facility.order.chain,
        "row": facility.container.pk,
        "key": str(facility.container.pk),
        "order": facility.order.pk,
    }


def last_of(admin, facility):
    """Sequence of the container's last event."""
    query = "SELECT max(seq) FROM audit.event WHERE relation = 'identity_container' AND key = %s"
    return admin.execute(query, [str(facility.container.pk)]).fetchone()[0]


def test_nothing_is_found_where_nothing_was_done(after):
    found = after()
    assert found.breaks == []
    assert found.examined["anchors"] == 1
    assert min(found.examined[what] for what in ("events", "rows", "signatures", "tables")) > 0


# --- AUD-1: the chains


def test_one_altered_byte_of_an_event_is_named(after, facility, where):
    """P11-01"""
    found = after(
        "UPDATE audit.event SET content = replace(content, 'TB1', 'TB2') WHERE chain = %(chain)s AND seq = 2",
        **where,
    )
    assert place(found.first) == ("chains", facility.order.chain, 2, "identity_container")
    assert found.first.key == where["key"]


@pytest.mark.parametrize("column", ["actor", "verb", "reason", "request", "key"])
def test_a_column_altered_beside_its_text_is_named(after, facility, where, column):
    found = after(f"UPDATE audit.event SET {column} = 'x' WHERE chain = %(chain)s AND seq = 2", **where)
    assert (found.first.check, found.first.seq) == ("chains", 2)
    assert f"column {column}" in found.first.message


def test_a_moved_time_is_named(after, where):
    found = after(
        "UPDATE audit.event SET at = at - interval '1 day' WHERE chain = %(chain)s AND seq = 3", **where
    )
    assert {b.message for b in found.breaks if (b.check, b.seq) == ("chains", 3)} == {
        "its column at says something else than the text that was hashed",
        "it is older than its predecessor",
    }


def test_a_time_that_is_none_is_named(after, where):
    found = after("UPDATE audit.event SET at = 'infinity' WHERE chain = %(chain)s AND seq = 2", **where)
    assert (found.first.check, found.first.seq) == ("chains", 2)


@pytest.mark.parametrize(
    "text", ["none", "5", "[]", "left(content, -9)", "replace(content, '\"TB1\"', 'TB1')"]
)
def test_a_text_that_is_no_event_is_named_and_stops_nothing(after, where, text):
    spoilt = text if "(" in text else f"'{text}'"
    last = "(SELECT max(seq) FROM audit.event WHERE chain = %(chain)s)"
    for seq in ("2", last):
        found = after(
            f"UPDATE audit.event SET content = {spoilt} WHERE chain = %(chain)s AND seq = {seq}", **where
        )
        assert found.first.check == "chains"
        assert "cannot be read" in " ".join(b.message for b in found.breaks)


def test_names_that_json_escapes_are_no_tampering(after, where):
    found = after(
        "SET LOCAL audit.actor = 'o\"brien'",
        "SET LOCAL audit.verb = 'tests.\u00e9crire'",
        "SET LOCAL audit.reason = E'two\nlines, a tab\tand a \\\\'",
        "UPDATE identity_container SET expiry_date = '2030-01-01' WHERE id = %(row)s",
        **where,
    )
    assert {b.check for b in found.breaks} == {"actors"}  # but nobody is called so


def test_a_removed_event_in_the_middle_is_named(after, facility, where):
    """ALC-7"""
    found = after("DELETE FROM audit.event WHERE chain = %(chain)s AND seq = 2", **where)
    assert place(found.first)[:3] == ("chains", facility.order.chain, 2)
    assert "missing" in found.first.message


def test_renumbering_after_a_removal_does_not_help(after, facility, where):
    found = after(
        "DELETE FROM audit.event WHERE chain = %(chain)s AND seq = 2",
        "UPDATE audit.event SET seq = seq - 1 WHERE chain = %(chain)s AND seq > 2",
        **where,
    )
    assert place(found.first)[:3] == ("chains", facility.order.chain, 2)


def test_a_chain_whose_events_are_all_gone_is_named(after, facility, where):
    found = after("DELETE FROM audit.event WHERE chain = %(chain)s", **where)
    assert place(found.first)[:2] == ("chains", facility.order.chain)


def test_a_chain_that_was_removed_altogether_is_missed_by_its_rows(after, where):
    found = after(
        "DELETE FROM audit.event WHERE chain = %(chain)s",
        "DELETE FROM audit.chain WHERE chain = %(chain)s",
        **where,
    )
    assert ("rows", "identity_container", where["key"]) in {
        (b.check, b.relation, b.key) for b in found.breaks
    }


def test_events_numbered_below_one_are_named(after, where):
    found = after(
        "INSERT INTO audit.event SELECT chain, -5, at, actor, verb, reason, request, op, relation, key, content, hash "
        "FROM audit.event WHERE chain = %(chain)s AND seq = 2",
        **where,
    )
    assert "it has events numbered below 1" in {b.message for b in found.breaks}


def test_a_number_far_ahead_is_a_gap(after, where):
    """ALC-7"""
    found = after("UPDATE audit.event SET seq = 10^15 WHERE chain = %(chain)s AND seq = 4", **where)
    assert (found.first.seq, found.first.message) == (4, "this event is missing")


# --- AUD-2: the rows


def test_a_row_altered_past_the_trigger_is_named(after, facility, where):
    """P11-01"""
    found = after(
        UNGUARDED, "UPDATE identity_container SET volume_ml = 1.5 WHERE id = %(row)s", GUARDED, **where
    )
    assert place(found.first)[::3] == ("rows", "identity_container")
    assert found.first.key == where["key"]
    assert "volume_ml" in found.first.message
    assert "1.5" not in found.first.message  # values may name a patient


def test_a_row_altered_past_the_trigger_and_then_lawfully_is_named(after, facility, where):
    """The last event agrees with the row again; what came between shows in the event's old values."""
    found = after(
        UNGUARDED,
        "UPDATE identity_container SET expiry_date = '2030-01-01' WHERE id = %(row)s",
        GUARDED,
        *BY_EVE,
        "SET LOCAL audit.reason = 'lawful'",
        "UPDATE identity_container SET number = number WHERE id = %(row)s",
        **where,
    )
    assert [(b.check, b.key, b.message) for b in found.breaks] == [
        ("chains", where["key"], "before it, expiry_date was changed without an event")
    ]


def test_a_row_written_past_the_trigger_has_no_event(after, where):
    found = after(
        UNGUARDED,
        "INSERT INTO identity_container (order_id, code, kind, number, group_size, state) "
        "VALUES (%(order)s, 'BG9', 'bag', 1, 1, 'in_use')",
        GUARDED,
        **where,
    )
    assert [b.message for b in found.breaks] == ["the row has no event at all"]


def test_a_row_removed_past_the_trigger_is_missed(after, where):
    found = after(UNGUARDED, "DELETE FROM identity_container WHERE id = %(row)s", GUARDED, **where)
    assert [(b.key, b.message) for b in found.breaks] == [(where["key"], "the row is gone without a DELETE")]


def test_a_removed_row_that_comes_back_is_named(after, where):
    found = after(
        *BY_EVE,
        "SET LOCAL audit.reason = 'she can'",
        "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM identity_container WHERE id = %(row)s",
        "DELETE FROM identity_container WHERE id = %(row)s",
        UNGUARDED,
        "INSERT INTO identity_container SELECT * FROM kept",
        GUARDED,
        **where,
    )
    assert [b.message for b in found.breaks] == ["the row is there although its last event is a DELETE"]


def test_a_migration_that_adds_a_column_is_noted_and_breaks_nothing(after, where):
    found = after(
        "ALTER TABLE identity_container ADD colour text NOT NULL DEFAULT 'white'",
        *BY_EVE,
        "SET LOCAL audit.reason = 'lawful'",
        "UPDATE identity_container SET colour = 'red' WHERE id = %(row)s",
        **where,
    )
    assert found.breaks == []
    assert [note for note in found.notes if "colour came or went" in note]


def test_digested_columns_are_compared_by_their_digest(after):
    found = after(
        "ALTER TABLE accounts_user DISABLE TRIGGER USER",
        "UPDATE accounts_user SET password = 'known to eve' WHERE username = 'rosa'",
    )
    assert ("rows", "accounts_user", "password of the row is not what its last event says") in {
        (b.check, b.relation, b.message) for b in found.breaks
    }


def test_a_lost_last_event_is_missed_by_its_row(after, admin, facility, where):
    last = last_of(admin, facility)
    found = after("DELETE FROM audit.event WHERE chain = %(chain)s AND seq >= %(last)s", **where, last=last)
    assert ("rows", where["key"]) in {(b.check, b.key) for b in found.breaks}


# --- AUD-3: what neither chains nor rows can show


def rewound(last):
    """The last event is gone and the row is what it was before: chain and rows agree again."""
    return (
        "DELETE FROM audit.event WHERE chain = %(chain)s AND seq >= %(last)s",
        UNGUARDED,
        "UPDATE identity_container SET state = 'in_use' WHERE id = %(row)s",
        GUARDED,
    )


def test_a_tail_cut_off_with_its_rows_rewound_contradicts_the_anchor(after, admin, facility, where):
    last = last_of(admin, facility)
    found = after(*rewound(last), **where, last=last)
    assert [place(b)[:3] for b in found.breaks] == [("anchors", facility.order.chain, last)]
    assert "is gone" in found.first.message


def test_everything_rewritten_with_fresh_hashes_contradicts_the_anchor(after, facility, where):
    found = after(
        "UPDATE audit.event SET actor = 'eve', content = replace(content, '\"tests\"', '\"eve\"') "
        "WHERE actor = 'tests' AND content NOT LIKE '%%cast%%'",
        REHASH,
    )
    assert {b.check for b in found.breaks} == {"anchors"}
    assert facility.order.chain in {b.chain for b in found.breaks}


def test_without_anchors_that_would_not_be_seen(after, settings, tmp_path):
    """Why there are anchors; if this ever fails, the chains prove more than we claim."""
    settings.TILMFG_ANCHOR_FOLDER = str(tmp_path)
    found = after(
        "UPDATE audit.event SET actor = 'eve', content = replace(content, '\"tests\"', '\"eve\"') "
        "WHERE actor = 'tests' AND content NOT LIKE '%%cast%%'",
        REHASH,
    )
    assert found.breaks == []


def test_a_facility_without_a_single_anchor_is_named(after, settings, tmp_path):
    """Whoever takes them all away, or looks in another folder. On the first day there may be none yet."""
    settings.TILMFG_ANCHOR_FOLDER = str(tmp_path)
    old = "UPDATE audit.event SET at = at - interval '2 days' WHERE chain = 'facility:facility' AND seq = 1"
    [found] = [b for b in after(old).breaks if b.check == "anchors"]
    assert f"there is none in {tmp_path}" in found.message


def test_a_silence_between_anchors_is_noted(after, anchor, settings):
    """Those of an afternoon, taken away with what happened in it."""
    folder, now = anchor.parent.parent, datetime.now(UTC) + timedelta(hours=3)
    heads = parse(read(anchor)[0]).heads
    later = signed(anchor_of(heads, now=now, folder=folder), private_key(settings.TILMFG_ANCHOR_KEY))
    write_once(path_of(folder, period_of(now)), later)
    found = after()
    assert found.breaks == []
    assert any("silent for more than an hour 1 times" in note for note in found.notes)


def test_time_that_runs_backwards_is_named(after, where):
    """ALC-7"""
    found = after(
        "UPDATE audit.event SET at = at - interval '1 year', "
        "content = regexp_replace(content, '\"20\\d\\d-', '\"' || extract(year from at) - 1 || '-') "
        "WHERE chain = %(chain)s AND seq = 3",
        REHASH,
        **where,
    )
    assert "it is older than its predecessor" in {b.message for b in found.breaks if b.seq == 3}


@pytest.fixture
def anchor(settings, facility, tmp_path):
    """The facility's anchor, in a folder that may be spoilt."""
    shutil.copytree(settings.TILMFG_ANCHOR_FOLDER, tmp_path, dirs_exist_ok=True)
    settings.TILMFG_ANCHOR_FOLDER = str(tmp_path)
    [file] = Path(tmp_path).glob("*/*.anchor")
    file.chmod(0o644)
    return file


def test_an_altered_anchor_is_named(after, anchor):
    anchor.write_text(anchor.read_text().replace('"chains":', '"chains":1'))
    assert "signature is nobody's we trust" in after().first.message


def test_an_anchor_signed_with_a_key_of_the_attackers_is_named(after, anchor, settings):
    line, _ = read(anchor)
    anchor.write_text(f"{line}\n{private_key(new_private_key()).sign(line.encode()).hex()}\n")
    assert "signature is nobody's we trust" in after().first.message


def test_anchors_of_a_past_key_stay_trusted(after, settings):
    past, settings.TILMFG_ANCHOR_KEY = settings.TILMFG_ANCHOR_KEY, new_private_key()
    assert after().breaks != []
    settings.TILMFG_ANCHOR_PUBLIC_KEYS = public_key_of(past)
    assert after().breaks == []


# --- signatures: 21 CFR 11.70

COLUMNS = """format, chain, subject_kind, subject_id, subject_version, meaning, signer_id, printed_name, reason,
    signed_at, content, content_digest, digest"""
APPROVAL = "FROM records_signature WHERE meaning = 'approved' AND subject_kind = 'release.lot'"
COPY = f"""
    INSERT INTO records_signature ({COLUMNS})
    SELECT {COLUMNS.replace("subject_id", "subject_id + 1")} {APPROVAL}
"""
SIGNERS_GUARD = "pgtrigger_signatures_are_given_by_who_signs_b4d75"
UNSEALED = (
    "ALTER TABLE records_signature DISABLE TRIGGER USER",
    "ALTER TABLE records_signature DROP CONSTRAINT signatures_are_sealed",
)


def acting_as(name):
    return (f"SET LOCAL audit.actor = '{name}'", "SET LOCAL audit.verb = 'release.disposition.sign'")


def test_a_signature_copied_to_another_record_is_named(after):
    """P11-14: whatever guards were taken away before."""
    found = after(*UNSEALED, COPY)
    assert "its digest is not that of the record, name and meaning beside it" in {
        b.message for b in found.breaks if b.check == "signatures"
    }


def test_a_signature_is_not_copied_to_another_record_even_by_the_superuser(admin):
    """P11-14"""
    with rolled_back(admin):
        admin.execute(UNSEALED[0])
        with pytest.raises(psycopg.errors.CheckViolation, match="signatures_are_sealed"):
            admin.execute(COPY)


def test_a_signature_written_again_by_another_is_named(after):
    """P11-14: a true copy for the same record, in the name of who is known to be at work."""
    found = after(
        *acting_as("eve"),
        f"ALTER TABLE records_signature DISABLE TRIGGER {SIGNERS_GUARD}",
        COPY.replace("subject_id + 1", "subject_id"),
    )
    assert "it is rosa's, but eve wrote it" in {b.message for b in found.breaks}


def test_a_signature_whose_content_was_altered_is_named(after):
    """P11-14"""
    found = after(
        *UNSEALED,
        "UPDATE records_signature SET content = replace(content, 'release', 'reject') WHERE content LIKE '%%release%%'",
    )
    assert "its content is not what was signed" in {
        b.message for b in found.breaks if b.check == "signatures"
    }


def test_a_signature_given_to_another_person_is_named(after):
    """P11-15"""
    found = after(
        *UNSEALED,
        "UPDATE records_signature SET signer_id = (SELECT id FROM accounts_user WHERE username = 'adam') "
        "WHERE meaning = 'approved' AND subject_kind = 'release.lot'",
    )
    assert "it is adam's, but rosa wrote it" in {b.message for b in found.breaks}


# --- the command


@pytest.fixture
def committed(admin, facility):
    """An attack that stays until the end of the test."""
    undo = []

    def attack(statement, remedy):
        admin.execute(statement)
        undo.append(remedy)

    yield attack
    for remedy in undo:
        admin.execute(remedy)


def run_command(*words):
    out = StringIO()
    call_command("verify_records", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_ends_well_on_clean_records(facility):
    """P11-01"""
    assert run_command().strip().endswith("intact")


@pytest.mark.django_db
def test_the_command_names_the_first_broken_place(committed, facility):
    """P11-01"""
    altered = (
        "UPDATE audit.event SET content = replace(content, '{0}', '{1}') WHERE chain = '{2}' AND seq = 2"
    )
    chain = facility.order.chain
    committed(altered.format("TB1", "TB2", chain), altered.format("TB2", "TB1", chain))
    with pytest.raises(CommandError) as refusal:
        run_command()
    assert refusal.value.returncode == 1
    place = f"chain {chain}, sequence 2, table identity_container, key {facility.container.pk}"
    assert f"BROKEN, first at chains: {place}" in str(refusal.value)


# --- what the application's own role cannot do: 21 CFR 11.10(e)


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


@pytest.mark.parametrize(
    ("missing", "answer"), [("printed_name", "GM012"), ("reason", "23514"), ("meaning", "GM013")]
)
def test_a_signature_without_name_reason_or_meaning_is_no_signature(admin, missing, answer):
    """P11-13"""
    nothing = "NULL" if missing == "meaning" else "''"
    into, chosen = COPY.split("SELECT")
    chosen = chosen.replace(f"{missing},", f"{nothing},").replace("signed_at", "now()")
    statement = f"{into} SELECT {chosen}"
    assert as_application(admin, *acting_as("rosa"), statement) == answer


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
