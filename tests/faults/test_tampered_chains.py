"""Whoever alters events, even as superuser of the database, is found out, and where is named. AUD-1

On the real database; what rows and anchors show beside the chains stands in the files of theirs.
"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.faults.attacks import place

pytestmark = pytest.mark.xdist_group("tampering")  # one facility for all


def test_nothing_is_found_where_nothing_was_done(after):
    found = after()
    assert found.breaks == []
    assert found.examined["anchors"] == 1
    assert min(found.examined[what] for what in ("events", "rows", "signatures", "tables")) > 0


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
