"""What people are trained for, and what they declared before they first signed."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard, append_only

from .people import User


class Qualification(models.Model):
    """One person may do one thing for a time: `code` names a version of a process or method, or signing in a role."""

    person = models.ForeignKey(User, models.PROTECT, related_name="qualifications")
    code = models.CharField(max_length=120)
    from_date = models.DateField()
    until_date = models.DateField()
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.TextField()
    recorded_at = RecordedAt()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    revoke_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(given_by=F("person")), name="nobody_qualifies_themselves"),
            models.CheckConstraint(
                condition=~Q(code="") & Q(from_date__lte=F("until_date")), name="qualifications_have_a_time"
            ),
            models.CheckConstraint(
                condition=Q(reason__regex=r"(\w\W*){4}"), name="qualifications_have_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None, revoke_reason="")
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoke_reason=""),
                name="revocations_say_who_and_why",
            ),
        ]
        indexes = [models.Index(fields=["person", "code", "-until_date"], name="qualification_of_person")]
        triggers = [
            Audited(facility="accounts", moved_by_verbs=["revoked_at", "revoked_by", "revoke_reason"]),
            Guard(
                name="qualifications_are_only_revoked",
                operation=pgtrigger.Update,
                func="""
                IF OLD.revoked_at IS NOT NULL
                    OR to_jsonb(NEW) - '{revoked_at,revoked_by_id,revoke_reason}'::text[]
                    IS DISTINCT FROM to_jsonb(OLD) - '{revoked_at,revoked_by_id,revoke_reason}'::text[]
                THEN RAISE EXCEPTION 'qualifications_are_only_revoked: give a new one' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return self.code


class Statement(models.Model):
    """A version of the policy that makes people accountable for what they sign."""

    version = models.PositiveSmallIntegerField(unique=True)
    text = models.TextField()
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    published_at = RecordedAt()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="statements_say_something")]
        triggers = [Audited(facility="accounts"), append_only()]

    def __str__(self):
        return f"Accountability statement, version {self.version}"


class Acknowledgement(models.Model):
    """A person has read one version and stands by it."""

    person = models.ForeignKey(User, models.PROTECT, related_name="acknowledgements")
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="acknowledgements")
    acknowledged_at = RecordedAt()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "statement"], name="acknowledged_once"),
        ]
        triggers = [Audited(facility="accounts"), append_only()]
