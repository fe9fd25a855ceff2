"""How a person comes to a password of their own, which nobody else ever sets or sees."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard

from ..guards import invitations_and_resets_take_two
from .people import User


class Invitation(models.Model):
    """Words that let one person choose their password once, within days."""

    user = models.ForeignKey(User, models.PROTECT, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    issued_at = RecordedAt()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)  # used, or replaced by a newer one

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(spent_at=None), name="one_invitation_of_a_person_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(issued_by=F("user")), name="nobody_invites_themselves"),
        ]
        triggers = [
            Audited(facility="accounts", moved_by_verbs=["spent_at"]),
            invitations_and_resets_take_two(written="invitation"),
            Guard(
                name="invitations_count_once",
                operation=pgtrigger.Update,
                func="""
                IF OLD.spent_at IS NOT NULL OR (NEW.user_id, NEW.digest, NEW.issued_by_id, NEW.expires_at)
                    <> (OLD.user_id, OLD.digest, OLD.issued_by_id, OLD.expires_at)
                THEN RAISE EXCEPTION 'invitations_count_once: this one is spent' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]
