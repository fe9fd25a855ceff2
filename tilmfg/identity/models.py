"""Chain of identity: patients, therapy orders, every labelled thing, its scans and its custody.

What identifies a person stands in one encrypted table; everywhere else there is the chain-of-identity id.
"""

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from tilmfg.facility.models import Site
from tilmfg.records.fields import RecordedAt
from tilmfg.records.models import Event, Signature
from tilmfg.records.triggers import Audited, Guard, SameOrder, append_only

from . import isbt128, rules
from .guards import RESUMPTIONS_ARE_DECIDED_BY_ANOTHER, STOPPED_ORDERS_GO_ON_BY_DECISION
from .states import ContainerState, LabelState, OrderState

PERSON = settings.AUTH_USER_MODEL
SOME_DAY = date(9999, 12, 31)  # orders that nobody has asked for by a day stand last


class Patient(models.Model):
    """A pseudonym; who it is stands in the vault."""

    pseudonym = models.CharField(max_length=24, unique=True)
    recorded_at = RecordedAt()

    class Meta:
        triggers = [Audited(facility="identity")]

    def __str__(self):
        return self.pseudonym


class PatientVault(models.Model):
    """What identifies the person, encrypted; read for the bedside check and logged each time."""

    patient = models.OneToOneField(Patient, models.PROTECT, related_name="vault")
    sealed = models.BinaryField()  # Fernet token of JSON: name, birth_date, hospital_number
    wristband_index = models.CharField(
        max_length=64, unique=True
    )  # keyed digest of the wristband's text, to search by

    class Meta:
        triggers = [Audited(facility="identity", encrypted=["sealed"])]


class TherapyOrder(models.Model):
    """One therapy of one patient, from the order to the bedside. Collecting tissue again is a new order."""

    class Indication(models.TextChoices):
        MELANOMA = "melanoma", "Melanoma"
        NSCLC = "nsclc", "Non-small cell lung cancer"

    class Procurement(models.TextChoices):
        RESECTION = "resection", "Surgical resection"
        CORE_BIOPSY = "core_biopsy", "Core biopsy"

    coi_id = models.CharField(max_length=15, unique=True)
    lot_number = models.CharField(max_length=16, unique=True)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="orders")
    site = models.ForeignKey(Site, models.PROTECT, related_name="orders")
    indication = models.CharField(max_length=10, choices=Indication.choices)
    procurement = models.CharField(max_length=12, choices=Procurement.choices)
    needed_by_date = models.DateField(null=True)  # when the patient's treatment needs the product
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="later_orders")
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.ORDERED)
    placed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    placed_at = RecordedAt()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(coi_id__regex=r"^CH[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}\d{2}[A-Z0-9]{6}$"),
                name="coi_ids_have_the_shape_of_structure_040",
            ),
            models.CheckConstraint(
                condition=Q(indication__in=["melanoma", "nsclc"]), name="orders_name_a_known_indication"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="order_list"),
            models.Index(
                Coalesce("needed_by_date", SOME_DAY), "id", name="order_soonest_needed"
            ),  # lots, paged
        ]
        triggers = [
            Audited(order="id", moved_by_verbs=["state"]),
            Guard(
                name="orders_keep_their_patient",
                operation=pgtrigger.Update,
                func="""
                IF (NEW.coi_id, NEW.lot_number, NEW.patient_id, NEW.previous_id)
                    IS DISTINCT FROM (OLD.coi_id, OLD.lot_number, OLD.patient_id, OLD.previous_id)
                THEN RAISE EXCEPTION 'orders_keep_their_patient: what identifies an order never changes'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
            Guard(
                name="orders_follow_orders_of_their_patient",
                operation=pgtrigger.Insert,
                func="""
                IF NEW.previous_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM identity_therapyorder earlier
                    WHERE earlier.id = NEW.previous_id AND earlier.patient_id = NEW.patient_id)
                THEN RAISE EXCEPTION 'orders_follow_orders_of_their_patient: the previous order is another patient''s'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
            STOPPED_ORDERS_GO_ON_BY_DECISION,
        ]

    def __str__(self):
        return self.lot_number

    def get_absolute_url(self):
        return reverse("order", args=[self.coi_id])

    @property
    def chain(self):
        return f"order:{self.pk}"

    @property
    def check_character(self):
        return isbt128.check_character(self.coi_id)


class Container(models.Model):
    """Every labelled thing: tumor bottle, flask, product bag, sample vial."""

    class Kind(models.TextChoices):
        TUMOR_BOTTLE = "tumor_bottle", "Tumor bottle"
        FLASK = "flask", "Flask"
        BAG = "bag", "Product bag"
        CRYOBAG = "cryobag", "Excess cells"
        VIAL = "vial", "Sample vial"

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="containers")
    code = models.CharField(max_length=6)  # unique within its order: TB1, FL3, BG2, QC4
    kind = models.CharField(max_length=14, choices=Kind.choices)
    number = models.PositiveSmallIntegerField(default=1)  # n of N in its group
    group_size = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=ContainerState.choices, default=ContainerState.LABELLED)
    volume_ml = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    viable_cells = models.DecimalField(max_digits=16, decimal_places=0, null=True)
    expiry_date = models.DateField(null=True)
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "code"], name="container_codes_are_unique_in_an_order"),
            models.CheckConstraint(
                condition=Q(number__gte=1) & Q(number__lte=F("group_size")),
                name="containers_are_n_of_their_group",
            ),
        ]
        indexes = [
            models.Index(
                fields=["order"],
                condition=Q(kind="tumor_bottle", state="in_use"),
                name="tumors_not_yet_cut",  # what has arrived, on the floor
            ),
        ]
        triggers = [
            Audited(order="order", moved_by_verbs=["state", "volume_ml", "viable_cells"]),
            Guard(
                name="containers_are_filled_once",
                operation=pgtrigger.Update,
                func="""
                IF (NEW.order_id, NEW.code, NEW.kind) IS DISTINCT FROM (OLD.order_id, OLD.code, OLD.kind)
                THEN RAISE EXCEPTION 'containers_are_filled_once: a container keeps its order, code and kind'
                    USING ERRCODE = 'GM012';
                END IF;
                IF OLD.state <> 'labelled'
                    AND (NEW.volume_ml, NEW.viable_cells) IS DISTINCT FROM (OLD.volume_ml, OLD.viable_cells)
                THEN RAISE EXCEPTION 'containers_are_filled_once: what was filled in never changes'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.order.lot_number}-{self.code}"

    @property
    def chain(self):
        return f"order:{self.order_id}"

    @property
    def payload(self):
        """What its Data Matrix says."""
        return isbt128.container_payload(isbt128.CoiId.parse(self.order.coi_id), self.code)


class Lineage(models.Model):
    """`child` was filled from `parent`, with these amounts."""

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="+")
    parent = models.ForeignKey(Container, models.PROTECT, related_name="child_links")
    child = models.ForeignKey(Container, models.PROTECT, related_name="parent_links")
    volume_ml = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    viable_cells = models.DecimalField(max_digits=16, decimal_places=0, null=True)
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "child"], name="one_link_between_two_containers"),
            models.CheckConstraint(condition=~Q(parent=F("child")), name="no_container_is_its_own_parent"),
        ]
        triggers = [Audited(order="order"), SameOrder("parent", "child"), append_only()]


class Label(models.Model):
    """One printed label; each is applied or destroyed, none is left over."""

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="labels")
    container = models.ForeignKey(Container, models.PROTECT, related_name="labels")
    copy = models.PositiveSmallIntegerField()  # 1 is the first print; later ones say why
    reprint_reason = models.TextField(blank=True)
    template = models.CharField(max_length=40)
    payload = models.CharField(max_length=60)
    decoded = models.CharField(max_length=60)  # what an independent reader read off the finished label
    pdf = models.BinaryField()
    pdf_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=LabelState.choices, default=LabelState.PRINTED)
    printed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    printed_at = RecordedAt()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(decoded=F("payload")), name="labels_read_as_they_were_meant"),
            models.UniqueConstraint(fields=["container", "copy"], name="copies_of_a_label_are_numbered"),
            models.CheckConstraint(
                condition=Q(copy=1) | ~Q(reprint_reason=""), name="reprints_have_a_reason"
            ),
        ]
        triggers = [
            Audited(order="order", moved_by_verbs=["state"], digested=["pdf"]),
            SameOrder("container"),
        ]

    def __str__(self):
        return f"{self.container}-{self.copy}"

    @property
    def chain(self):
        return f"order:{self.order_id}"


class Scan(models.Model):
    """A label was read where another was, or the same one was, expected."""

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="scans")
    purpose = models.CharField(max_length=40)
    expected = models.CharField(max_length=60)
    read = models.CharField(max_length=120)
    matches = models.BooleanField()
    scanned_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()

    class Meta:
        indexes = [models.Index(fields=["order", "matches"], name="scan_mismatches")]
        triggers = [Audited(order="order"), append_only()]

    @property
    def occasion(self):
        """What it was scanned for, in words."""
        return rules.in_words(self.purpose)

    @property
    def chain(self):
        return f"order:{self.order_id}"


class Resumption(models.Model):
    """A stopped order goes on: what was found out, signed by the QA approver. It lifts one stop and no later one."""

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="resumptions")
    stop = models.OneToOneField(Event, models.PROTECT, related_name="+")
    grounds = models.TextField()
    decided_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(grounds=""), name="resumptions_have_grounds"),
        ]
        triggers = [
            Audited(order="order", moved_by_verbs=["signature"]),
            RESUMPTIONS_ARE_DECIDED_BY_ANOTHER,
        ]

    @property
    def chain(self):
        return f"order:{self.order_id}"


class CustodyEvent(models.Model):
    """A thing changed hands: who gave, who took, where, when, in what condition."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "Received at the facility"
        STORED = "stored", "Put into storage"
        RECEIVED_AT_SITE = "received_at_site", "Received at the treatment site"
        ISSUED = "issued", "Issued for infusion"

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="custody_events")
    container = models.ForeignKey(Container, models.PROTECT, related_name="custody_events")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    gave = models.CharField(max_length=120)  # a courier or a person outside the system
    took = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    second = models.ForeignKey(PERSON, models.PROTECT, related_name="+", null=True)
    place = models.CharField(max_length=120)
    performed_at = models.DateTimeField()
    recorded_at = RecordedAt()
    temperature_c = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    temperature_reason = models.TextField(blank=True)  # why it was accepted outside the arrival limits
    condition = models.TextField()
    late_entry_reason = models.TextField(blank=True)  # why it was recorded long after it was performed
    scan = models.OneToOneField(Scan, models.PROTECT, null=True, related_name="custody_event")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="stored") | Q(scan__isnull=False), name="things_change_hands_by_scan"
            ),
            models.CheckConstraint(
                condition=Q(second=None) | ~Q(second=F("took")), name="two_people_are_two_different_people"
            ),
        ]
        triggers = [Audited(order="order"), SameOrder("container", "scan"), append_only()]


class ArrivalLimit(models.Model):
    """Between which temperatures a tumor may arrive, from a day on; the latest of them applies."""

    low_c = models.DecimalField(max_digits=4, decimal_places=1)
    high_c = models.DecimalField(max_digits=4, decimal_places=1)
    effective_date = models.DateField(unique=True)
    source = models.CharField(max_length=200)
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(low_c__lt=F("high_c")), name="arrival_limits_are_a_range"),
        ]
        triggers = [Audited(facility="identity"), append_only()]

    def __str__(self):
        return f"{self.low_c:f} to {self.high_c:f} °C"

    @classmethod
    def on(cls, day):
        """What applies on that day."""
        return cls.objects.filter(effective_date__lte=day).latest("effective_date")

    def contains(self, temperature_c):
        return self.low_c <= temperature_c <= self.high_c
