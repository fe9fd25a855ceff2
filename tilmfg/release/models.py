"""Decisions about lots: specifications, evaluations, signed dispositions, issued documents.

The database itself refuses a lot that is decided without an executed disposition signed by two people.
"""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from tilmfg.identity.models import TherapyOrder
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, SameOrder, append_only

from . import guards
from .states import DispositionState, LotState

PERSON = settings.AUTH_USER_MODEL


class Specification(models.Model):
    """One version of what a lot must fulfil for one indication: `content` is what rules.parse reads."""

    code = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    indication = models.CharField(max_length=10, choices=TherapyOrder.Indication.choices)
    effective_from_date = models.DateField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    drafted_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    approval = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    recorded_at = RecordedAt()

    chain = "facility:release"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_specification_per_version")
        ]
        triggers = [
            Audited(facility="release", moved_by_verbs=["approval"]),
            guards.SPECIFICATIONS_ARE_FROZEN,
            guards.SPECIFICATIONS_ARE_APPROVED_BY_ANOTHER,
        ]

    def __str__(self):
        return f"{self.name}, version {self.version}"


class Lot(models.Model):
    """The product of one order. Its state is moved by signed decisions and by nothing else."""

    record_version: int  # where `selectors.dossier.lots` found the last change of its record
    trail_reviewed_to: int | None  # and how far the last review of its audit trail reaches
    needed: date  # by when it is asked for, where lists sort by it

    order = models.OneToOneField(TherapyOrder, models.PROTECT, related_name="lot")
    state = models.CharField(max_length=26, choices=LotState.choices, default=LotState.EXPANDING)
    recorded_at = RecordedAt()

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="lot_list")]
        triggers = [
            Audited(order="order", moved_by_verbs=["state"]),
            guards.LOTS_ARE_SIGNED,
        ]

    def __str__(self):
        return self.order.lot_number

    def get_absolute_url(self):
        return reverse("lot", args=[self.number])

    @property
    def chain(self):
        return f"order:{self.order_id}"

    @property
    def number(self):
        return self.order.lot_number


class Evaluation(models.Model):
    """The lot held against the specification, criterion by criterion, at one moment; newer ones stand beside it."""

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
    """A decision about a lot: reviewed by one person, signed by another over the same digest, then executed."""

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
    # As `signed.signed_dispositions` found them: void since when, and what changed first after the review.
    voided_at: datetime | None
    changed: dict | None
    measured: dict | None
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
            guards.DISPOSITIONS_KEEP_WHAT_WAS_SIGNED,
            guards.DISPOSITIONS_TAKE_SIGNATURES_OF_STRANGERS,
        ]

    def get_absolute_url(self):
        return reverse("lot_disposition", args=[self.lot.number])

    @property
    def chain(self):
        return f"order:{self.order_id}"


class TrailReview(models.Model):
    """The lot's audit trail, looked at up to its `last_sequence` and signed for; a later change asks for another."""

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="trail_reviews")
    last_sequence = models.BigIntegerField()
    last_hash = models.CharField(max_length=64)
    events = models.PositiveIntegerField()  # how many there were
    noticed = models.PositiveIntegerField()  # of how many an eye was needed
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()

    class Meta:
        indexes = [models.Index(fields=["lot", "-id"], name="trail_review_latest")]
        triggers = [
            Audited(order="order"),
            SameOrder("lot"),
            append_only(),
            guards.TRAIL_REVIEWS_ARE_SIGNED,
        ]

    def get_absolute_url(self):
        return reverse("lot_trail", args=[self.lot.number])

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
