"""Rows about people that the database refuses whoever writes them, each by the rule it names."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from tests import factories
from tests.cast import grant, person
from tests.raw_sql import refused, run
from tilmfg.accounts import models
from tilmfg.accounts.services import service_account
from tilmfg.accounts.training import current_statement
from tilmfg.records.days import facility_today

pytestmark = pytest.mark.django_db

NOW = factories.NOW


def write(model, **values):
    with factories.writing():
        return getattr(models, model).objects.create(**values)


def attempt(**values):
    return write("Attempt", **{"name": "olga", "purpose": "sign_in", "outcome": "locked"} | values)


def lock():
    return write("Lock", user=person("olga"), attempt=attempt(user=person("olga")))


def invitation(digest, **values):
    adam, olga = person("adam"), person("olga")
    return write("Invitation", user=olga, digest=digest, issued_by=adam, expires_at=NOW, **values)


def passkey(name, credential_id):
    return write(
        "Passkey", user=person("olga"), name=name, credential_id=credential_id, attested="a", counter=0
    )


def link(who="olga", issuer="https://id", subject="s1", by="adam"):
    return write("ProviderLink", user=person(who), issuer=issuer, subject=subject, linked_by=person(by))


def qualification(*, code="wash", days=1, reason="Seen at work"):
    today = facility_today()
    return write(
        "Qualification",
        person=person("olga"),
        code=code,
        from_date=today,
        until_date=today + timedelta(days=days),
        given_by=person("adam"),
        reason=reason,
    )


def device(name):
    return write("Device", name=name, digest=f"digest of {name}{NOW}", registered_by=person("adam"))


def badge(digest, who="olga", by="adam"):
    return write("Badge", user=person(who), digest=digest, issued_by=person(by))


def withdraw(table):
    run(
        f"UPDATE accounts_{table} SET withdrawn_at = now(), withdrawn_by_id = %s, withdrawal_reason = 'Lost'",
        person("adam").pk,
    )


# ── Said once ────────────────────────────────────────────────────────────────────────────────────


def test_a_statement_is_acknowledged_once():
    with refused("acknowledged_once"):
        write("Acknowledgement", person=person("olga"), statement=current_statement())


def test_an_account_has_one_lock_at_a_time():
    lock()
    with refused("one_lock_of_an_account_at_a_time"):
        lock()


def test_a_person_has_one_invitation_at_a_time():
    invitation("a")
    with refused("one_invitation_of_a_person_at_a_time"):
        invitation("b")


def test_passkeys_of_a_person_differ_by_name():
    passkey("Yellow key", "c1")
    with refused("passkeys_of_a_person_differ_by_name"):
        passkey("Yellow key", "c2")


def test_recovery_codes_of_a_person_differ():
    write("RecoveryCode", user=person("olga"), digest="d")
    with refused("recovery_codes_differ"):
        write("RecoveryCode", user=person("olga"), digest="d")


def test_a_subject_of_a_provider_is_one_person():
    link()
    with refused("a_subject_is_one_person"):
        link("tomas")


def test_a_person_has_one_link_to_a_provider():
    link()
    with refused("one_provider_link_of_a_person_at_a_time"):
        link(subject="s2")


def test_a_role_is_granted_once_at_a_time():
    with refused("one_grant_of_a_role_at_a_time"):
        grant("olga", "technician")


def test_tablets_differ_by_name():
    device("Isolator 1")
    with refused("devices_differ_by_name"):
        write("Device", name="Isolator 1", digest="another", registered_by=person("adam"))


def test_a_person_has_one_badge_at_a_time():
    badge("a")
    with refused("one_badge_of_a_person_at_a_time"):
        badge("b")


def test_a_badge_has_one_pin_at_a_time():
    held = badge("a")
    write("Pin", badge=held, hashed="x")
    with refused("one_pin_of_a_badge_at_a_time"):
        write("Pin", badge=held, hashed="y")


def test_refusals_of_one_address_are_counted_in_one_row_of_a_minute():
    """Nobody signed in is one person too."""
    write("Refusal", minute=NOW, address="/lots/")
    with refused("refusals_are_counted_by_the_minute"):
        write("Refusal", minute=NOW, address="/lots/")


# ── Said wholly ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("outcome", "user"), [("accepted", None), ("unknown", "olga")])
def test_an_attempt_names_whom_it_is_about(outcome, user):
    with refused("attempts_name_whom_they_are_about"):
        attempt(outcome=outcome, user=user and person(user))


def test_an_authenticator_is_removed_by_somebody():
    with refused("removals_say_who"):
        write("Authenticator", user=person("olga"), sealed="s", last_step=1, removed_at=NOW)


def test_a_passkey_has_a_name():
    with refused("passkeys_have_a_name"):
        passkey("", "c1")


@pytest.mark.parametrize("missing", ["issuer", "subject"])
def test_a_link_names_provider_and_subject(missing):
    with refused("links_name_a_subject"):
        link(**{missing: ""})


def test_nobody_links_themselves():
    with refused("nobody_links_themselves"):
        link(by="olga")


def test_nobody_issues_their_own_badge():
    with refused("nobody_issues_their_own_badge"):
        badge("a", by="olga")


@pytest.mark.parametrize("wrong", [{"days": -1}, {"code": ""}])
def test_a_qualification_is_for_something_and_ends_after_it_begins(wrong):
    with refused("qualifications_have_a_time"):
        qualification(**wrong)


def test_a_qualification_says_what_it_rests_on():
    with refused("qualifications_have_a_reason"):
        qualification(reason="-")


def test_a_qualification_is_revoked_by_somebody_and_for_a_reason():
    held = qualification()
    with refused("revocations_say_who_and_why"):
        run("UPDATE accounts_qualification SET revoked_at = now() WHERE id = %s", held.pk)


def test_a_grant_names_a_role_of_the_house():
    with refused("grants_name_a_known_role"):
        grant("olga", "owner")


def test_a_statement_says_something():
    with refused("statements_say_something"):
        write("Statement", version=99, text="", published_by=person("adam"))


def test_a_person_has_a_name_to_sign_with():
    with refused("people_have_a_printed_name"):
        run("UPDATE accounts_user SET printed_name = '' WHERE id = %s", person("olga").pk)


def test_a_tablet_has_a_name():
    with refused("devices_have_a_name"):
        device("")


@pytest.mark.parametrize(("table", "rule"), [("device", "devices"), ("badge", "badges")])
def test_tablets_and_badges_are_withdrawn_by_somebody_and_for_a_reason(table, rule):
    device("Isolator 1")
    badge("a")
    with refused(f"withdrawals_of_{rule}_say_who_and_why"):
        run(f"UPDATE accounts_{table} SET withdrawn_at = now()")


# ── Said for ever ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_acknowledgement SET statement_id = statement_id",
        "UPDATE accounts_statement SET text = 'x'",
    ],
)
def test_statements_and_who_acknowledged_them_are_never_edited(statement):
    person("olga")
    with refused("is append-only"):
        run(statement)


def test_an_attempt_is_never_edited():
    attempt(user=person("olga"))
    with refused("is append-only"):
        run("UPDATE accounts_attempt SET outcome = 'accepted'")


@pytest.mark.parametrize("change", ["spent_at = NULL", "digest = 'b'"])
def test_an_invitation_counts_once(change):
    invitation("a", spent_at=NOW)
    with refused("invitations_count_once"):
        run(f"UPDATE accounts_invitation SET {change}")


@pytest.mark.parametrize(("table", "rule"), [("device", "devices"), ("badge", "badges")])
def test_what_was_withdrawn_does_not_come_back(table, rule):
    device("Isolator 1")
    badge("a")
    withdraw(table)
    with refused(f"{rule}_are_withdrawn_once"):
        run(
            f"UPDATE accounts_{table} SET withdrawn_at = NULL, withdrawn_by_id = NULL, withdrawal_reason = ''"
        )


def test_a_pin_goes_with_a_badge_that_counts():
    held = badge("a")
    withdraw("badge")
    with refused("pins_go_with_a_badge"):
        write("Pin", badge=held, hashed="x")


def test_a_replaced_pin_stays_replaced():
    write("Pin", badge=badge("a"), hashed="x", replaced_at=NOW)
    with refused("pins_are_replaced_once"):
        run("UPDATE accounts_pin SET replaced_at = NULL")


@pytest.mark.parametrize("change", ["username = 'olga.old'", "is_service = true"])
def test_a_user_name_is_never_given_to_another(change):
    """P11-15: who was called so once is called so for ever; a name that is free again could be given away."""
    with refused("user_names_are_never_given_to_another"):
        run(f"UPDATE accounts_user SET {change} WHERE id = %s", person("olga").pk)


@pytest.mark.parametrize("name", ["оlga", "olga ", "o"])
def test_a_user_name_is_plain(name):
    """P11-18: the first is written with a Cyrillic letter."""
    with refused("usernames_are_plain"):
        write("User", username=name, printed_name="Olga Petrova")


@pytest.mark.parametrize("change", ["revoked_at = NULL", "revoked_at = now(), role = 'auditor'"])
def test_a_grant_that_was_revoked_stays_revoked_and_what_it_was(change):
    grant = person("olga").role_grants.get()
    if change == "revoked_at = NULL":
        run("UPDATE accounts_rolegrant SET revoked_at = now() WHERE id = %s", grant.pk)
    with refused("grants_are_revoked_once"):
        run(f"UPDATE accounts_rolegrant SET {change} WHERE id = %s", grant.pk)


@pytest.mark.parametrize(
    ("whom", "by", "actor", "words"),
    [
        ("eve", None, "root", "in the name of another"),
        ("eve", "root", "eve", "in the name of another"),
        ("eve", "rosa", "rosa", "not somebody who may"),
        ("celery", "celery", "celery", "to whom it registers"),
    ],
)
def test_a_role_is_granted_by_a_system_administrator_in_their_own_name(whom, by, actor, words):
    """P11-17"""
    whom, by = (name and known(name) for name in (whom, by))
    known(actor)
    with refused(f"roles_are_granted_by_who_may: .*{words}"), factories.writing(actor):
        models.RoleGrant.objects.create(user=whom, role="qa_approver", granted_by=by)


def known(name):
    return service_account() if name == "celery" else person(name)


def test_nobody_grants_themselves_a_role():
    with refused("nobody_grants_themselves_a_role"):
        grant("root", "auditor")


@pytest.mark.django_db(transaction=True)
def test_of_two_roles_that_exclude_each_other_and_are_granted_at_once_one_is():
    """MHRA-1: the second transaction began before the first one ended, and cannot see what that wrote."""
    eve, root = person("eve"), person("root")
    insert = "INSERT INTO accounts_rolegrant (user_id, role, granted_by_id) VALUES (%s, %s, %s)"
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(
                "SELECT set_config('audit.actor', 'root', true), set_config('audit.verb', 'x', true)"
            )
            grant("eve", "system_administrator")
            with pytest.raises(IntegrityError, match="administrators_do_no_gxp_work"):
                cursor.execute(insert, [eve.pk, "qa_approver", root.pk])
    finally:
        other.close()
