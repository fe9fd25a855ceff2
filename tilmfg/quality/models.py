"""Deviations: what did not go as planned, opened by people or by the program, closed by QA; and the
investigations of results out of specification.

A deviation names its subject as (kind, id), so that every room above can open one.
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, frozen_but, moves_along

from .states import INVESTIGATION, UNCONCLUDED, DeviationState, InvestigationState
from .workers import LABORATORY, WORKERS


class Deviation(models.Model):
    class Kind(models.TextChoices):
        OUT_OF_LIMIT = "out_of_limit", "Reading out of limits"
        OUT_OF_WINDOW = "out_of_window", "Step outside its window"
        IDENTITY_MISMATCH = "identity_mismatch", "Identity mismatch"
        OUT_OF_SPECIFICATION = "out_of_specification", "Result out of specification"
        OUT_OF_TREND = "out_of_trend", "Result out of trend"
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
            Guard(
                name="deviations_are_closed_by_strangers",
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare="of_order bigint := substring(NEW.chain FROM '^order:([0-9]+)$');",
                func=f"""
                IF NEW.closure_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM records_signature s WHERE s.id = NEW.closure_id AND s.meaning = 'closed'
                    AND s.subject_kind = 'quality.deviation' AND s.subject_id = NEW.id
                    AND s.signer_id <> NEW.opened_by_id
                    AND s.signer_id NOT IN (SELECT worker.id FROM ({WORKERS.format(order="of_order")}) AS worker (id)
                        WHERE worker.id IS NOT NULL))
                THEN RAISE EXCEPTION 'deviations_are_closed_by_strangers: no signature of somebody else over it'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,  # noqa: S608 - nothing in it is anybody's input
            ),
            Guard(
                name="results_are_investigated_to_the_end",
                operation=pgtrigger.Update,
                func="""
                IF NEW.state = 'closed' AND EXISTS (SELECT FROM quality_investigation i
                    WHERE i.deviation_id = NEW.id AND i.state IN ('phase_one', 'phase_two'))
                THEN RAISE EXCEPTION 'results_are_investigated_to_the_end: the investigation is not concluded'
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


class Investigation(models.Model):
    """Of one valid result outside its limit, with the number of retests that was planned before anybody saw it."""

    deviation = models.OneToOneField(Deviation, models.PROTECT, related_name="investigation")
    chain = models.CharField(max_length=80)
    result_id = models.BigIntegerField(unique=True)
    analyst = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    retests_planned = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=12, choices=InvestigationState.choices, default=InvestigationState.PHASE_ONE
    )
    recorded_at = RecordedAt()

    class Meta:
        triggers = [
            Audited(chain="chain", moved_by_verbs=["state"]),
            frozen_but(
                "state",
                name="investigations_keep_their_plan",
                hint="the plan was fixed before the result was seen",
            ),
            moves_along(INVESTIGATION, name="investigations_go_phase_by_phase"),
            Guard(
                name="phases_end_with_a_signature",
                operation=pgtrigger.Update,
                func="""
                IF NEW.state <> OLD.state AND NOT EXISTS (SELECT FROM quality_conclusion c
                    WHERE c.investigation_id = NEW.id AND c.signature_id IS NOT NULL
                    AND c.phase = CASE OLD.state WHEN 'phase_one' THEN 1 ELSE 2 END
                    AND (c.cause <> '') = (NEW.state = 'invalidated'))
                THEN RAISE EXCEPTION 'phases_end_with_a_signature: no signed conclusion says so'
                    USING ERRCODE = 'GM012';
                ELSIF NEW.state <> OLD.state AND OLD.state = 'phase_two' AND NEW.retests_planned >
                    (SELECT count(*) FROM assays_result r WHERE r.retest_of_id = NEW.result_id AND r.state = 'final')
                THEN RAISE EXCEPTION 'phases_end_with_a_signature: planned retests are not final'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return self.deviation.number

    def get_absolute_url(self):
        return reverse("investigation", args=[self.deviation.number])

    @property
    def is_open(self):
        return self.state in UNCONCLUDED

    @property
    def phase(self):
        return Conclusion.Phase.ONE if self.state == InvestigationState.PHASE_ONE else Conclusion.Phase.TWO


class Conclusion(models.Model):
    """What a phase of an investigation found. A cause that can be assigned, with evidence, invalidates the result."""

    class Phase(models.IntegerChoices):
        ONE = 1, "Phase I, the laboratory"
        TWO = 2, "Phase II, the laboratory and beyond it"

    investigation = models.ForeignKey(Investigation, models.PROTECT, related_name="conclusions")
    chain = models.CharField(max_length=80)
    phase = models.PositiveSmallIntegerField(choices=Phase.choices)
    findings = models.TextField()
    cause = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["investigation", "phase"], name="a_phase_is_concluded_once"),
            models.CheckConstraint(condition=~Q(findings=""), name="conclusions_say_what_was_found"),
            models.CheckConstraint(
                condition=Q(cause="", evidence="") | ~Q(cause="") & ~Q(evidence=""),
                name="causes_have_evidence",
            ),
        ]
        triggers = [
            Audited(chain="chain", moved_by_verbs=["signature"]),
            frozen_but("signature_id", name="conclusions_are_never_edited", hint="they are signed"),
            Guard(
                name="conclusions_are_signed_by_qa",
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=f"""
                IF TG_OP = 'UPDATE' AND OLD.signature_id IS NOT NULL
                    AND NEW.signature_id IS DISTINCT FROM OLD.signature_id
                    OR NEW.signature_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM records_signature s JOIN quality_investigation i ON i.id = NEW.investigation_id
                    WHERE s.id = NEW.signature_id AND s.subject_kind = 'quality.conclusion' AND s.subject_id = NEW.id
                    AND s.meaning = CASE NEW.phase WHEN 1 THEN 'reviewed' ELSE 'approved' END
                    AND s.signer_id <> i.analyst_id AND s.signer_id IS DISTINCT FROM i.reviewer_id
                    AND s.signer_id NOT IN (
                        SELECT worker.id FROM ({LABORATORY.format(result="i.result_id")}) AS worker (id)
                        WHERE worker.id IS NOT NULL)
                    AND NOT EXISTS (SELECT FROM quality_conclusion e JOIN records_signature f ON f.id = e.signature_id
                        WHERE e.investigation_id = i.id AND e.phase < NEW.phase AND f.signer_id = s.signer_id))
                THEN RAISE EXCEPTION 'conclusions_are_signed_by_qa: not a signature of somebody else over it'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,  # noqa: S608 - nothing in it is anybody's input
            ),
        ]

    def get_absolute_url(self):
        return self.investigation.get_absolute_url()
