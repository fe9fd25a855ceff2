"""At the treatment site: the bedside identity check and the infusion, one row per bag.

The database itself refuses an infusion of a lot that is not provided, of another patient, or after expiry.
"""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tilmfg.identity.models import Container, Patient, Scan, TherapyOrder
from tilmfg.identity.rules import LATE_AFTER
from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, SameOrder, append_only
from tilmfg.release.models import Lot

from .guards import A_MATCHING_CHECK_REALLY_MATCHES, INFUSIONS_ARE_OF_PROVIDED_LOTS

PERSON = settings.AUTH_USER_MODEL


class BedsideCheck(models.Model):
    """Two people compare the wristband, the chain-of-identity id on the cassette and the bag.

    A failed check keeps what was read, complete or not: whatever named another patient counts at once.
    """

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="bedside_checks")
    container = models.ForeignKey(Container, models.PROTECT, related_name="bedside_checks")
    # Whose wristband was read; null: nobody's of this site.
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="+")
    cassette_scan = models.ForeignKey(Scan, models.PROTECT, null=True, related_name="+")
    bag_scan = models.ForeignKey(Scan, models.PROTECT, null=True, related_name="+")
    matches = models.BooleanField()
    first = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    second = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(matches=False, second=None) | ~Q(first=F("second")) & Q(second__isnull=False),
                name="the_bedside_check_takes_two_people",
            ),
        ]
        triggers = [
            Audited(order="order"),
            SameOrder("container", "cassette_scan", "bag_scan"),
            append_only(),
            A_MATCHING_CHECK_REALLY_MATCHES,
        ]


class Infusion(models.Model):
    """One bag given to its patient."""

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="infusions")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="infusions")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="infusions")
    container = models.OneToOneField(Container, models.PROTECT, related_name="infusion")
    check_passed = models.OneToOneField(BedsideCheck, models.PROTECT, related_name="infusion")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    performed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()
    notes = models.TextField(blank=True)
    late_entry_reason = models.TextField(blank=True)  # why it was recorded long after it was given

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gt=F("started_at")), name="infusions_end_after_they_start"
            ),
            models.CheckConstraint(
                # A minute more than the verb allows: it was asked before the row was written.
                condition=Q(recorded_at__lte=F("ended_at") + LATE_AFTER + timedelta(minutes=1))
                | ~Q(late_entry_reason=""),
                name="late_infusions_say_why",
            ),
        ]
        triggers = [
            Audited(order="order"),
            SameOrder("lot", "container", "check_passed"),
            append_only(),
            INFUSIONS_ARE_OF_PROVIDED_LOTS,
        ]
