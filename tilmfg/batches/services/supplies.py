"""What was scanned into the slots of a step: material lots and equipment that may be used on that day."""

from collections.abc import Mapping
from datetime import date

from tilmfg.facility.models import Equipment, MaterialLot
from tilmfg.records.errors import require

from ..rules import EquipmentSlot, MaterialSlot, Step
from .due import UnableToRecord


def usable_materials(step: Step, codes: Mapping[str, str], *, on: date) -> dict[str, MaterialLot]:
    """The lot in each slot; refuses what is unknown, of another material, not released or expired."""
    scanned = scanned_codes(step.materials, codes, prefix="material")
    lots = {lot.code: lot for lot in MaterialLot.objects.filter(code__in=scanned.values())}
    found = {}
    for slot in step.materials:
        code, field = scanned[slot.code], f"material_{slot.code}"
        lot = lots.get(code)
        if lot is None:
            raise UnableToRecord(f"{slot.label}: no material lot has the code “{code}”.", field=field)
        require(
            lot.material == slot.material,
            UnableToRecord(f"{slot.label} belongs here; {code} is {lot}.", field=field),
        )
        require(
            lot.status == MaterialLot.Status.RELEASED,
            UnableToRecord(
                f"{lot} is not released for use: {lot.get_status_display().lower()}.", field=field
            ),
        )
        require(
            lot.is_usable_on(on),
            UnableToRecord(f"{lot} expired on {in_words(lot.expiry_date)}.", field=field),
        )
        found[slot.code] = lot
    return found


def usable_equipment(step: Step, codes: Mapping[str, str], *, on: date) -> dict[str, Equipment]:
    """The equipment in each slot; refuses what is unknown, of another kind or overdue for calibration."""
    scanned = scanned_codes(step.equipment, codes, prefix="equipment")
    known = {item.code: item for item in Equipment.objects.filter(code__in=scanned.values())}
    found = {}
    for slot in step.equipment:
        code, field = scanned[slot.code], f"equipment_{slot.code}"
        item = known.get(code)
        if item is None:
            raise UnableToRecord(f"{slot.label}: no equipment has the code “{code}”.", field=field)
        require(
            item.kind == slot.kind,
            UnableToRecord(
                f"{slot.label} belongs here; {item} is a {item.get_kind_display().lower()}.", field=field
            ),
        )
        require(
            item.is_calibrated_on(on),
            UnableToRecord(
                f"{item}: calibration was due on {in_words(item.calibration_due_date)}.", field=field
            ),
        )
        found[slot.code] = item
    return found


def scanned_codes(
    slots: tuple[MaterialSlot, ...] | tuple[EquipmentSlot, ...], codes: Mapping[str, str], *, prefix: str
) -> dict[str, str]:
    """Every slot has a code and there is no code without a slot."""
    for slot in slots:
        filled = codes.get(slot.code, "").strip()
        require(filled, UnableToRecord(f"{slot.label} is not scanned.", field=f"{prefix}_{slot.code}"))
    unknown = sorted(set(codes) - {slot.code for slot in slots})
    require(not unknown, UnableToRecord(f"This step has no slot {', '.join(unknown)}."))
    return {slot.code: codes[slot.code].strip() for slot in slots}


def in_words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
