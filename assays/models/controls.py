"""Control materials, lot by lot: what was read of them in every run, and the values they are held against."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from assays.kernel.control_rules import Target
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, append_only, frozen_but

from .computations import Computation
from .methods import LABORATORY, PERSON
from .runs import Run

RUNS_NEEDED = 20  # of its own, for an assigned value: CLSI C24
RUNS_BRIDGED = 5  # beside the lot before it, for a provisional one that takes over the lot's relative SD


class ControlLot(models.Model):
    """One lot of one control of a method. While it is on trial beside another lot it goes by a name of its own."""

    method_code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)  # of the control, as files call it
    trial_name = models.CharField(max_length=80)  # as files call this lot before it is in use
    lot_number = models.CharField(max_length=60)
    unit = models.CharField(max_length=24, blank=True)
    expiry_date = models.DateField()
    opened_at = models.DateTimeField()  # what was measured before is of another lot
    registered_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()
    in_use_from = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True)

    chain = LABORATORY

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["method_code", "name", "lot_number"], name="lots_of_a_control_differ_by_number"
            ),
            models.UniqueConstraint(
                fields=["method_code", "name"],
                condition=Q(in_use_from__isnull=False, ended_at=None),
                name="one_lot_of_a_control_in_use",
            ),
            models.UniqueConstraint(
                fields=["method_code", "trial_name"],
                condition=Q(in_use_from=None, ended_at=None),
                name="lots_on_trial_differ_by_name",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="") | Q(ended_at__isnull=False) & ~Q(end_reason=""),
                name="lots_of_controls_end_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(trial_name="") & ~Q(lot_number="") & ~Q(method_code=""),
                name="lots_of_controls_are_named",
            ),
        ]
        triggers = [
            Audited(facility="laboratory", moved_by_verbs=["in_use_from", "ended_at", "end_reason"]),
            frozen_but(
                "in_use_from",
                "ended_at",
                "end_reason",
                name="lots_of_controls_stay_what_they_are",
                hint="register another lot",
            ),
            Guard(
                name="lots_of_controls_begin_and_end_once",
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF TG_OP = 'INSERT' AND (NEW.in_use_from IS NOT NULL OR NEW.ended_at IS NOT NULL)
                THEN RAISE EXCEPTION 'lots_of_controls_begin_and_end_once: a lot begins on trial'
                    USING ERRCODE = 'GM012';
                END IF;
                IF TG_OP = 'UPDATE' AND (OLD.ended_at IS NOT NULL
                    OR OLD.in_use_from IS NOT NULL AND NEW.in_use_from IS DISTINCT FROM OLD.in_use_from)
                THEN RAISE EXCEPTION 'lots_of_controls_begin_and_end_once: it did so already'
                    USING ERRCODE = 'GM012';
                END IF;
                IF TG_OP = 'UPDATE' AND NEW.in_use_from IS DISTINCT FROM OLD.in_use_from AND NOT EXISTS (
                    SELECT FROM assays_assignedvalue v WHERE v.lot_id = NEW.id AND v.approval_id IS NOT NULL)
                THEN RAISE EXCEPTION 'lots_of_controls_begin_and_end_once: no approved value'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.name}, lot {self.lot_number}"

    def get_absolute_url(self):
        return reverse("control", args=[self.pk])

    @property
    def state(self):
        if self.ended_at:
            return "ended"
        return "in_use" if self.in_use_from else "on_trial"


class ControlReading(models.Model):
    """What one computation found of one control, in a valid run or not. A masked well gives another reading."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="control_readings")
    computation = models.ForeignKey(Computation, models.PROTECT, related_name="control_readings")
    # Null: nobody had registered a lot by this name when the run was measured.
    lot = models.ForeignKey(ControlLot, models.PROTECT, related_name="readings", null=True)
    name = models.CharField(max_length=80)
    value = models.DecimalField(max_digits=32, decimal_places=12, null=True)
    missing = models.TextField(blank=True)
    unit = models.CharField(max_length=24, blank=True)
    # What the method allowed of it then, where it allows a range.
    lower = models.DecimalField(max_digits=32, decimal_places=12, null=True)
    upper = models.DecimalField(max_digits=32, decimal_places=12, null=True)
    measured_at = models.DateTimeField()
    recorded_at = RecordedAt()

    chain = LABORATORY

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["computation", "name"], name="a_control_is_read_once_in_a_computation"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False, missing="") | Q(value=None) & ~Q(missing=""),
                name="readings_of_controls_say_something",
            ),
            models.CheckConstraint(
                condition=Q(lower=None, upper=None) | Q(lower__isnull=False, upper__isnull=False),
                name="limits_of_controls_are_a_pair",
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "-measured_at", "-id"], name="readings_of_lot"),  # its chart
        ]
        triggers = [
            Audited(facility="laboratory"),
            append_only(),
            Guard(
                name="readings_of_controls_are_of_their_run",
                operation=pgtrigger.Insert,
                func="""
                IF NOT EXISTS (SELECT FROM assays_computation c JOIN assays_run r ON r.id = c.run_id
                        JOIN assays_method m ON m.id = r.method_id
                        LEFT JOIN assays_controllot l ON l.id = NEW.lot_id
                    WHERE c.id = NEW.computation_id AND r.id = NEW.run_id AND r.measured_at = NEW.measured_at
                    AND (l.id IS NULL OR l.method_code = m.code AND l.unit = NEW.unit
                        AND r.measured_at >= l.opened_at AND NEW.name IN (l.name, l.trial_name)))
                THEN RAISE EXCEPTION 'readings_of_controls_are_of_their_run: of another run, control or unit'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.name} in {self.run}"


class AssignedValue(models.Model):
    """Mean and SD that a lot is held against, from the runs named; proposed by one person, approved by another."""

    class Basis(models.TextChoices):
        OWN_RUNS = "own_runs", "From runs of its own"
        BRIDGED = "bridged", "Provisional, bridged from the lot in use"

    lot = models.ForeignKey(ControlLot, models.PROTECT, related_name="values")
    basis = models.CharField(max_length=10, choices=Basis.choices)
    mean = models.DecimalField(max_digits=32, decimal_places=12)
    sd = models.DecimalField(max_digits=32, decimal_places=12)
    runs = models.JSONField()  # the numbers of the runs it rests on
    bridged_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="bridged_to")
    proposed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()
    approval = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")

    chain = LABORATORY

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(sd__gt=0), name="assigned_values_have_a_spread"),
            models.CheckConstraint(
                condition=Q(basis="own_runs", bridged_from=None)
                | Q(basis="bridged", bridged_from__isnull=False),
                name="bridged_values_name_what_they_come_from",
            ),
            models.CheckConstraint(
                condition=Q(bridged_from=None) | ~Q(bridged_from=F("id")),
                name="no_value_is_bridged_from_itself",
            ),
        ]
        triggers = [
            Audited(facility="laboratory", moved_by_verbs=["approval"]),
            frozen_but("approval_id", name="assigned_values_are_frozen", hint="propose another one"),
            Guard(
                name="assigned_values_rest_on_reviewed_runs",
                operation=pgtrigger.Insert,
                func=f"""
                IF (SELECT count(DISTINCT r.id) FROM jsonb_array_elements_text(NEW.runs) named (run)
                        JOIN assays_run r ON r.id = named.run::bigint AND r.state = 'reviewed'
                        JOIN assays_controlreading c ON c.run_id = r.id AND c.lot_id = NEW.lot_id
                            AND c.value IS NOT NULL)
                    < greatest(jsonb_array_length(NEW.runs),
                        CASE NEW.basis WHEN 'own_runs' THEN {RUNS_NEEDED} ELSE {RUNS_BRIDGED} END)
                THEN RAISE EXCEPTION 'assigned_values_rest_on_reviewed_runs: too few, or others are named'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,  # noqa: S608 - two numbers of our own
            ),
            Guard(
                name="assigned_values_are_approved_by_another",
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF TG_OP = 'UPDATE' AND OLD.approval_id IS NOT NULL
                    AND NEW.approval_id IS DISTINCT FROM OLD.approval_id
                    OR TG_OP = 'INSERT' AND NEW.approval_id IS NOT NULL
                THEN RAISE EXCEPTION 'assigned_values_are_approved_by_another: once, after it was proposed'
                    USING ERRCODE = 'GM012';
                END IF;
                IF NEW.approval_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM records_signature s WHERE s.id = NEW.approval_id
                    AND s.subject_kind = 'assays.assigned_value' AND s.subject_id = NEW.id
                    AND s.meaning = 'approved' AND s.signer_id <> NEW.proposed_by_id)
                THEN RAISE EXCEPTION 'assigned_values_are_approved_by_another: not approved by another person'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"Value of {self.lot}"

    def get_absolute_url(self):
        return reverse("control_value", args=[self.pk])

    @property
    def target(self):
        return Target(mean=self.mean, sd=self.sd)
