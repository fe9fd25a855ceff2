"""Badge and PIN: how whoever logged in on a tablet of the floor comes back to it with gloves on (decision 9)."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard

from .attempts import Attempt
from .people import User


def withdrawn_by_whom_and_why(name):
    return models.CheckConstraint(
        condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawal_reason="")
        | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawal_reason="")),
        name=name,
    )


def withdrawn_once(name, hint):
    """It stays what it is, and what was withdrawn does not come back."""
    return Guard(
        name=name,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
        IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL
            AND to_jsonb(NEW) - '{{withdrawn_at,withdrawn_by_id,withdrawal_reason}}'::text[]
            = to_jsonb(OLD) - '{{withdrawn_at,withdrawn_by_id,withdrawal_reason}}'::text[]
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION '{name}: {hint}' USING ERRCODE = 'GM012';
        """,
    )


class Device(models.Model):
    """A tablet that stands on the floor. Its browser holds a secret, of which this is the digest."""

    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    registered_at = RecordedAt()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    withdrawal_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(withdrawn_at=None), name="devices_differ_by_name"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="devices_have_a_name"),
            withdrawn_by_whom_and_why("withdrawals_of_devices_say_who_and_why"),
        ]
        triggers = [
            Audited(
                facility="accounts", moved_by_verbs=["withdrawn_at", "withdrawn_by", "withdrawal_reason"]
            ),
            withdrawn_once("devices_are_withdrawn_once", "register it anew"),
        ]

    def __str__(self):
        return self.name


class Badge(models.Model):
    """A code that one person carries, which a scanner reads. Whose it was, it stays: nobody else ever gets it."""

    user = models.ForeignKey(User, models.PROTECT, related_name="badges")
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    issued_at = RecordedAt()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    withdrawal_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(withdrawn_at=None), name="one_badge_of_a_person_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(issued_by=F("user")), name="nobody_issues_their_own_badge"),
            withdrawn_by_whom_and_why("withdrawals_of_badges_say_who_and_why"),
        ]
        triggers = [
            Audited(
                facility="accounts", moved_by_verbs=["withdrawn_at", "withdrawn_by", "withdrawal_reason"]
            ),
            withdrawn_once("badges_are_withdrawn_once", "issue a new one"),
        ]


class Pin(models.Model):
    """What goes with one badge. A new badge has none until its owner chooses it."""

    badge = models.ForeignKey(Badge, models.PROTECT, related_name="pins")
    hashed = models.CharField(max_length=128)
    chosen_at = RecordedAt()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["badge"], condition=Q(replaced_at=None), name="one_pin_of_a_badge_at_a_time"
            ),
        ]
        triggers = [
            Audited(facility="accounts", moved_by_verbs=["replaced_at"], digested=["hashed"]),
            Guard(
                name="pins_go_with_a_badge",
                operation=pgtrigger.Insert,
                func="""
                IF NOT EXISTS (SELECT FROM accounts_badge b WHERE b.id = NEW.badge_id AND b.withdrawn_at IS NULL)
                THEN RAISE EXCEPTION 'pins_go_with_a_badge: this badge is withdrawn' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
            Guard(
                name="pins_are_replaced_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF TG_OP = 'UPDATE' AND OLD.replaced_at IS NULL
                    AND (NEW.badge_id, NEW.hashed, NEW.chosen_at) = (OLD.badge_id, OLD.hashed, OLD.chosen_at)
                THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'pins_are_replaced_once: choose a new one' USING ERRCODE = 'GM012';
                """,
            ),
        ]


class Presence(models.Model):
    """Somebody logged in on a tablet with all they have, and may unlock it by badge until the time is over."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="presences")
    user = models.ForeignKey(User, models.PROTECT, related_name="presences")
    attempt = models.OneToOneField(
        Attempt, models.PROTECT, related_name="presence"
    )  # the one that let them in
    bound_to = models.CharField(max_length=64)  # as a session is: another password or epoch ends it
    began_at = RecordedAt()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user"], condition=Q(ended_at=None), name="presences_that_last"),
        ]
        triggers = [
            Audited(facility="sign-ins", moved_by_verbs=["ended_at"], digested=["bound_to"]),
            Guard(
                name="presences_end_once",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND to_jsonb(NEW) - 'ended_at' = to_jsonb(OLD) - 'ended_at'
                THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'presences_end_once: log in again' USING ERRCODE = 'GM012';
                """,
            ),
            Guard(
                name="presences_begin_with_a_whole_sign_in",
                operation=pgtrigger.Insert,
                func="""
                IF NOT EXISTS (SELECT FROM accounts_attempt a WHERE a.id = NEW.attempt_id AND a.user_id = NEW.user_id
                    AND a.recorded_at > now() - interval '5 minutes'
                    AND (a.purpose = 'sign_in' AND a.outcome IN ('accepted', 'signed_on') AND a.with_code
                        OR a.purpose = 'single_sign_on' AND a.outcome = 'signed_on'))
                    OR NOT EXISTS (SELECT FROM accounts_device d WHERE d.id = NEW.device_id AND d.withdrawn_at IS NULL)
                THEN RAISE EXCEPTION 'presences_begin_with_a_whole_sign_in: log in with password and code'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]
