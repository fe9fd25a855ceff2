"""Whom single sign-on means when it names somebody."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard

from .people import User


class ProviderLink(models.Model):
    """What a provider calls `subject` is this person, as an administrator said and the person then confirmed."""

    user = models.ForeignKey(User, models.PROTECT, related_name="provider_links")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)  # the only name that providers never give twice
    linked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    linked_at = RecordedAt()
    confirmed_at = models.DateTimeField(null=True)  # first used, with the person's own second factor
    ended_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"], condition=Q(ended_at=None), name="a_subject_is_one_person"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="one_provider_link_of_a_person_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(linked_by=F("user")), name="nobody_links_themselves"),
            models.CheckConstraint(condition=~Q(subject="") & ~Q(issuer=""), name="links_name_a_subject"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="ended_links_say_by_whom",
            ),
        ]
        triggers = [
            Audited(facility="accounts", moved_by_verbs=["confirmed_at"]),
            Guard(
                name="links_are_confirmed_and_end_once",
                operation=pgtrigger.Update,
                func="""
                IF OLD.ended_at IS NOT NULL
                    OR (OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)
                    OR (NEW.user_id, NEW.issuer, NEW.subject, NEW.linked_by_id, NEW.linked_at)
                    <> (OLD.user_id, OLD.issuer, OLD.subject, OLD.linked_by_id, OLD.linked_at)
                THEN RAISE EXCEPTION 'links_are_confirmed_and_end_once: a link stays what it is'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]
