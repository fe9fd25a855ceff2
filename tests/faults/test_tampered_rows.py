"""Whoever alters rows past the trigger that writes the trail is found out, and where is named. AUD-2"""

import pytest

from tests.faults.attacks import BY_EVE, GUARDED, UNGUARDED, last_of, place

pytestmark = pytest.mark.xdist_group("tampering")  # one facility for all


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
