"""Each time somebody said who they are, and the locks that five wrong tries in a row put on an account."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard, append_only

from .people import User

TRIES = 5  # the trigger below counts to the same number
HOURS_PRESENT = (
    12  # that a badge opens a tablet after its owner logged in there, as long as a session at most
)

# Wrong tries in a row: since the account was last locked, passwords since a password was right, codes and passkeys
# since one of these was. A right password alone must not give whoever knows it new guesses at the code, nor single
# sign-on, which asks for no password of ours, new guesses at that. A PIN is guessed in the same row; a right one gives
# new guesses at PINs alone.
WRONG_IN_A_ROW = """
    SELECT count(*) FROM accounts_attempt missed WHERE missed.user_id = {user}
    AND missed.outcome IN ('wrong_password', 'wrong_code', 'wrong_passkey', 'wrong_pin')
    AND missed.id > coalesce((SELECT max(l.attempt_id) FROM accounts_lock l WHERE l.user_id = {user}), 0)
    AND missed.id > coalesce((SELECT max(a.id) FROM accounts_attempt a WHERE a.user_id = {user}
        AND (a.outcome = 'accepted' AND (a.with_code OR missed.outcome = 'wrong_password')
            OR a.outcome = 'signed_on' AND a.with_code AND missed.outcome <> 'wrong_password'
            OR a.outcome = 'unlocked' AND missed.outcome = 'wrong_pin')), 0)
"""


class Attempt(models.Model):
    """Somebody gave a name and secrets. The secrets are not here."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "Sign-in"
        SIGNATURE = "signature", "Signature"
        SECOND_PERSON = "second_person", "Second person"
        INVITATION = "invitation", "Invitation"
        SINGLE_SIGN_ON = "single_sign_on", "Single sign-on"
        UNLOCK = "unlock", "Unlocking a tablet"

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        SIGNED_ON = "signed_on", "Accepted after single sign-on"
        BEGUN = "begun", "First half right, second to come"
        WRONG_PASSWORD = "wrong_password", "Wrong password"
        WRONG_CODE = "wrong_code", "Wrong code"
        USED_CODE = "used_code", "Code used before"
        WRONG_PASSKEY = "wrong_passkey", "Wrong passkey"
        UNLOCKED = "unlocked", "Unlocked by badge and PIN"
        WRONG_PIN = "wrong_pin", "Wrong PIN"
        ABSENT = "absent", "Not logged in on this tablet"
        UNKNOWN = "unknown", "Unknown name"
        INACTIVE = "inactive", "Account not active"
        LOCKED = "locked", "Account locked"

    name = models.CharField(max_length=40)
    user = models.ForeignKey(User, models.PROTECT, related_name="attempts", null=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    with_code = models.BooleanField(default=False)  # or with a passkey
    challenge = models.CharField(
        max_length=100, blank=True, db_default=""
    )  # what a passkey was asked to sign
    device = models.ForeignKey("accounts.Device", models.PROTECT, related_name="attempts", null=True)
    address = models.GenericIPAddressField(null=True)  # of who sent it; none at a console
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose="unlock", device__isnull=False)
                & ~Q(outcome__in=["accepted", "signed_on"])
                | ~Q(purpose="unlock") & Q(device=None) & ~Q(outcome="unlocked"),
                name="badges_unlock_tablets_and_nothing_else",
            ),
            models.CheckConstraint(
                condition=Q(outcome="unknown", user=None) | (~Q(outcome="unknown") & ~Q(user=None)),
                name="attempts_name_whom_they_are_about",
            ),
            models.UniqueConstraint(
                fields=["challenge"],
                condition=Q(outcome__in=["accepted", "signed_on"]) & ~Q(challenge=""),
                name="a_challenge_is_answered_once",
            ),
        ]
        indexes = [  # both are counted at each try
            models.Index(fields=["user", "id"], name="attempts_of_person"),
            models.Index(fields=["address", "recorded_at"], name="attempts_from_address"),
        ]
        triggers = [
            Audited(facility="sign-ins"),
            append_only(),
            Guard(
                name="locked_accounts_try_nothing",
                operation=pgtrigger.Insert,
                declare="tries integer;",
                func=f"""
                IF NEW.user_id IS NULL OR NEW.outcome = 'locked' THEN RETURN NEW; END IF;
                PERFORM FROM accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
                {WRONG_IN_A_ROW.format(user="NEW.user_id").replace("count(*)", "count(*) INTO tries", 1)};
                IF tries >= {TRIES} OR EXISTS (
                    SELECT FROM accounts_lock l WHERE l.user_id = NEW.user_id AND l.unlocked_at IS NULL)
                THEN RAISE EXCEPTION 'locked_accounts_try_nothing: five wrong tries in a row lock an account'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
            Guard(
                name="badges_open_where_somebody_logged_in",
                operation=pgtrigger.Insert,
                func="""
                IF NEW.outcome = 'unlocked' AND (NOT EXISTS (
                    SELECT FROM accounts_presence p JOIN accounts_device d ON d.id = p.device_id
                    WHERE p.user_id = NEW.user_id AND p.device_id = NEW.device_id AND p.ended_at IS NULL
                    AND d.withdrawn_at IS NULL AND p.began_at > now() - interval '12 hours')
                OR NOT EXISTS (
                    SELECT FROM accounts_badge b JOIN accounts_pin n ON n.badge_id = b.id
                    WHERE b.user_id = NEW.user_id AND b.withdrawn_at IS NULL AND n.replaced_at IS NULL))
                THEN RAISE EXCEPTION 'badges_open_where_somebody_logged_in: log in with password and code'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]


class Lock(models.Model):
    """The account may prove nothing until somebody else unlocks it with a reason."""

    user = models.ForeignKey(User, models.PROTECT, related_name="locks")
    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="lock")  # the fifth
    locked_at = RecordedAt()
    unlocked_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    unlocked_at = models.DateTimeField(null=True)
    unlock_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(unlocked_at=None), name="one_lock_of_an_account_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(unlocked_at=None, unlocked_by=None, unlock_reason="")
                | (Q(unlocked_at__isnull=False, unlocked_by__isnull=False) & ~Q(unlock_reason="")),
                name="unlocking_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=Q(unlocked_by=None) | ~Q(unlocked_by=F("user")), name="nobody_unlocks_themselves"
            ),
        ]
        triggers = [
            Audited(facility="accounts"),
            Guard(
                name="locks_end_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF TG_OP = 'UPDATE' AND OLD.unlocked_at IS NULL AND NEW.unlocked_at IS NOT NULL
                AND (NEW.user_id, NEW.attempt_id, NEW.locked_at) = (OLD.user_id, OLD.attempt_id, OLD.locked_at)
                THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'locks_end_once: a lock stays on record as it was' USING ERRCODE = 'GM010';
                """,
            ),
        ]
