"""Where the work is done and with what: sites, equipment, material lots."""

import zoneinfo

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard


def validate_time_zone(name):
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is no time zone; write it like Europe/Amsterdam.")


class Site(models.Model):
    """A treatment site: the hospital that takes the tumor and infuses the product."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=40, validators=[validate_time_zone])
    recorded_at = RecordedAt()

    class Meta:
        triggers = [Audited(facility="facility")]

    def __str__(self):
        return f"{self.code} {self.name}"


class SiteMember(models.Model):
    """A person of a treatment site; they see that site's patients and no others."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="site_memberships")
    until = models.DateTimeField(null=True)
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "user"], condition=Q(until=None), name="one_membership_of_a_site_at_a_time"
            ),
        ]
        triggers = [
            Audited(facility="facility"),
            Guard(
                name="memberships_end_once",
                operation=pgtrigger.Update,
                func="""
                IF OLD.until IS NOT NULL OR to_jsonb(NEW) - 'until' IS DISTINCT FROM to_jsonb(OLD) - 'until'
                THEN RAISE EXCEPTION 'memberships_end_once: admit the person anew' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]


class Equipment(models.Model):
    """An instrument, incubator, cabinet, freezer; its code is the barcode on its door."""

    class Kind(models.TextChoices):
        CABINET = "cabinet", "Biosafety cabinet"
        INCUBATOR = "incubator", "Incubator"
        CELL_COUNTER = "cell_counter", "Cell counter"
        PLATE_READER = "plate_reader", "Plate reader"
        FLOW_CYTOMETER = "flow_cytometer", "Flow cytometer"
        PCR_CYCLER = "pcr_cycler", "PCR cycler"
        CELL_WASHER = "cell_washer", "Cell washer"
        RATE_FREEZER = "rate_freezer", "Controlled-rate freezer"
        STORAGE_FREEZER = "storage_freezer", "Vapour-phase LN2 freezer"

    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    calibration_due_date = models.DateField()
    time_zone = models.CharField(max_length=40, validators=[validate_time_zone])
    recorded_at = RecordedAt()

    class Meta:
        triggers = [Audited(facility="facility")]

    def __str__(self):
        return f"{self.code} {self.name}"

    def is_calibrated_on(self, date):
        return date <= self.calibration_due_date


class MaterialLot(models.Model):
    """One received lot of a medium, reagent or feeder; its code is the barcode on its label."""

    class Status(models.TextChoices):
        QUARANTINE = "quarantine", "Quarantine"
        RELEASED = "released", "Released for use"
        REJECTED = "rejected", "Rejected"

    code = models.CharField(max_length=24, unique=True)
    material = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    lot_number = models.CharField(max_length=40)
    expiry_date = models.DateField()
    status = models.CharField(max_length=12, choices=Status.choices)
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["material", "lot_number"], name="one_row_per_material_lot"),
        ]
        triggers = [Audited(facility="facility", moved_by_verbs=["status"])]

    def __str__(self):
        return f"{self.name}, lot {self.lot_number}"

    def is_usable_on(self, date):
        return self.status == self.Status.RELEASED and date <= self.expiry_date
