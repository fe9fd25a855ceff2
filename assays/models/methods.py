"""Methods, version by version, and the bytes that instruments wrote."""

from functools import cached_property

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from assays.rules.methods import MethodVersion, read_method
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, append_only

from .guards import approved_by_another

PERSON = settings.AUTH_USER_MODEL
LABORATORY = "facility:laboratory"


class Method(models.Model):
    """One version of a measurement: `content` is what rules.methods reads.

    A draft may change or be discarded, for a reason. Approved, it is frozen for ever; it may be withdrawn.
    """

    class Kind(models.TextChoices):
        PLATE = "plate", "Plate with standard curve"
        CELL_COUNT = "cell_count", "Cell counter file"
        TABLE = "table", "Table of values"
        MULTIPLEX = "multiplex", "Plate with several analytes"
        FORM = "form", "Entered by form"

    code = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    approval = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    withdrawal = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    discarded = models.TextField(blank=True)  # why a draft was given up
    recorded_at = RecordedAt()

    chain = LABORATORY

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="one_method_per_version"),
            models.CheckConstraint(
                condition=Q(withdrawal=None) | Q(approval__isnull=False),
                name="only_approved_methods_are_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(discarded="") | Q(approval=None), name="only_drafts_of_methods_are_discarded"
            ),
        ]
        triggers = [
            Audited(
                facility="laboratory",
                moved_by_verbs=["name", "content", "digest", "approval", "withdrawal", "discarded"],
            ),
            Guard(
                name="approved_methods_are_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF TG_OP = 'DELETE'
                    OR (NEW.code, NEW.version, NEW.kind) IS DISTINCT FROM (OLD.code, OLD.version, OLD.kind)
                THEN RAISE EXCEPTION 'approved_methods_are_frozen: draft a new one' USING ERRCODE = 'GM012';
                END IF;
                IF (OLD.approval_id IS NOT NULL OR NEW.approval_id IS NOT NULL OR OLD.discarded <> '')
                    AND (NEW.name, NEW.content, NEW.digest, NEW.discarded)
                    IS DISTINCT FROM (OLD.name, OLD.content, OLD.digest, OLD.discarded)
                    OR OLD.approval_id IS NOT NULL AND NEW.approval_id IS DISTINCT FROM OLD.approval_id
                    OR OLD.withdrawal_id IS NOT NULL AND NEW.withdrawal_id IS DISTINCT FROM OLD.withdrawal_id
                THEN RAISE EXCEPTION 'approved_methods_are_frozen: draft a new one' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
            approved_by_another(),
        ]

    def __str__(self):
        return f"{self.name}, version {self.version}"

    def get_absolute_url(self):
        return reverse("method_version", args=[self.code, self.version])

    @property
    def is_draft(self):
        return self.approval_id is None and not self.discarded

    @property
    def standing(self):
        """Of a version from `selectors.method_versions`: what it counts for among the others of its code."""
        if self.approval_id is None:
            return "draft" if self.is_draft else "discarded"
        if self.withdrawal_id:
            return "withdrawn"
        latest = self.latest_approved  # type: ignore[attr-defined]
        return "in_force" if self.version == latest else "superseded"

    @property
    def qualification(self):
        """What people must be qualified for to work by this version."""
        return f"method: {self.code}, version {self.version}"

    @property
    def qualifications(self) -> tuple[str, ...]:
        """What whoever measures by it needs: training for this version, and what the version itself names."""
        named = self.rules.analyst_qualification
        return (self.qualification, named) if named else (self.qualification,)

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
    plates = models.JSONField(default=list)  # what it calls them, if it holds several; each becomes a run
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
