"""At the treatment site: the bedside identity check and the infusion, one row per bag.

The database itself refuses an infusion of a lot that is not provided, of another patient, or after expiry.
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tilmfg.identity.models import Container, Patient, Scan, TherapyOrder
from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard, SameOrder, append_only
from tilmfg.release.models import Lot

PERSON = settings.AUTH_USER_MODEL


class BedsideCheck(models.Model):
    """Two people compare the wristband, the chain-of-identity id on the cassette and the bag."""

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="bedside_checks")
    container = models.ForeignKey(Container, models.PROTECT, related_name="bedside_checks")
    patient = models.ForeignKey(
        Patient, models.PROTECT, null=True, related_name="+"
    )  # whose wristband was read; null: nobody's
    cassette_scan = models.ForeignKey(Scan, models.PROTECT, related_name="+")
    bag_scan = models.ForeignKey(Scan, models.PROTECT, related_name="+")
    matches = models.BooleanField()
    first = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    second = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(first=F("second")), name="the_bedside_check_takes_two_people"
            ),
        ]
        triggers = [
            Audited(order="order"),
            SameOrder("container", "cassette_scan", "bag_scan"),
            append_only(),
            Guard(
                name="a_matching_check_really_matches",
                operation=pgtrigger.Insert,
                func="""
                IF NEW.matches AND (
                    NEW.patient_id IS DISTINCT FROM (SELECT o.patient_id FROM identity_therapyorder o WHERE o.id = NEW.order_id)
                    OR EXISTS (SELECT FROM identity_scan s WHERE s.id IN (NEW.cassette_scan_id, NEW.bag_scan_id) AND NOT s.matches))
                THEN RAISE EXCEPTION 'a_matching_check_really_matches: wristband, cassette or bag differ' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
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

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__gt=F("started_at")), name="infusions_end_after_they_start"
            ),
        ]
        triggers = [
            Audited(order="order"),
            SameOrder("lot", "container", "check_passed"),
            append_only(),
            Guard(
                name="infusions_are_of_provided_lots",
                operation=pgtrigger.Insert,
                declare="lot_state text; order_state text; order_patient bigint; bag identity_container;",
                func="""
                SELECT l.state, o.state, o.patient_id INTO lot_state, order_state, order_patient
                    FROM release_lot l JOIN identity_therapyorder o ON o.id = l.order_id WHERE l.id = NEW.lot_id FOR SHARE OF l, o;
                SELECT * INTO bag FROM identity_container c WHERE c.id = NEW.container_id;
                IF lot_state IS NULL OR lot_state NOT IN ('released', 'conditionally_released', 'provided_under_exception') THEN
                    RAISE EXCEPTION 'infusions_are_of_provided_lots: the lot is %', coalesce(lot_state, 'unknown') USING ERRCODE = 'check_violation';
                END IF;
                IF order_state <> 'received' THEN
                    RAISE EXCEPTION 'infusions_are_of_provided_lots: the order is %', order_state USING ERRCODE = 'check_violation';
                END IF;
                IF NEW.patient_id <> order_patient THEN
                    RAISE EXCEPTION 'infusions_are_of_provided_lots: the lot is for another patient' USING ERRCODE = 'check_violation';
                END IF;
                IF bag.kind <> 'bag' OR bag.state <> 'at_site' THEN
                    RAISE EXCEPTION 'infusions_are_of_provided_lots: % is no product bag at the site', bag.code USING ERRCODE = 'check_violation';
                END IF;
                IF bag.expiry_date IS NULL OR bag.expiry_date < (greatest(NEW.ended_at, clock_timestamp()) AT TIME ZONE 'UTC')::date THEN
                    RAISE EXCEPTION 'infusions_are_of_provided_lots: the bag expired on %', bag.expiry_date USING ERRCODE = 'check_violation';
                END IF;
                IF NOT EXISTS (SELECT FROM treatment_bedsidecheck c WHERE c.id = NEW.check_passed_id AND c.matches
                    AND c.container_id = NEW.container_id AND c.patient_id = NEW.patient_id) THEN
                    RAISE EXCEPTION 'infusions_are_of_provided_lots: no passed bedside check of this bag' USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]
