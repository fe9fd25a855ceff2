"""The laboratory: methods, instrument files, runs with every well, results. No decision about a lot."""

from functools import cached_property

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from tilmfg.batches.models import Sample
from tilmfg.facility.models import Equipment
from tilmfg.identity.models import TherapyOrder
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, SameOrder, append_only

from .attributes import name_of
from .rules.methods import MethodVersion, read_method
from .states import RESULT, RUN, ResultState, RunState

PERSON = settings.AUTH_USER_MODEL
LABORATORY = "facility:laboratory"


def frozen_but(*columns, name, hint):
    """No column of a row ever changes but these."""
    left = "'{" + ",".join(columns) + "}'::text[]"
    return Guard(
        name=name,
        operation=pgtrigger.Update,
        func=f"""
        IF to_jsonb(NEW) - {left} IS DISTINCT FROM to_jsonb(OLD) - {left}
        THEN RAISE EXCEPTION '{name}: {hint}' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


def moves_along(machine, *, name):
    """A row is born in the first state, and a state changes only along the machine's transitions."""
    first = next(iter(machine.states)).value
    steps = sorted({(source.value, target.value) for (source, _), target in machine.transitions.items()})
    allowed = ", ".join(f"('{source}', '{target}')" for source, target in steps)
    return Guard(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
        IF TG_OP = 'INSERT' AND NEW.state <> '{first}'
            OR TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({allowed})
        THEN RAISE EXCEPTION '{name}: this change of state does not exist' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


def signed_by_reviewer(*, name, subjects):
    """A review is a signature of the person named as reviewer, over this very record, and is given once."""
    return Guard(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
        IF TG_OP = 'UPDATE' AND OLD.review_id IS NOT NULL
            AND (NEW.review_id, NEW.reviewed_by_id) IS DISTINCT FROM (OLD.review_id, OLD.reviewed_by_id)
        THEN RAISE EXCEPTION '{name}: a review is given once' USING ERRCODE = 'GM012';
        END IF;
        IF NEW.review_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM records_signature s WHERE s.id = NEW.review_id AND s.signer_id = NEW.reviewed_by_id
            AND s.meaning IN ('reviewed_result', 'rejected') AND ({subjects}))
        THEN RAISE EXCEPTION '{name}: not the reviewer''s signature of this record' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


def by_approved_method(*, name):
    return Guard(
        name=name,
        operation=pgtrigger.Insert,
        func=f"""
        IF NOT EXISTS (SELECT FROM assays_method m WHERE m.id = NEW.method_id AND m.approval_id IS NOT NULL)
        THEN RAISE EXCEPTION '{name}: this version is not approved' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


class Method(models.Model):
    """One version of a measurement: `content` is what rules.methods reads; approved, it is frozen."""

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
                THEN RAISE EXCEPTION 'approved_methods_are_frozen: draft a new one' USING ERRCODE = 'GM012';
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
        return f"method: {self.code}, version {self.version}"

    @cached_property
    def rules(self) -> MethodVersion:
        """What this version says."""
        return read_method(self.kind, self.content)


class InstrumentFile(models.Model):
    """The bytes as the instrument wrote them, stored once and for ever before a run is made of them."""

    filename = models.CharField(max_length=200)
    format = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    stored_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    stored_at = RecordedAt()

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

    def __str__(self):
        return self.filename


class Run(models.Model):
    """One execution of one method on one file. `outcome` holds fit, back-fit and criteria, or counts."""

    method = models.ForeignKey(Method, models.PROTECT, related_name="runs")
    file = models.ForeignKey(InstrumentFile, models.PROTECT, related_name="runs")
    instrument = models.ForeignKey(Equipment, models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.IMPORTED)
    analyst = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    measured_at = models.DateTimeField()  # by the instrument's clock
    recorded_at = RecordedAt()
    signal_read = models.TextField(blank=True)  # of a plate: the reading that is taken …
    reference_read = models.TextField(blank=True)  # … and the one that is subtracted
    findings = models.JSONField(default=list)  # sentences: what was unusual about the file …
    acceptance = models.TextField(blank=True)  # … and why the analyst imported it nonetheless
    outcome = models.JSONField(null=True)
    kernel_version = models.CharField(max_length=40, blank=True)
    review = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    reviewed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    chain = LABORATORY

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file"], condition=~Q(state=RunState.REJECTED), name="a_file_is_imported_once"
            ),
            models.CheckConstraint(
                condition=Q(state=RunState.IMPORTED) | Q(outcome__isnull=False),
                name="computed_runs_have_an_outcome",
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
            Audited(
                facility="laboratory",
                moved_by_verbs=["state", "outcome", "kernel_version", "review", "reviewed_by"],
            ),
            frozen_but(
                "state",
                "outcome",
                "kernel_version",
                "review_id",
                "reviewed_by_id",
                name="runs_are_never_edited",
                hint="import the file again after a rejection",
            ),
            Guard(
                name="computed_runs_keep_their_outcome",
                operation=pgtrigger.Update,
                func="""
                IF OLD.outcome IS NOT NULL
                    AND (NEW.outcome, NEW.kernel_version) IS DISTINCT FROM (OLD.outcome, OLD.kernel_version)
                THEN RAISE EXCEPTION 'computed_runs_keep_their_outcome' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
            moves_along(RUN, name="runs_move_along_their_states"),
            signed_by_reviewer(
                name="run_reviews_are_signed",
                subjects="s.subject_kind = 'assays.run' AND s.subject_id = NEW.id",
            ),
            by_approved_method(name="runs_execute_approved_methods"),
        ]

    def __str__(self):
        return f"Run {self.pk}"

    def get_absolute_url(self):
        return reverse("run", args=[self.pk])


class MappedSample(models.Model):
    """What the instrument called a sample, and which sample of the facility it is, or why it is left out."""

    class Condition(models.TextChoices):
        STIMULATED = "stimulated", "Stimulated"
        UNSTIMULATED = "unstimulated", "Unstimulated"
        AS_IS = "as_is", "As it is"

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
        triggers = [Audited(facility="laboratory"), append_only()]


class Well(models.Model):
    """One well as read: what it held and what the instrument saw."""

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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="one_row_per_well"),
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
    reason = models.TextField(blank=True)  # why it supersedes

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
            by_approved_method(name="results_come_from_approved_methods"),
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
    def attribute_name(self):
        return name_of(self.attribute)

    @property
    def in_words(self):
        """91.2 %, <0.05 EU/mL, No growth, or why there is nothing."""
        if self.text:
            return self.text
        if self.value is None:
            return f"missing: {self.missing}"
        sign = "" if self.qualifier == self.Qualifier.EQUAL else self.qualifier
        return f"{sign}{self.value:.{self.decimals}f} {self.unit}"
