"""What was computed of a run, and which wells or rows a person took out of it. Both are for ever."""

import pgtrigger
from django.db import models
from django.db.models import Q

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard, append_only

from .methods import LABORATORY, PERSON
from .runs import Run, Well


class Computation(models.Model):
    """One answer to a run. `inputs_digest` and `second_solver` are empty in those from before they were kept.

    `bag_volumes`, by sample and in mL: what a count took the product bags to hold, which the record may say otherwise
    later; null of everything else, and of counts from before they were kept.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="computations")
    number = models.PositiveSmallIntegerField()
    outcome = models.JSONField()
    kernel_version = models.CharField(max_length=40, blank=True)
    inputs_digest = models.CharField(max_length=64, blank=True)
    second_solver = models.JSONField(null=True)
    bag_volumes = models.JSONField(null=True)
    computed_at = RecordedAt()

    chain = LABORATORY

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="computations_of_a_run_are_numbered")
        ]
        triggers = [
            Audited(facility="laboratory"),
            append_only(),
            Guard(
                name="runs_are_computed_when_it_is_their_turn",
                operation=pgtrigger.Insert,
                func="""
                PERFORM FROM assays_run r WHERE r.id = NEW.run_id AND r.state IN ('imported', 'computing')
                    FOR SHARE;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'runs_are_computed_when_it_is_their_turn: nobody imported or masked'
                    USING ERRCODE = 'GM012';
                END IF;
                IF NEW.number <> 1 + (SELECT count(*) FROM assays_computation c WHERE c.run_id = NEW.run_id)
                THEN RAISE EXCEPTION 'runs_are_computed_when_it_is_their_turn: not the next number'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"Computation {self.number} of {self.run}"


class Masking(models.Model):
    """A person takes a well out of the next computation, or puts it back, and says why; of a run that was made of a
    table or of counts, a row of its file."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="maskings")
    well = models.ForeignKey(Well, models.PROTECT, related_name="maskings", null=True)
    row = models.PositiveIntegerField(null=True)  # counted from 1 as the file is read …
    held = models.TextField(blank=True)  # … and what stood there
    computation = models.PositiveSmallIntegerField()  # the number of the one that is asked for
    masked = models.BooleanField()
    reason = models.TextField()
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()

    chain = LABORATORY

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["well", "computation"], name="a_well_is_masked_once_for_a_computation"
            ),
            models.UniqueConstraint(
                fields=["run", "row", "computation"], name="a_row_is_masked_once_for_a_computation"
            ),
            models.CheckConstraint(
                condition=Q(well__isnull=False, row=None, held="")
                | Q(well=None, row__gte=1, held__regex=r"\S"),
                name="a_well_is_masked_or_a_row_with_what_it_held",
            ),
            models.CheckConstraint(condition=Q(reason__regex=r"\S"), name="wells_are_masked_with_a_reason"),
        ]
        triggers = [
            Audited(facility="laboratory"),
            append_only(),
            Guard(
                name="wells_are_masked_until_the_review",
                operation=pgtrigger.Insert,
                func="""
                PERFORM FROM assays_run r WHERE r.id = NEW.run_id AND r.review_id IS NULL
                    AND r.state IN ('computed', 'invalid') FOR SHARE;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'wells_are_masked_until_the_review: it is being computed or was reviewed'
                    USING ERRCODE = 'GM012';
                END IF;
                IF NEW.row IS NULL
                    AND NOT EXISTS (SELECT FROM assays_well w WHERE w.id = NEW.well_id AND w.run_id = NEW.run_id)
                    OR NEW.row IS NOT NULL AND EXISTS (SELECT FROM assays_well w WHERE w.run_id = NEW.run_id)
                THEN RAISE EXCEPTION 'wells_are_masked_until_the_review: a well of another run'
                    USING ERRCODE = 'GM012';
                END IF;
                IF NEW.computation <> 1 + (SELECT count(*) FROM assays_computation c WHERE c.run_id = NEW.run_id)
                THEN RAISE EXCEPTION 'wells_are_masked_until_the_review: not for the next computation'
                    USING ERRCODE = 'GM012';
                END IF;
                IF NEW.masked = coalesce((SELECT m.masked FROM assays_masking m WHERE m.run_id = NEW.run_id
                    AND (m.well_id, m.row) IS NOT DISTINCT FROM (NEW.well_id, NEW.row)
                    ORDER BY m.id DESC LIMIT 1), false)
                THEN RAISE EXCEPTION 'wells_are_masked_until_the_review: the well is so already'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.place} {'masked' if self.masked else 'put back'}"

    @property
    def place(self):
        """C3; row 7, T-1 Cq mycoplasma 36.2 cycles."""
        return str(self.well) if self.well else f"row {self.row}, {self.held}"
