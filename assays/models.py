"""The laboratory: methods, imported files, runs with every well, results. Records facts and decides about no lot."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tilmfg.batches.models import Sample
from tilmfg.facility.models import Equipment
from tilmfg.identity.models import TherapyOrder
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, SameOrder, append_only

from .states import ResultState, RunState

PERSON = settings.AUTH_USER_MODEL
LABORATORY = "facility:laboratory"


class Method(models.Model):
    """One version of how an attribute is measured: `content` is what rules.MethodVersion reads; approved, it is frozen."""

    class Kind(models.TextChoices):
        PLATE = "plate", "Plate with standard curve"
        CELL_COUNT = "cell_count", "Cell counter file"
        FORM = "form", "Entered by form"

    code = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    approval = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    recorded_at = RecordedAt()

    chain = LABORATORY

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_method_per_version")]
        triggers = [
            Audited(facility="laboratory", moved_by_verbs=["approval"]),
            Guard(
                name="approved_methods_are_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF OLD.approval_id IS NOT NULL OR (NEW.code, NEW.version, NEW.content, NEW.digest)
                    IS DISTINCT FROM (OLD.code, OLD.version, OLD.content, OLD.digest)
                THEN RAISE EXCEPTION 'approved_methods_are_frozen: make a new version' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.name}, version {self.version}"


class InstrumentFile(models.Model):
    """The bytes as the instrument wrote them, kept once and for ever."""

    filename = models.CharField(max_length=200)
    format = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    instrument = models.ForeignKey(Equipment, models.PROTECT, related_name="files")
    imported_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    imported_at = RecordedAt()

    chain = LABORATORY

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    sha256=models.Func(
                        models.Func(F("content"), function="sha256"),
                        models.Value("hex"),
                        function="encode",
                        output_field=models.TextField(),
                    )
                ),
                name="files_match_their_digest",
            ),
        ]
        triggers = [Audited(facility="laboratory", digested=["content"]), append_only()]


class Run(models.Model):
    """One execution of one method on one file. `outcome` holds fit, back-fit and criteria as computed."""

    method = models.ForeignKey(Method, models.PROTECT, related_name="runs")
    file = models.ForeignKey(InstrumentFile, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.IMPORTED)
    analyst = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()
    outcome = models.JSONField(null=True)
    kernel_version = models.CharField(max_length=40, blank=True)
    review = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")

    chain = LABORATORY

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=RunState.REVIEWED) | Q(review__isnull=False),
                name="reviewed_runs_are_signed",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="run_queue")]
        triggers = [
            Audited(facility="laboratory", moved_by_verbs=["state", "outcome", "kernel_version", "review"]),
            Guard(
                name="computed_runs_keep_their_outcome",
                operation=pgtrigger.Update,
                func="""
                IF OLD.outcome IS NOT NULL AND (NEW.outcome, NEW.kernel_version, NEW.method_id, NEW.file_id, NEW.analyst_id)
                    IS DISTINCT FROM (OLD.outcome, OLD.kernel_version, OLD.method_id, OLD.file_id, OLD.analyst_id)
                THEN RAISE EXCEPTION 'computed_runs_keep_their_outcome: compute a new run' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]


class MappedSample(models.Model):
    """What the instrument called a sample, which sample of the facility it is, and under what condition it was measured."""

    class Condition(models.TextChoices):
        STIMULATED = "stimulated", "Stimulated"
        UNSTIMULATED = "unstimulated", "Unstimulated"
        AS_IS = "as_is", "As it is"

    run = models.ForeignKey(Run, models.PROTECT, related_name="mapped_samples")
    instrument_name = models.CharField(max_length=80)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="mappings")
    condition = models.CharField(max_length=14, choices=Condition.choices, default=Condition.AS_IS)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "instrument_name"], name="an_instrument_name_is_mapped_once_in_a_run"
            ),
        ]
        triggers = [Audited(facility="laboratory"), append_only()]


class Well(models.Model):
    """One well as read: what it held and what the instrument saw."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="wells")
    position = models.CharField(max_length=4)
    role = models.CharField(max_length=12)  # standard, blank, control, sample, empty
    instrument_name = models.CharField(max_length=80, blank=True)
    mapped_sample = models.ForeignKey(MappedSample, models.PROTECT, null=True, related_name="wells")
    nominal = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    dilution = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    signal = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    reference = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    missing = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="one_row_per_well"),
            models.CheckConstraint(
                condition=Q(signal__isnull=False) | ~Q(missing=""), name="wells_without_signal_say_why"
            ),
        ]
        triggers = [Audited(facility="laboratory"), append_only()]


class Result(models.Model):
    """One attribute of one sample. Missing is a reason, never a number; a better result supersedes, nothing is edited."""

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
    missing = models.CharField(max_length=200, blank=True)
    performed_at = models.DateTimeField()
    recorded_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()
    state = models.CharField(max_length=10, choices=ResultState.choices, default=ResultState.RECORDED)
    review = models.ForeignKey(Signature, models.PROTECT, null=True, related_name="+")
    reviewed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "attribute", "stage"],
                condition=~Q(state=ResultState.SUPERSEDED),
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
                condition=Q(supersedes=None) | ~Q(reason=""), name="superseding_needs_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="result_review_queue")]
        triggers = [
            Audited(order="order", moved_by_verbs=["state", "review", "reviewed_by"]),
            SameOrder("sample", "supersedes"),
            Guard(
                name="results_are_never_edited",
                operation=pgtrigger.Update,
                func="""
                IF (NEW.attribute, NEW.stage, NEW.qualifier, NEW.raw_value, NEW.value, NEW.text, NEW.unit, NEW.missing,
                    NEW.sample_id, NEW.method_id, NEW.run_id, NEW.recorded_by_id)
                    IS DISTINCT FROM (OLD.attribute, OLD.stage, OLD.qualifier, OLD.raw_value, OLD.value, OLD.text, OLD.unit,
                    OLD.missing, OLD.sample_id, OLD.method_id, OLD.run_id, OLD.recorded_by_id)
                THEN RAISE EXCEPTION 'results_are_never_edited: record a result that supersedes' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    @property
    def chain(self):
        return f"order:{self.order_id}"
