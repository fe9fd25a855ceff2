"""What a person proves themselves with beside the password: an app, passkeys, and codes for when these are lost."""

import pgtrigger
from django.db import models
from django.db.models import Q

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard

from ..guards import invitations_and_resets_take_two
from .people import User


class Authenticator(models.Model):
    """The secret that the person's authenticator app shares with us (RFC 6238), sealed."""

    user = models.ForeignKey(User, models.PROTECT, related_name="authenticators")
    sealed = models.TextField()
    last_step = models.BigIntegerField()  # of the last code that was accepted; adding it needs one
    added_at = RecordedAt()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(removed_at=None), name="one_authenticator_of_a_person"
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removals_say_who",
            ),
        ]
        triggers = [
            Audited(facility="accounts", moved_by_verbs=["last_step"], digested=["sealed"]),
            invitations_and_resets_take_two(written="reset"),
            Guard(
                name="codes_count_once",
                operation=pgtrigger.Update,
                func="""
                IF OLD.removed_at IS NOT NULL OR NEW.last_step < OLD.last_step OR NEW.user_id <> OLD.user_id
                    OR (NEW.last_step = OLD.last_step AND NEW.removed_at IS NULL AND NEW.sealed = OLD.sealed)
                THEN RAISE EXCEPTION 'codes_count_once: a code counts once, a removed authenticator never'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]


class Passkey(models.Model):
    """The public half of a key that a device of the person's holds, and signs with what it is asked (WebAuthn)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.TextField(unique=True)  # nobody's key is anybody's again
    attested = models.TextField()
    counter = models.BigIntegerField()  # of the last answer that was accepted; some devices always say 0
    added_at = RecordedAt()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    removal_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=Q(removed_at=None),
                name="passkeys_of_a_person_differ_by_name",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="passkeys_have_a_name"),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None, removal_reason="")
                | (Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removal_reason="")),
                name="removals_of_passkeys_say_who_and_why",
            ),
        ]
        triggers = [
            Audited(facility="accounts", moved_by_verbs=["counter"]),
            invitations_and_resets_take_two(written="reset"),
            Guard(
                name="passkeys_count_up",
                operation=pgtrigger.Update,
                func="""
                IF OLD.removed_at IS NOT NULL OR NEW.counter < OLD.counter
                    OR (NEW.counter = OLD.counter AND NEW.removed_at IS NULL)
                    OR (NEW.user_id, NEW.name, NEW.credential_id, NEW.attested, NEW.added_at)
                    <> (OLD.user_id, OLD.name, OLD.credential_id, OLD.attested, OLD.added_at)
                THEN RAISE EXCEPTION 'passkeys_count_up: a key stays what it is, counts up, and once removed is gone'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]


class RecoveryCode(models.Model):
    """One of the codes that open a session once each without the authenticator."""

    user = models.ForeignKey(User, models.PROTECT, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    issued_at = RecordedAt()
    spent_at = models.DateTimeField(null=True)  # used, or replaced by newer ones

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_codes_differ"),
        ]
        triggers = [
            Audited(facility="accounts", moved_by_verbs=["spent_at"]),
            Guard(
                name="recovery_codes_open_once",
                operation=pgtrigger.Update,
                func="""
                IF OLD.spent_at IS NOT NULL OR NEW.digest <> OLD.digest OR NEW.user_id <> OLD.user_id
                THEN RAISE EXCEPTION 'recovery_codes_open_once: this code is spent' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]
