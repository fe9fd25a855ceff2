"""Deviations: what did not go as planned, opened by people or by the program, closed by QA.

Names its subject as (kind, id), so that every room above can open one.
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard

from .states import DeviationState


class Deviation(models.Model):
    class Kind(models.TextChoices):
        OUT_OF_LIMIT = "out_of_limit", "Reading out of limits"
        OUT_OF_WINDOW = "out_of_window", "Step outside its window"
        IDENTITY_MISMATCH = "identity_mismatch", "Identity mismatch"
        OUT_OF_SPECIFICATION = "out_of_specification", "Result out of specification"
        OTHER = "other", "Other"

    class Classification(models.TextChoices):
        MINOR = "minor", "Minor"
        MAJOR = "major", "Major"
        CRITICAL = "critical", "Critical"

    number = models.CharField(max_length=16, unique=True)
    chain = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=24, choices=Kind.choices)
    title = models.CharField(max_length=200)
    description = models.TextField()
    state = models.CharField(max_length=10, choices=DeviationState.choices, default=DeviationState.OPEN)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = RecordedAt()
    classification = models.CharField(max_length=10, choices=Classification.choices, blank=True)
    impact = models.TextField(blank=True)
    closure = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=DeviationState.OPEN)
                | Q(state=DeviationState.CLOSED, closure__isnull=False)
                & ~Q(classification="")
                & ~Q(impact=""),
                name="closed_deviations_are_classified_and_signed",
            ),
        ]
        indexes = [
            models.Index(fields=["chain", "state"], name="deviation_of_order"),  # what blocks this lot
            models.Index(fields=["state", "-id"], name="deviation_queue"),  # the list of open ones
        ]
        triggers = [
            Audited(chain="chain", moved_by_verbs=["state", "classification", "impact", "closure"]),
            Guard(
                name="closed_deviations_stay_closed",
                operation=pgtrigger.Update,
                func="""
                IF OLD.state = 'closed' OR (NEW.number, NEW.chain, NEW.subject_kind, NEW.subject_id, NEW.kind)
                    IS DISTINCT FROM (OLD.number, OLD.chain, OLD.subject_kind, OLD.subject_id, OLD.kind)
                THEN RAISE EXCEPTION 'closed_deviations_stay_closed: nor does one change what it is about'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("deviation", args=[self.number])
