"""What the database asks of people, whatever record they write: that they are who they say, trained, and still here."""

import pgtrigger

from tilmfg.records.triggers import Guard

from .plans import PLANS
from .roles import VOUCHERS, signing_code

REVIEW_DUE_AFTER_DAYS, SIGNS_UNREVIEWED_DAYS = 180, 200

# The database does not know the facility's clocks. A day stands here for as long as it is that day anywhere on earth
# (UTC+14 to UTC−12); pages and verbs, which come first, go by the facility's own day. The index
# `qualification_of_person` finds it.
QUALIFIED = """EXISTS (
    SELECT FROM accounts_qualification q WHERE q.person_id = {person} AND q.code = {code} AND q.revoked_at IS NULL
    AND transaction_timestamp() AT TIME ZONE 'UTC' >= q.from_date - interval '14 hours'
    AND transaction_timestamp() AT TIME ZONE 'UTC' < q.until_date + interval '36 hours')"""

_ROLES_OF_PLANS = ", ".join(
    f"('{kind}', '{meaning.value}', '{signing_code(role)}')"
    for kind, plan in PLANS.items()
    for step in plan.steps
    for meaning in step.meanings
    for role in step.roles
)

# Why a person may not give the signature in NEW, or NULL: SQL, for the guard that `records` puts on signatures.
LACK_OF_SIGNER = f"""
    SELECT CASE
        WHEN count(*) = 0 THEN 'no plan asks for this signature'
        WHEN NOT bool_or({QUALIFIED.format(person="NEW.signer_id", code="planned.code")})
            THEN 'not qualified for ' || string_agg(planned.code, ' or ')
        WHEN NOT EXISTS (SELECT FROM accounts_acknowledgement a WHERE a.person_id = NEW.signer_id
            AND a.statement_id = (SELECT s.id FROM accounts_statement s ORDER BY s.version DESC LIMIT 1))
            THEN 'the accountability statement in force is not acknowledged'
        WHEN NOT EXISTS (SELECT FROM accounts_identityverification v
            WHERE v.person_id = NEW.signer_id AND v.printed_name = NEW.printed_name)
            THEN 'the identity of the signer was not verified'
        WHEN transaction_timestamp() >= interval '{SIGNS_UNREVIEWED_DAYS} days' + GREATEST(
            (SELECT p.recorded_at FROM accounts_user p WHERE p.id = NEW.signer_id),
            (SELECT max(r.recorded_at) FROM accounts_accountreview r
                WHERE r.person_id = NEW.signer_id AND r.decision = 'confirmed'))
            THEN 'the account was not reviewed for {SIGNS_UNREVIEWED_DAYS} days'
        WHEN NOT EXISTS (SELECT FROM accounts_attempt a WHERE a.user_id = NEW.signer_id AND a.purpose = 'signature'
            AND a.outcome = 'accepted' AND a.recorded_at > clock_timestamp() - interval '5 minutes')
            THEN 'the signer did not prove who they are'
    END
    FROM (VALUES {_ROLES_OF_PLANS}) AS planned (kind, meaning, code)
    WHERE planned.kind = NEW.subject_kind AND planned.meaning = NEW.meaning
"""  # noqa: S608 - the plans are ours


def by_qualified(*people: str, name: str, code: str, unless: str = "false") -> Guard:
    """Whoever is written into one of the columns `people` is qualified for `code` when that is written.

    `code` is a query over NEW. `unless` is one condition, in parentheses if it says `or`; the person is `p` in it.
    """
    written = ", ".join(
        f"CASE WHEN NEW.{person} IS DISTINCT FROM OLD.{person} THEN NEW.{person} END" for person in people
    )
    return Guard(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update,
        declare="wanted text;",
        func=f"""
        wanted := ({code});
        IF EXISTS (SELECT FROM accounts_user p WHERE p.id IN ({written}) AND NOT {unless}
            AND NOT {QUALIFIED.format(person="p.id", code="wanted")})
        THEN RAISE EXCEPTION '{name}: not qualified for %', wanted USING ERRCODE = 'GM013';
        END IF;
        RETURN NEW;
        """,
    )


def invitations_and_resets_take_two(*, written: str) -> Guard:
    """Whoever could hand out the first factor of a person and take the second away could be that person (11.200).

    `written` says which of the two the table is about.
    """
    by, other = {
        "reset": (
            "NEW.removed_by_id",
            """(SELECT i.issued_by_id FROM accounts_invitation i
            WHERE i.user_id = NEW.user_id ORDER BY i.id DESC LIMIT 1)""",
        ),
        "invitation": (
            "NEW.issued_by_id",
            """ANY (SELECT r.removed_by_id FROM (
                SELECT user_id, removed_by_id FROM accounts_authenticator
                UNION SELECT user_id, removed_by_id FROM accounts_passkey) AS r
            WHERE r.user_id = NEW.user_id AND NOT EXISTS (
                SELECT FROM accounts_authenticator a WHERE a.user_id = NEW.user_id AND a.removed_at IS NULL)
            AND NOT EXISTS (SELECT FROM accounts_passkey k WHERE k.user_id = NEW.user_id AND k.removed_at IS NULL))""",
        ),
    }[written]
    return Guard(
        name="nobody_invites_and_resets_alone",
        operation=pgtrigger.Update if written == "reset" else pgtrigger.Insert,
        func=f"""
        IF {by} <> NEW.user_id AND {by} = {other} THEN
            RAISE EXCEPTION 'nobody_invites_and_resets_alone: another administrator does one of the two'
                USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


def by_who_vouches(who: str, *, name: str, also: str = "") -> Guard:
    """Whoever is written into the column `who` writes in their own name, and may. `also`: further refusals."""
    roles = ", ".join(f"'{role.value}'" for role in VOUCHERS)
    return Guard(
        name=name,
        operation=pgtrigger.Insert,
        declare="broken text;",
        func=f"""
        broken := (SELECT CASE
            WHEN p.username IS DISTINCT FROM current_setting('audit.actor', true)
                THEN 'nobody vouches in the name of another'
            WHEN NOT p.is_active OR NOT EXISTS (SELECT FROM accounts_rolegrant g
                WHERE g.user_id = p.id AND g.revoked_at IS NULL AND g.role IN ({roles}))
                THEN 'not somebody who may'
            {also}
        END FROM accounts_user p WHERE p.id = NEW.{who}_id);
        IF broken IS NOT NULL THEN RAISE EXCEPTION '{name}: %', broken USING ERRCODE = 'GM013';
        END IF;
        RETURN NEW;
        """,  # noqa: S608 - names of our own columns and roles
    )
