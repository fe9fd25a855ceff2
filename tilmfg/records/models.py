"""The ground: the audit trail as it reads, domain events, signatures, promised effects, first answers.

Knows people only as AUTH_USER_MODEL and no other room. Nobody writes here but through the rooms' verbs.
"""

import json
from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from . import sealing
from .fields import RecordedAt
from .triggers import Audited, Guard, append_only


class AuditEvent(models.Model):
    """One change of one row, as the database recorded it; the table belongs to the audit role, not to migrations."""

    pk = models.CompositePrimaryKey("chain", "seq")
    chain = models.TextField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.TextField()
    verb = models.TextField()
    reason = models.TextField()
    request = models.TextField()
    op = models.TextField()
    relation = models.TextField()
    key = models.TextField()
    content = models.TextField()
    hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = 'audit"."event'

    audit_exempt = "It is the audit trail."

    @property
    def before_and_after(self):
        """Old and new values of the row, numbers as exact as they were; None where there was no row."""
        old, new = json.loads(self.content, parse_float=Decimal)[-2:]
        return old, new


class Event(models.Model):
    """A thing that happened, in the words of the field; a change of state if both states are given."""

    name = models.CharField(max_length=80)
    chain = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["chain", "id"], name="event_timeline"),  # the timeline of an order
            models.Index(
                fields=["subject_kind", "subject_id", "id"], name="event_of_subject"
            ),  # one record's history
        ]
        triggers = [Audited(chain="chain"), append_only(), sealing.OwnEvent()]


SIGNATURE_MEANINGS = ["reviewed", "approved", "closed", "reviewed_result", "trail_reviewed", "rejected"]


class Signature(models.Model):
    """Who signed exactly what, meaning what. `content` is the canonical text as shown.

    `digest` is of the record's kind, id and version, its chain, the signer, name, meaning, reason, time and the digest
    of the content: no part of a row can be changed and no row be moved to another record without its showing.
    """

    class Meaning(models.TextChoices):
        REVIEWED = "reviewed", "Reviewed: the record is complete and correct"
        APPROVED = "approved", "Approved: I decide as stated"
        CLOSED = "closed", "Closed: investigated and concluded"
        REVIEWED_RESULT = "reviewed_result", "Result reviewed: data and calculation are correct"
        TRAIL_REVIEWED = "trail_reviewed", "Audit trail reviewed: every exception is explained"
        REJECTED = "rejected", "Rejected: the record does not stand, for the reason given"

    format = models.PositiveSmallIntegerField()  # what the digest covers; 0: the content alone
    chain = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_version = models.BigIntegerField()
    meaning = models.CharField(max_length=20, choices=Meaning.choices)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="signatures")
    printed_name = models.CharField(max_length=120)
    reason = models.TextField()
    signed_at = models.DateTimeField()  # by the database clock, which a guard holds it against
    content = models.TextField()
    content_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(printed_name="") & ~Q(reason="") & ~Q(digest=""), name="signatures_are_complete"
            ),
            models.CheckConstraint(
                condition=Q(meaning__in=SIGNATURE_MEANINGS),
                name="signatures_have_a_known_meaning",
            ),
            models.CheckConstraint(
                condition=Q(format=0) | Q(reason__regex=r"(\w\W*){4}"), name="signatures_state_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(content_digest=sealing.CONTENT) & Q(digest=sealing.RECORD),
                name="signatures_are_sealed",
            ),
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="signature_of_subject")]
        triggers = [Audited(chain="chain"), append_only(), sealing.OwnSignature(), sealing.QualifiedSigner()]


class Effect(models.Model):
    """Work promised by a transaction and done exactly once after it; the broker only carries hints of it."""

    key = models.CharField(max_length=200, unique=True)
    task = models.CharField(max_length=80)
    arguments = models.JSONField()
    promised_at = RecordedAt()
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(done_at=None), name="effect_to_sweep"
            ),  # the sweeper
        ]
        triggers = [
            Guard(
                name="effects_are_done_once",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare="broken text;",
                func="""
                IF TG_OP = 'INSERT' THEN
                    broken := CASE WHEN NEW.done_at IS NOT NULL OR NEW.attempts <> 0 THEN 'it is promised first' END;
                ELSIF TG_OP = 'DELETE' THEN
                    broken := 'what was promised stays';
                ELSE
                    broken := CASE
                        WHEN OLD.done_at IS NOT NULL THEN 'it is done'
                        WHEN (NEW.id, NEW.key, NEW.task, NEW.arguments, NEW.promised_at)
                            <> (OLD.id, OLD.key, OLD.task, OLD.arguments, OLD.promised_at)
                            THEN 'what was promised stays'
                        WHEN NEW.attempts NOT IN (OLD.attempts, OLD.attempts + 1) THEN 'tries are counted one by one'
                        WHEN NEW.done_at IS NULL THEN NULL
                        WHEN NEW.attempts = OLD.attempts THEN 'nobody tried it'
                        WHEN NEW.done_at NOT BETWEEN transaction_timestamp() AND clock_timestamp() THEN 'not done now'
                    END;
                END IF;
                IF broken IS NOT NULL THEN
                    RAISE EXCEPTION 'effects_are_done_once: %', broken USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    audit_exempt = (
        "Delivery book-keeping, which a guard lets go forward only: tries are counted, then it is done, now and once. "
        "What an effect changes is audited where it is changed."
    )


class FirstAnswer(models.Model):
    """What a form's or call's idempotency key was answered: a repeat gets the same answer and no second effect."""

    key = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    path = models.CharField(max_length=400)
    fingerprint = models.CharField(max_length=64)  # of what was sent; another content is no repeat
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=400, blank=True)
    recorded_at = RecordedAt()

    audit_exempt = "Transport book-keeping; the write it stands for is audited where it happened."
