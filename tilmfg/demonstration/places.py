"""Sites, equipment, material lots and the approved versions everything runs on."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from assays.catalogue import CATALOGUE
from assays.services import approve_method, draft_method, register_control_lot
from assays.services.methods import seen_of
from tilmfg.batches.definitions import GEN2_22_DAYS
from tilmfg.batches.services import approve_definition, draft_definition
from tilmfg.facility import services as facility
from tilmfg.records.days import facility_today
from tilmfg.release.catalogue import SPECIFICATIONS
from tilmfg.release.services import approve_specification, draft_specification

from .people import qualify, signs

SITES = (
    ("07", "University Hospital North", "America/New_York"),
    ("12", "Academisch Ziekenhuis West", "Europe/Amsterdam"),
)
EQUIPMENT = (
    ("BSC-01", "Biosafety cabinet 1", "cabinet"),
    ("INC-01", "Incubator 1", "incubator"),
    ("VCB-01", "Vi-CELL BLU 1", "cell_counter"),
    ("SYN-01", "Synergy plate reader 1", "plate_reader"),
    ("FLO-01", "Flow cytometer 1", "flow_cytometer"),
    ("PCR-01", "PCR cycler 1", "pcr_cycler"),
    ("LOV-01", "LOVO cell washer 1", "cell_washer"),
    ("CRF-01", "Controlled-rate freezer 1", "rate_freezer"),
    ("LN2-01", "Vapour-phase freezer 1", "storage_freezer"),
)
MATERIALS = (
    ("ML-CM1", "cm1_medium", "CM1 medium"),
    ("ML-CM2", "cm2_medium", "CM2 medium"),
    ("ML-CM4", "cm4_medium", "CM4 medium"),
    ("ML-IL2", "il2", "IL-2"),
    ("ML-OKT3", "okt3", "OKT-3"),
    ("ML-FEED", "feeders", "Irradiated feeders"),
    ("ML-PLA", "plasmalyte", "PlasmaLyte A"),
    ("ML-HSA", "hsa", "Human serum albumin 25 %"),
    ("ML-CS10", "cryostor_cs10", "CryoStor CS10"),
)
REASON = "Checked against the validated master for the demonstration facility"


def furnish(cast) -> dict:
    """Everything that stands before the first patient; the sites by code."""
    quinn = cast["quinn"]
    today = facility_today()
    sites = {}
    for code, name, time_zone in SITES:
        sites[code] = facility.register_site(code=code, name=name, time_zone=time_zone, by=quinn)
    for username in ("sam", "nora"):
        facility.admit_to_site(
            site=sites["07"], user=cast[username], reason="Named by the hospital as its own", by=quinn
        )
    for code, name, kind in EQUIPMENT:
        facility.register_equipment(
            code=code,
            name=name,
            kind=kind,
            calibration_due_date=today + timedelta(days=200),
            time_zone=settings.TIME_ZONE,
            by=quinn,
        )
    for number, (code, material, name) in enumerate(MATERIALS, start=1):
        lot = facility.register_material_lot(
            code=code,
            material=material,
            name=name,
            lot_number=f"26{number:03}A",
            expiry_date=today + timedelta(days=300),
            by=quinn,
        )
        facility.release_material_lot(lot=lot, by=quinn)
    receive_reagents(quinn, today)
    approve_masters(cast)
    for number, name in enumerate(("CTL1", "CTL2"), start=1):
        register_control_lot(
            method_code="ifng-elisa",
            name=name,
            trial_name=name,
            lot_number=f"QC26{number:02}",
            unit="pg/mL",
            expiry_date=today + timedelta(days=250),
            opened_at=timezone.now() - timedelta(days=60),
            by=cast["ana"],
        )
    return sites


def receive_reagents(quinn, today):
    """A released lot of everything that a method of the laboratory asks for."""
    contents: list[Any] = [entry["content"] for entry in CATALOGUE]
    reagents = sorted({name for content in contents for name in content.get("reagents", ())})
    for number, material in enumerate(reagents, start=1):
        lot = facility.register_material_lot(
            code=f"RG-{number:03}",
            material=material,
            name=material,
            lot_number=f"R26{number:03}",
            expiry_date=today + timedelta(days=180),
            by=quinn,
        )
        facility.release_material_lot(lot=lot, by=quinn)


def approve_masters(cast):
    """Process, methods and specifications: drafted by one person, approved by another; the others are trained."""
    ana, quinn, rosa = cast["ana"], cast["quinn"], cast["rosa"]
    signature = {"credential": signs(rosa), "reason": REASON, "by": rosa}
    definition = draft_definition(code="gen2-22", name="Gen 2, 22 days", content=GEN2_22_DAYS, by=quinn)
    approve_definition(definition=definition, **signature)
    for username in ("olga", "tomas"):
        qualify(cast, username, definition.qualification)
    for content in CATALOGUE:
        draft = draft_method(**content, by=ana)
        method = approve_method(method=draft, seen=seen_of(draft), **signature)
        for username in ("ana", "ines"):
            qualify(cast, username, method.qualification)
    effective = facility_today() - timedelta(days=365)
    for code, (name, indication, content) in SPECIFICATIONS.items():
        draft = draft_specification(
            code=code,
            name=name,
            indication=indication,
            effective_from_date=effective,
            content=content,
            by=quinn,
        )
        approve_specification(specification=draft, **signature)
