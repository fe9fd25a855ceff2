"""Methods, version by version, and the bytes that instruments wrote."""

from functools import cached_property

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from assays.rules.methods import MethodVersion, read_method
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Signature
from tilmfg.records.triggers import Audited, Guard, append_only

PERSON = settings.AUTH_USER_MODEL
LABORATORY = "facility:laboratory"


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
