"""Whoever has the application's password can name anybody as the actor; verification names who is nobody. AUD-2."""

import pytest

pytestmark = pytest.mark.xdist_group("tampering")

RENAME = (
    "SET LOCAL audit.verb = 'facility.site.correct'",
    "SET LOCAL audit.reason = 'moved house'",
    "UPDATE facility_site SET name = 'other'",
)


def as_application(*statements):
    return ("SET LOCAL SESSION AUTHORIZATION tilmfg_app", *statements, "RESET SESSION AUTHORIZATION")


@pytest.mark.parametrize(
    ("actor", "message"),
    [
        ("nobody", "nobody is called 'nobody', who wrote it"),
        ("Olga", "nobody is called 'Olga', who wrote it"),
        ("(not signed in)", "only a try to sign in is nobody's, and this is none"),
        ("migration", "it is called a migration, but the owner's login did not write it"),
    ],
)
def test_an_actor_who_is_nobody_is_named_with_its_first_event(after, admin, actor, message):
    query = "SELECT max(seq) + 1 FROM audit.event WHERE chain = 'facility:facility'"
    [next_seq] = admin.execute(query).fetchone()
    found = after(*as_application(f"SET LOCAL audit.actor = '{actor}'", *RENAME, *RENAME[-1:]))
    [named] = found.breaks
    assert (named.check, named.message) == ("actors", message)
    assert (named.chain, named.seq, named.relation) == ("facility:facility", next_seq, "facility_site")


def test_a_name_that_was_registered_only_afterwards_is_named(after):
    register = """
        INSERT INTO accounts_user (username, printed_name, password, email, is_active, is_service, recorded_at)
        VALUES ('mallory', 'Mallory', '', '', true, false, clock_timestamp())
    """
    found = after(
        *as_application(
            "SET LOCAL audit.actor = 'mallory'", *RENAME, "SET LOCAL audit.actor = 'eve'", register
        )
    )
    assert [b.message for b in found.breaks] == ["nobody was called 'mallory' when it was written"]
