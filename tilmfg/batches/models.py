"""The batch record: frozen process definitions, their execution step by step, readings, samples."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from tilmfg.facility.models import Equipment, MaterialLot
from tilmfg.identity.models import Container, TherapyOrder
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, SameOrder, append_only

from . import guards
from .states import BatchState, SampleState, StepState

PERSON = settings.AUTH_USER_MODEL


class ProcessDefinition(models.Model):
    """One version of how a product is made: `content` is what rules.Process reads; approved, it is frozen."""

    code = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    drafted_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    approval = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    recorded_at = RecordedAt()

    chain = "facility:batches"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_definition_per_version")]
        triggers = [
            Audited(facility="batches", moved_by_verbs=["approval"]),
            Guard(
                name="approved_definitions_are_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF OLD.approval_id IS NOT NULL OR (NEW.code, NEW.version, NEW.content, NEW.digest)
                    IS DISTINCT FROM (OLD.code, OLD.version, OLD.content, OLD.digest)
                THEN RAISE EXCEPTION 'approved_definitions_are_frozen: make a new version' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
            Guard(
                name="definitions_are_approved_by_another",
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF NEW.approval_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM records_signature s WHERE s.id = NEW.approval_id AND s.meaning = 'approved'
                    AND s.subject_kind = 'batches.definition' AND s.subject_id = NEW.id
                    AND s.signer_id <> NEW.drafted_by_id)
                THEN RAISE EXCEPTION 'definitions_are_approved_by_another: no approving signature of somebody else'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.name}, version {self.version}"

    @property
    def qualification(self):
        """What people must be qualified for to work by this version."""
        return f"process: {self.code}, version {self.version}"


class Batch(models.Model):
    """One order's cells going through one frozen version of the process."""

    order = models.OneToOneField(TherapyOrder, models.PROTECT, related_name="batch")
    definition = models.ForeignKey(ProcessDefinition, models.PROTECT, related_name="batches")
    started_at = models.DateTimeField()  # windows count from its calendar day at the facility
    started_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    late_entry_reason = models.TextField(blank=True)  # why it was recorded long after it had begun
    state = models.CharField(max_length=12, choices=BatchState.choices, default=BatchState.IN_PROCESS)
    recorded_at = RecordedAt()

    class Meta:
        indexes = [models.Index(fields=["state", "started_at"], name="batch_board")]
        triggers = [
            Audited(order="order", moved_by_verbs=["state"]),
            Guard(
                name="batches_execute_approved_definitions",
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF NOT EXISTS (SELECT FROM batches_processdefinition d
                    WHERE d.id = NEW.definition_id AND d.approval_id IS NOT NULL)
                THEN RAISE EXCEPTION 'batches_execute_approved_definitions: this version is not approved'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
            guards.STARTED_BY_QUALIFIED,
        ]

    def get_absolute_url(self):
        return reverse("batch", args=[self.order.lot_number])

    @property
    def chain(self):
        return f"order:{self.order_id}"


class StepExecution(models.Model):
    """A step as one person performed and another verified it, once; corrections supersede single readings."""

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="executions")
    step = models.CharField(max_length=40)
    performed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    performed_at = models.DateTimeField()
    recorded_at = RecordedAt()
    containers = models.JSONField(default=dict)  # codes by prefix: {"FL": ["FL2", "FL3"]}
    in_window = models.BooleanField()
    window_reason = models.TextField(blank=True)
    late_entry_reason = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.RECORDED)
    verified_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", null=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "step"], name="a_step_is_executed_once"),
            models.CheckConstraint(
                condition=~Q(verified_by=F("performed_by")), name="performer_is_not_verifier"
            ),
            models.CheckConstraint(
                condition=Q(state=StepState.RECORDED, verified_by=None)
                | Q(state=StepState.VERIFIED, verified_by__isnull=False),
                name="verified_steps_have_a_verifier",
            ),
            models.CheckConstraint(
                condition=Q(in_window=True) | ~Q(window_reason=""), name="steps_out_of_window_have_a_reason"
            ),
        ]
        triggers = [
            Audited(order="order", moved_by_verbs=["state", "verified_by", "verified_at"]),
            SameOrder("batch"),
            guards.PERFORMED_BY_QUALIFIED,
            guards.VERIFIED_NOW,
            Guard(
                name="stopped_orders_stand_still",
                operation=pgtrigger.Insert,
                func="""
                IF EXISTS (SELECT FROM identity_therapyorder o
                    WHERE o.id = NEW.order_id AND o.state IN ('stopped', 'cancelled'))
                THEN RAISE EXCEPTION 'stopped_orders_stand_still: no step is performed'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
            Guard(
                name="executions_keep_what_was_recorded",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF TG_OP = 'DELETE' OR OLD.state = 'verified'
                    OR (NEW.order_id, NEW.batch_id, NEW.step, NEW.performed_by_id, NEW.performed_at, NEW.recorded_at,
                        NEW.containers, NEW.in_window, NEW.window_reason, NEW.late_entry_reason)
                    IS DISTINCT FROM (OLD.order_id, OLD.batch_id, OLD.step, OLD.performed_by_id, OLD.performed_at,
                        OLD.recorded_at, OLD.containers, OLD.in_window, OLD.window_reason, OLD.late_entry_reason)
                THEN RAISE EXCEPTION 'executions_keep_what_was_recorded: correct single readings'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def get_absolute_url(self):
        return reverse("batch", args=[self.order.lot_number])

    @property
    def chain(self):
        return f"order:{self.order_id}"


class Reading(models.Model):
    """One value of one parameter, with the limits it was held against; a correction supersedes it.

    A correction of a verified step is confirmed by a second person, as the step was.
    """

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="+")
    execution = models.ForeignKey(StepExecution, models.PROTECT, related_name="readings")
    parameter = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    text = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=24, blank=True)
    low = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    high = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    within_limits = models.BooleanField()
    computed = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    recorded_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    confirmed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["execution", "parameter"],
                condition=Q(supersedes=None),
                name="one_first_reading_of_a_parameter",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(text=""), name="readings_hold_a_value"
            ),
            models.CheckConstraint(
                condition=Q(within_limits=True) | ~Q(reason=""), name="readings_out_of_limits_have_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(supersedes=None) | ~Q(reason=""), name="corrections_have_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("recorded_by")), name="corrector_does_not_confirm"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, supersedes__isnull=False),
                name="corrections_are_confirmed_at_a_time",
            ),
        ]
        triggers = [
            Audited(order="order"),
            SameOrder("execution", "supersedes"),
            append_only(),
            guards.READ_BY_QUALIFIED,
            guards.CORRECTED_BY_TWO,
        ]


class MaterialUse(models.Model):
    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="+")
    execution = models.ForeignKey(StepExecution, models.PROTECT, related_name="materials")
    slot = models.CharField(max_length=40)
    lot = models.ForeignKey(MaterialLot, models.PROTECT, related_name="+")

    class Meta:
        triggers = [Audited(order="order"), SameOrder("execution"), append_only()]


class EquipmentUse(models.Model):
    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="+")
    execution = models.ForeignKey(StepExecution, models.PROTECT, related_name="equipment")
    slot = models.CharField(max_length=40)
    equipment = models.ForeignKey(Equipment, models.PROTECT, related_name="+")

    class Meta:
        triggers = [Audited(order="order"), SameOrder("execution"), append_only()]


class Sample(models.Model):
    """A labelled vial drawn for one purpose; its name is what goes into instruments."""

    class Stage(models.TextChoices):
        IN_PROCESS = "in_process", "In process"
        PRE_FREEZE = "pre_freeze", "Pre-freeze"
        POST_THAW = "post_thaw", "Post-thaw"

    name = models.CharField(max_length=32, unique=True)  # TIL-2026-0042-QC1
    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="samples")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="samples")
    execution = models.ForeignKey(StepExecution, models.PROTECT, related_name="samples")
    container = models.OneToOneField(Container, models.PROTECT, related_name="sample")
    purpose = models.CharField(max_length=40)
    stage = models.CharField(max_length=10, choices=Stage.choices)
    state = models.CharField(max_length=10, choices=SampleState.choices, default=SampleState.DRAWN)
    drawn_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    recorded_at = RecordedAt()

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="sample_queue")]
        triggers = [
            Audited(order="order", moved_by_verbs=["state"]),
            SameOrder("batch", "execution", "container"),
            Guard(
                name="samples_keep_their_vial",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF TG_OP = 'DELETE'
                    OR (NEW.name, NEW.order_id, NEW.execution_id, NEW.container_id, NEW.purpose, NEW.stage)
                    IS DISTINCT FROM
                    (OLD.name, OLD.order_id, OLD.execution_id, OLD.container_id, OLD.purpose, OLD.stage)
                THEN RAISE EXCEPTION 'samples_keep_their_vial: draw another sample' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("sample", args=[self.name])

    @property
    def chain(self):
        return f"order:{self.order_id}"
