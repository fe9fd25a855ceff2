"""The batch record of a dossier: every step with what was read and used at it."""

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import OuterRef
from django.utils.dateparse import parse_date

from tilmfg.batches.models import EquipmentUse, MaterialUse, Reading, StepExecution

from .. import dossier
from ..models import Lot
from .dossier_rows import decimal, exact, named, person, rows, spoken

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class StepRows(TypedDict):
    """Annotated: what was read and used at a step."""

    readings_found: list[dict]
    materials_found: list[dict]
    equipment_found: list[dict]


def steps_of(lot: Lot) -> tuple[dossier.Step, ...]:
    executions = (
        StepExecution.objects.filter(order=lot.order_id)
        .select_related("performed_by", "verified_by", "batch__definition")
        .annotate(
            readings_found=rows(
                Reading.objects.filter(execution=OuterRef("pk"), superseded_by=None).order_by("pk"),
                "parameter", "text", "unit", "within_limits", "computed", "reason",
                value=exact("value"), low=exact("low"), high=exact("high"),
                supersedes="supersedes_id", recorded_by=named("recorded_by"),
                confirmed_by=named("confirmed_by"), confirmed_at="confirmed_at",
            ),
            materials_found=rows(
                MaterialUse.objects.filter(execution=OuterRef("pk")).order_by("pk"),
                "slot", code="lot__code", name="lot__name", lot_number="lot__lot_number",
                expiry_date=exact("lot__expiry_date"), status="lot__status",
            ),
            equipment_found=rows(
                EquipmentUse.objects.filter(execution=OuterRef("pk")).order_by("pk"),
                "slot", code="equipment__code", name="equipment__name",
            ),
        )
        .order_by("performed_at", "pk")
    )  # fmt: skip
    return tuple(_step(execution) for execution in executions)


def _step(execution: "WithAnnotations[StepExecution, StepRows]") -> dossier.Step:
    names = {step.get("code"): step for step in execution.batch.definition.content.get("steps", ())}
    defined = names.get(execution.step, {})
    labels = {
        item["code"]: item["label"] for item in (*defined.get("parameters", ()), *defined.get("computed", ()))
    }
    return dossier.Step(
        code=execution.step,
        name=defined.get("name") or spoken(execution.step),
        performed_by=person(execution.performed_by),
        performed_at=execution.performed_at,
        in_window=execution.in_window,
        window_reason=execution.window_reason,
        late_entry_reason=execution.late_entry_reason,
        state=execution.state,
        verified_by=person(execution.verified_by) if execution.verified_by else None,
        verified_at=execution.verified_at,
        readings=tuple(_reading(row, labels) for row in execution.readings_found),
        materials=tuple(
            dossier.Material(**row | {"expiry_date": parse_date(row["expiry_date"])})
            for row in execution.materials_found
        ),
        equipment=tuple(dossier.Device(**row) for row in execution.equipment_found),
    )


def _reading(row: dict, labels: dict[str, str]) -> dossier.Reading:
    code, _, of = row["parameter"].partition("[")  # `bag_volume_ml[BG2]` is asked of bag BG2
    label = labels.get(code) or spoken(code)
    numbers = {name: decimal(row[name]) for name in ("value", "low", "high")}
    corrects = row.pop("supersedes") is not None
    recorded_by, confirmed_by = row.pop("recorded_by"), row.pop("confirmed_by")
    confirmed_at = row.pop("confirmed_at")
    return dossier.Reading(
        **row | numbers,
        label=f"{of.rstrip(']')} {label}".lstrip(),
        corrects=corrects,
        recorded_by=dossier.Person(**recorded_by),
        confirmed_by=dossier.Person(**confirmed_by) if confirmed_by["username"] else None,
        confirmed_at=datetime.fromisoformat(confirmed_at) if confirmed_at else None,
    )
