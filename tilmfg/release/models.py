"""Decisions about lots: specifications, evaluations, signed dispositions, issued documents.

The database itself refuses a lot that is decided without an executed disposition signed by two people.
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tilmfg.identity.models import TherapyOrder
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, SameOrder, append_only

from .states import DispositionState, LotState

PERSON = settings.AUTH_USER_MODEL


class Specification(models.Model):
    """One version of what a lot must fulfil for one indication: `content` is what rules.Specification reads."""

    code = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    indication = models.CharField(max_length=10, choices=TherapyOrder.Indication.choices)
    effective_from_date = models.DateField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    approval = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    recorded_at = RecordedAt()

    chain = "facility:release"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_specification_per_version")
        ]
        triggers = [
            Audited(facility="release", moved_by_verbs=["approval"]),
            Guard(
                name="approved_specifications_are_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF OLD.approval_id IS NOT NULL OR (NEW.code, NEW.version, NEW.indication, NEW.effective_from_date, NEW.content, NEW.digest)
                    IS DISTINCT FROM (OLD.code, OLD.version, OLD.indication, OLD.effective_from_date, OLD.content, OLD.digest)
                THEN RAISE EXCEPTION 'approved_specifications_are_frozen: make a new version' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.name}, version {self.version}"


class Lot(models.Model):
    """The product of one order. Its state is moved by signed decisions and by nothing else."""

    order = models.OneToOneField(TherapyOrder, models.PROTECT, related_name="lot")
    state = models.CharField(max_length=26, choices=LotState.choices, default=LotState.EXPANDING)
    recorded_at = RecordedAt()

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="lot_list")]
        triggers = [
            Audited(order="order", moved_by_verbs=["state"]),
            Guard(
                name="decided_lots_are_signed",
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare="wanted text;",
                func="""
                IF TG_OP = 'INSERT' AND NEW.state <> 'expanding' THEN
                    RAISE EXCEPTION 'decided_lots_are_signed: a lot is born expanding' USING ERRCODE = 'check_violation';
                END IF;
                IF TG_OP = 'UPDATE' AND NEW.order_id <> OLD.order_id THEN
                    RAISE EXCEPTION 'decided_lots_are_signed: a lot keeps its order' USING ERRCODE = 'check_violation';
                END IF;
                IF TG_OP = 'INSERT' OR NEW.state = OLD.state THEN RETURN NEW; END IF;
                IF NEW.state = 'infused' THEN
                    IF OLD.state NOT IN ('released', 'conditionally_released', 'provided_under_exception')
                        OR NOT EXISTS (SELECT FROM treatment_infusion i WHERE i.lot_id = NEW.id) THEN
                        RAISE EXCEPTION 'decided_lots_are_signed: no infusion of a provided lot' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                END IF;
                IF OLD.state IN ('rejected', 'terminated', 'recalled', 'infused') THEN
                    RAISE EXCEPTION 'decided_lots_are_signed: % is final', OLD.state USING ERRCODE = 'check_violation';
                END IF;
                wanted := CASE NEW.state WHEN 'released' THEN 'release' WHEN 'rejected' THEN 'reject'
                    WHEN 'conditionally_released' THEN 'conditional_release'
                    WHEN 'provided_under_exception' THEN 'provide_under_exception' END;
                IF wanted IS NULL THEN
                    IF OLD.state IN ('released', 'conditionally_released', 'provided_under_exception')
                        AND NEW.state NOT IN ('on_hold', 'recalled') THEN
                        RAISE EXCEPTION 'decided_lots_are_signed: a decided lot does not go back' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                END IF;
                IF NOT EXISTS (
                    SELECT FROM release_disposition d
                    JOIN records_signature r ON r.id = d.review_id JOIN records_signature a ON a.id = d.approval_id
                    WHERE d.lot_id = NEW.id AND d.decision = wanted AND d.state = 'executed'
                    AND r.meaning = 'reviewed' AND a.meaning = 'approved' AND r.signer_id <> a.signer_id
                    AND r.digest = d.digest AND a.digest = d.digest
                    AND r.subject_kind = 'release.lot' AND r.subject_id = NEW.id
                    AND a.subject_kind = 'release.lot' AND a.subject_id = NEW.id)
                THEN RAISE EXCEPTION 'decided_lots_are_signed: no executed disposition with two signatures over the same record'
                    USING ERRCODE = 'check_violation';
                END IF;
                IF wanted <> 'reject' AND EXISTS (
                    SELECT FROM identity_therapyorder o WHERE o.id = NEW.order_id AND o.state <> 'received') THEN
                    RAISE EXCEPTION 'decided_lots_are_signed: the order is stopped' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    @property
    def chain(self):
        return f"order:{self.order_id}"

    @property
    def number(self):
        return self.order.lot_number

    def __str__(self):
        return self.order.lot_number


class Evaluation(models.Model):
    """The lot held against the specification, criterion by criterion, at one moment. Newer ones stand beside older ones."""

    class Verdict(models.TextChoices):
        CONFORMS = "conforms", "Conforms"
        DOES_NOT_CONFORM = "does_not_conform", "Does not conform"
        INCOMPLETE = "incomplete", "Incomplete"

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="evaluations")
    specification = models.ForeignKey(Specification, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=18, choices=Verdict.choices)
    outcomes = models.JSONField()  # one per criterion, in the specification's order
    digest = models.CharField(max_length=64)
    evaluated_at = RecordedAt()

    class Meta:
        indexes = [models.Index(fields=["lot", "-id"], name="evaluation_latest")]
        triggers = [Audited(order="order"), SameOrder("lot"), append_only()]


class Disposition(models.Model):
    """A decision about a lot: reviewed by one person, signed by another over the same digest, executed once."""

    class Decision(models.TextChoices):
        RELEASE = "release", "Release"
        REJECT = "reject", "Reject"

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="dispositions")
    decision = models.CharField(max_length=24, choices=Decision.choices)
    state = models.CharField(
        max_length=10, choices=DispositionState.choices, default=DispositionState.REVIEWED
    )
    digest = models.CharField(max_length=64)  # of the record as both signers saw it
    review = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    approval = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    void_because = models.TextField(blank=True)
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lot"],
                condition=~Q(state=DispositionState.VOID),
                name="one_standing_disposition_per_lot",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DispositionState.SIGNED, DispositionState.EXECUTED])
                | Q(approval__isnull=False),
                name="decided_dispositions_are_signed",
            ),
            models.CheckConstraint(condition=~Q(review=F("approval")), name="two_signatures_are_two"),
            models.CheckConstraint(
                condition=~Q(state=DispositionState.VOID) | ~Q(void_because=""),
                name="void_dispositions_say_why",
            ),
        ]
        triggers = [
            Audited(order="order", moved_by_verbs=["state", "approval", "void_because"]),
            SameOrder("lot"),
            Guard(
                name="dispositions_keep_what_was_signed",
                operation=pgtrigger.Update,
                func="""
                IF (NEW.lot_id, NEW.decision, NEW.digest, NEW.review_id) IS DISTINCT FROM (OLD.lot_id, OLD.decision, OLD.digest, OLD.review_id)
                    OR OLD.state IN ('executed', 'void') OR OLD.approval_id IS NOT NULL AND NEW.approval_id IS DISTINCT FROM OLD.approval_id
                THEN RAISE EXCEPTION 'dispositions_keep_what_was_signed: review the lot again' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    @property
    def chain(self):
        return f"order:{self.order_id}"


class Document(models.Model):
    """An issued document, kept as it was issued."""

    class Kind(models.TextChoices):
        CERTIFICATE_OF_ANALYSIS = "certificate_of_analysis", "Certificate of analysis"
        CHAIN_OF_IDENTITY_REPORT = "chain_of_identity_report", "Chain-of-identity report"

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=30, choices=Kind.choices)
    number = models.CharField(max_length=40, unique=True)
    filename = models.CharField(max_length=120)
    media_type = models.CharField(max_length=60)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    issued_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    issued_at = RecordedAt()

    class Meta:
        triggers = [Audited(order="order", digested=["content"]), append_only()]
