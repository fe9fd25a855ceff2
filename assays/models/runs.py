"""Runs: one execution of one method on one file, with its mapping and every well."""

from operator import attrgetter

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from assays.states import RUN, RunState
from tilmfg.batches.models import Sample
from tilmfg.facility.models import Equipment, MaterialLot
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, append_only, frozen_but, moves_along

from .guards import (
    CALIBRATED,
    REAGENTS_ARE_NAMED,
    USABLE_LOTS,
    by_approved_method,
    measured_by_qualified,
    only_while_imported,
    signed_by_reviewer,
)
from .methods import LABORATORY, PERSON, InstrumentFile, Method


class Run(models.Model):
    """One execution of one method on one file; what was found stands in its computations."""

    method = models.ForeignKey(Method, models.PROTECT, related_name="runs")
    file = models.ForeignKey(InstrumentFile, models.PROTECT, related_name="runs")
    instrument = models.ForeignKey(Equipment, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.IMPORTED)
    analyst = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    measured_at = models.DateTimeField()  # by the instrument's clock
    recorded_at = RecordedAt()
    signal_read = models.TextField(blank=True)  # of a plate: the reading that is taken …
    reference_read = models.TextField(blank=True)  # … and the one that is subtracted
    plate_in_file = models.TextField(blank=True)  # which of several plates of the file; "" if it holds one
    plate_read = models.TextField(blank=True)  # the code by which the file names the plate …
    plate_scanned = models.TextField(blank=True)  # … and the one that the analyst scanned on it
    findings = models.JSONField(default=list)  # sentences: what was unusual about the file …
    acceptance = models.TextField(blank=True)  # … and why the analyst imported it nonetheless
    review = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    reviewed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    controls = models.JSONField(null=True)  # how they stood, as reviewed; older reviews do not say

    chain = LABORATORY

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "plate_in_file"],
                condition=~Q(state=RunState.REJECTED),
                name="a_plate_of_a_file_is_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(plate_read="") | Q(plate_scanned__iexact=F("plate_read")),
                name="the_plate_scanned_is_that_of_the_file",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RunState.REVIEWED, RunState.REJECTED])
                | Q(review__isnull=False, reviewed_by__isnull=False),
                name="reviewed_runs_are_signed",
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("analyst")), name="the_analyst_of_a_run_does_not_review_it"
            ),
            models.CheckConstraint(
                condition=Q(findings=[]) | ~Q(acceptance=""), name="findings_are_accepted_with_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="run_queue")]
        triggers = [
            Audited(facility="laboratory", moved_by_verbs=["state", "review", "reviewed_by", "controls"]),
            frozen_but(
                "state",
                "review_id",
                "reviewed_by_id",
                "controls",
                name="runs_are_never_edited",
                hint="import the file again after a rejection",
            ),
            Guard(
                name="computed_runs_have_a_computation",
                operation=pgtrigger.Update,
                func="""
                IF NEW.state IN ('computed', 'invalid', 'reviewed') AND NEW.state <> OLD.state AND NOT EXISTS (
                    SELECT FROM assays_computation c WHERE c.run_id = NEW.id AND c.number > coalesce(
                        (SELECT max(m.computation) - 1 FROM assays_masking m WHERE m.run_id = NEW.id), 0))
                THEN RAISE EXCEPTION 'computed_runs_have_a_computation: of the wells as they are masked now'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
            Guard(
                name="who_masked_a_well_does_not_review",
                operation=pgtrigger.Update,
                func="""
                IF NEW.reviewed_by_id IS NOT NULL AND EXISTS (
                    SELECT FROM assays_masking m WHERE m.run_id = NEW.id AND m.by_id = NEW.reviewed_by_id)
                THEN RAISE EXCEPTION 'who_masked_a_well_does_not_review' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
            Guard(
                name="reviews_say_how_the_controls_stood",
                operation=pgtrigger.Update,
                func="""
                IF OLD.review_id IS NOT NULL AND NEW.controls IS DISTINCT FROM OLD.controls
                THEN RAISE EXCEPTION 'reviews_say_how_the_controls_stood: what was reviewed stays'
                    USING ERRCODE = 'GM012';
                END IF;
                IF OLD.review_id IS NULL AND NEW.review_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM records_signature s
                    WHERE s.id = NEW.review_id AND s.content::jsonb -> 'controls' = NEW.controls)
                THEN RAISE EXCEPTION 'reviews_say_how_the_controls_stood: the signature does not cover them'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
            REAGENTS_ARE_NAMED,
            CALIBRATED,
            moves_along(RUN, name="runs_move_along_their_states"),
            signed_by_reviewer(
                name="run_reviews_are_signed",
                subjects="s.subject_kind = 'assays.run' AND s.subject_id = NEW.id",
            ),
            by_approved_method(name="runs_execute_approved_methods"),
            measured_by_qualified("analyst_id", "reviewed_by_id", name="runs_are_made_by_qualified_people"),
        ]

    def __str__(self):
        return f"Run {self.pk}"

    def get_absolute_url(self):
        return reverse("run", args=[self.pk])

    @property
    def plate_said(self):
        """By whom the plate is named."""
        return "as the file names it" if self.plate_read else "stated by the analyst; the file names none"

    @property
    def current(self):
        """The last computation; it is the one that a reviewer signs."""
        return max(self.computations.all(), key=attrgetter("number"), default=None)

    @property
    def outcome(self):
        """Fit, back-fit and criteria, or counts; None until they are computed."""
        return self.current.outcome if self.current else None

    @property
    def kernel_version(self):
        return self.current.kernel_version if self.current else ""


class RunReagent(models.Model):
    """Which lot of a material a run used for a reagent that its method names; both go by the same name."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="reagents")
    reagent = models.TextField()
    lot = models.ForeignKey(MaterialLot, models.PROTECT, related_name="+")

    chain = LABORATORY

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "reagent"], name="a_run_names_one_lot_of_a_reagent")
        ]
        triggers = [Audited(facility="laboratory"), append_only(), USABLE_LOTS]

    def __str__(self):
        return f"{self.reagent}: {self.lot}"


class MappedSample(models.Model):
    """What the instrument called a sample, and which sample of the facility it is, or why it is left out."""

    class Condition(models.TextChoices):
        STIMULATED = "stimulated", "Stimulated"
        UNSTIMULATED = "unstimulated", "Unstimulated"
        AS_IS = "as_is", "As it is"
        SPIKED = "spiked", "Spiked"

    run = models.ForeignKey(Run, models.PROTECT, related_name="mapped_samples")
    row = models.PositiveIntegerField(default=0)  # of a cell counter file, from 1; a plate has none
    instrument_name = models.TextField()
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="mappings", null=True)
    condition = models.CharField(max_length=14, choices=Condition.choices, default=Condition.AS_IS)
    left_out = models.TextField(blank=True)
    again = models.TextField(blank=True)  # why a sample that has a standing result was measured again

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "row", "instrument_name"], name="an_instrument_name_is_mapped_once_in_a_run"
            ),
            models.CheckConstraint(
                condition=Q(sample__isnull=False, left_out="") | Q(sample=None) & ~Q(left_out=""),
                name="a_name_is_a_sample_or_left_out_with_a_reason",
            ),
        ]
        triggers = [
            Audited(facility="laboratory"),
            append_only(),
            only_while_imported(name="names_are_mapped_with_the_import"),
        ]


class Well(models.Model):
    """One well as read: what it held and what the instrument saw, of a multiplex plate for each analyte."""

    class Role(models.TextChoices):
        STANDARD = "standard", "Standard"
        BLANK = "blank", "Blank"
        CONTROL = "control", "Control"
        SAMPLE = "sample", "Sample"
        EMPTY = "empty", "Empty"

    run = models.ForeignKey(Run, models.PROTECT, related_name="wells")
    position = models.CharField(max_length=4)
    role = models.CharField(max_length=12, choices=Role.choices)
    instrument_name = models.TextField(blank=True)
    mapped_sample = models.ForeignKey(MappedSample, models.PROTECT, null=True, related_name="wells")
    nominal = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    dilution = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    signal = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    reference = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    missing = models.TextField(blank=True)
    analyte = models.TextField(blank=True)  # of a multiplex plate, which has a row for each of a well
    bead_count = models.PositiveIntegerField(null=True)
    place = models.TextField(blank=True)  # where in the file it was read; older runs do not say

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "position", "analyte"], name="one_row_per_well"),
            models.CheckConstraint(
                condition=Q(signal__isnull=False) | ~Q(missing=""), name="wells_without_signal_say_why"
            ),
            models.CheckConstraint(
                condition=Q(role="sample", mapped_sample__isnull=False)
                | ~Q(role="sample") & Q(mapped_sample=None),
                name="sample_wells_and_no_others_are_mapped",
            ),
        ]
        triggers = [
            Audited(facility="laboratory"),
            append_only(),
            only_while_imported(name="wells_come_with_the_import"),
            Guard(
                name="wells_are_mapped_in_their_own_run",
                operation=pgtrigger.Insert,
                func="""
                IF NEW.mapped_sample_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM assays_mappedsample m
                    WHERE m.id = NEW.mapped_sample_id AND m.run_id = NEW.run_id)
                THEN RAISE EXCEPTION 'wells_are_mapped_in_their_own_run' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.position} {self.analyte}".strip()
