"""Results: one attribute of one sample, superseded and never edited."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from assays.attributes import name_of
from assays.states import RESULT, ResultState
from tilmfg.batches.models import Sample
from tilmfg.identity.models import TherapyOrder
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, SameOrder, frozen_but, moves_along
from tilmfg.shell.numbers import plain

from .guards import (
    AN_ASSAY_IS_PART_OF_ONE_FINAL_RESULT,
    OF_ITS_SAMPLE,
    READINGS_AGREE,
    RESULTS_UNDER_INVESTIGATION_STAND,
    RETESTS_FOLLOW_THEIR_PLAN,
    TOLD_AS_ITS_METHOD_REPORTS,
    by_approved_method,
    measured_by_qualified,
    signed_by_reviewer,
)
from .methods import PERSON, Method
from .runs import Run


class Result(models.Model):
    """One attribute of one sample. Missing is a reason, never a number; nothing is edited but superseded."""

    class Qualifier(models.TextChoices):
        EQUAL = "=", "="
        BELOW = "<", "<"
        ABOVE = ">", ">"

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="results")
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="results")
    method = models.ForeignKey(Method, models.PROTECT, related_name="results")
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="results")
    attribute = models.CharField(max_length=40)
    stage = models.CharField(max_length=10, choices=Sample.Stage.choices)
    qualifier = models.CharField(max_length=1, choices=Qualifier.choices, default=Qualifier.EQUAL)
    raw_value = models.DecimalField(max_digits=32, decimal_places=12, null=True)
    value = models.DecimalField(
        max_digits=24, decimal_places=6, null=True
    )  # the reportable value, rounded once
    decimals = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=24, blank=True)
    missing = models.TextField(blank=True)
    notes = models.TextField(blank=True)  # what a report of this value must declare
    performed_at = models.DateTimeField()
    late_entry_reason = models.TextField(blank=True)
    recorded_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()
    state = models.CharField(max_length=10, choices=ResultState.choices, default=ResultState.RECORDED)
    review = models.ForeignKey(Signature, models.PROTECT, null=True, related_name="+")
    reviewed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    # A retest stands beside the result under investigation; it neither replaces it nor is averaged with it.
    retest_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="retests")
    reason = models.TextField(blank=True)  # why it supersedes, or was measured again

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "attribute", "stage"],
                condition=~Q(state=ResultState.SUPERSEDED) & Q(retest_of=None),
                name="one_standing_result_of_an_attribute",
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("recorded_by")), name="analyst_is_not_reviewer"
            ),
            models.CheckConstraint(
                condition=~Q(state=ResultState.FINAL) | Q(review__isnull=False, reviewed_by__isnull=False),
                name="final_results_are_reviewed_and_signed",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(text="") | ~Q(missing=""), name="results_say_something"
            ),
            models.CheckConstraint(
                condition=Q(supersedes=None, retest_of=None) | ~Q(reason=""),
                name="superseding_needs_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="result_review_queue")]
        triggers = [
            Audited(order="order", moved_by_verbs=["state", "review", "reviewed_by"]),
            SameOrder("sample", "supersedes", "retest_of"),
            frozen_but(
                "state",
                "review_id",
                "reviewed_by_id",
                name="results_are_never_edited",
                hint="record a result that supersedes",
            ),
            moves_along(RESULT, name="results_move_along_their_states"),
            signed_by_reviewer(
                name="result_reviews_are_signed",
                subjects="s.subject_kind = 'assays.result' AND s.subject_id = NEW.id "
                "OR s.subject_kind = 'assays.run' AND s.subject_id = NEW.run_id",
            ),
            by_approved_method(name="results_come_from_approved_methods", in_force="NEW.run_id IS NULL"),
            OF_ITS_SAMPLE,
            TOLD_AS_ITS_METHOD_REPORTS,
            READINGS_AGREE,
            RESULTS_UNDER_INVESTIGATION_STAND,
            RETESTS_FOLLOW_THEIR_PLAN,
            AN_ASSAY_IS_PART_OF_ONE_FINAL_RESULT,
            measured_by_qualified(
                "recorded_by_id",
                "reviewed_by_id",
                name="results_are_made_by_qualified_people",
                # Computed later, by the program, from a run that asked the analyst when it was imported.
                unless="EXISTS (SELECT FROM assays_run r WHERE r.id = NEW.run_id AND r.analyst_id = p.id "
                "AND r.method_id = NEW.method_id)",
            ),
            Guard(
                name="invalid_runs_give_no_result",
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF NEW.run_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM assays_run r WHERE r.id = NEW.run_id
                    AND (r.state = 'reviewed' OR NEW.state = 'recorded' AND r.state = 'computed'
                         OR NEW.state = 'superseded'))
                THEN RAISE EXCEPTION 'invalid_runs_give_no_result: the run is invalid or not reviewed'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def get_absolute_url(self):
        return reverse("sample", args=[self.sample.name])

    @property
    def chain(self):
        return f"order:{self.order_id}"

    @property
    def is_computed_again(self):
        """It supersedes another answer of the same run."""
        return bool(self.supersedes and self.run_id and self.supersedes.run_id == self.run_id)

    @property
    def attribute_name(self):
        return name_of(self.attribute)

    @property
    def readings_agree(self):
        """None while the second reading that its method asks for is awaited."""
        if not self.method.rules.result(self.attribute).second_reading:
            return True
        second = getattr(self, "second_reading", None)
        return second and second.text == self.text

    @property
    def in_words(self):
        """91.2 %, <0.05 EU/mL, 11 440 000 000 cells, No growth, or why there is nothing."""
        if self.text:
            return self.text
        if self.value is None:
            return f"missing: {self.missing}"
        sign = "" if self.qualifier == self.Qualifier.EQUAL else self.qualifier
        return f"{sign}{plain(self.value, self.decimals)} {self.unit}"
