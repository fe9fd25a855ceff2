"""Reads a lot's dossier: the same few questions to the database, however long the record is."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject
from django.utils.dateparse import parse_date

from assays.models import Result
from tilmfg.accounts.models import User
from tilmfg.batches.models import EquipmentUse, MaterialUse, Reading, StepExecution
from tilmfg.identity.models import Container, CustodyEvent, Label, Lineage, Scan
from tilmfg.quality.models import Deviation
from tilmfg.records.days import facility_day, facility_today
from tilmfg.records.models import AuditEvent

from .. import dossier, rules
from ..models import Evaluation, Lot, Specification, TrailReview

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# What release itself writes, and the ground's events and signatures, do not change the record that is decided on.
NOT_OF_THE_RECORD = ("release_", "records_")
MEASURED = Q(relation__startswith="batches_") | Q(relation__startswith="assays_")


class StepRows(TypedDict):
    """Annotated: what was read and used at a step."""

    readings_found: list[dict]
    materials_found: list[dict]
    equipment_found: list[dict]


class ContainerRows(TypedDict):
    """Annotated: a container's labels, where its contents came from, who had it."""

    labels_found: list[dict]
    origins_found: list[dict]
    handovers_found: list[dict]


def of_the_record(events):
    """Of these events of the audit trail, those that change what is decided on."""
    for prefix in NOT_OF_THE_RECORD:
        events = events.exclude(relation__startswith=prefix)
    return events


def lots():
    """Lots with all that `dossier_of` and the pages take from the same row."""
    return Lot.objects.select_related(
        "order__site", "order__patient", "order__batch__definition"
    ).annotate(  # type: ignore[no-redef]
        record_version=_last_change(of_the_record(AuditEvent.objects)),
        trail_reviewed_to=Subquery(
            TrailReview.objects.filter(lot=OuterRef("pk")).order_by("-pk").values("last_sequence")[:1]
        ),
    )


def _last_change(events) -> Coalesce:
    """The place in the order's chain of the last of these changes."""
    chain = Concat(Value("order:"), OuterRef("order_id"), output_field=TextField())
    return Coalesce(Subquery(events.filter(chain=chain).order_by("-seq").values("seq")[:1]), 0)


def dossier_of(lot: Lot, *, pinned: Specification | None = None) -> dossier.Dossier:
    """The dossier as the rows stand now; `lot` comes from `lots()`.

    `pinned` is the version of its first evaluation, for who has read that already.
    """
    specification = _specification(pinned or specification_for(lot))
    results = _results(lot)
    steps = _steps(lot)
    return dossier.Dossier(
        record_version=lot.record_version,
        order=_order(lot.order),
        batch=_batch(lot.order, steps),
        steps=steps,
        results=results,
        specification=specification,
        evaluation=None if specification is None else evaluate(specification, results),
        deviations=_deviations(lot),
        containers=_containers(lot),
        scans=_scans(lot),
    )


def evaluate(specification: dossier.Specification, results: tuple[dossier.Result, ...]) -> rules.Evaluation:
    """The standing results held against the specification, at full precision."""
    return rules.evaluate(
        rules.Specification(
            product=specification.product, rule=rules.ALL_MUST_PASS, criteria=specification.criteria
        ),
        [
            rules.ReportedResult(
                id=result.id,
                attribute=result.attribute,
                stage=result.stage,
                method=result.method,
                qualifier=result.qualifier,
                value=result.value if result.raw_value is None else result.raw_value,
                text=result.text,
                unit=result.unit,
                missing=result.missing,
                is_final=result.state == "final",
            )
            for result in results
            if result.state != "superseded" and result.retest_of is None
        ],
    )


def specification_for(lot: Lot) -> Specification | None:
    """The version the lot was first evaluated against, else the newest that is approved and effective."""
    earlier = Evaluation.objects.filter(lot=lot, specification=OuterRef("pk"))
    return (
        Specification.objects.filter(
            indication=lot.order.indication,
            approval__isnull=False,
            effective_from_date__lte=facility_today(),
        )
        .annotate(pinned=Exists(earlier))
        .order_by("-pinned", "-effective_from_date", "-version", "-pk")
        .first()
    )


def _specification(row: Specification | None) -> dossier.Specification | None:
    if row is None:
        return None
    content = rules.parse(row.content)
    return dossier.Specification(
        id=row.pk,
        code=row.code,
        version=row.version,
        name=row.name,
        digest=row.digest,
        product=content.product,
        criteria=content.criteria,
    )


def _order(order) -> dossier.Order:
    return dossier.Order(
        lot_number=order.lot_number,
        coi_id=order.coi_id,
        check_character=order.check_character,
        patient=order.patient.pseudonym,
        site=str(order.site),
        indication=order.indication,
        procurement=order.procurement,
        needed_by_date=order.needed_by_date,
        state=order.state,
    )


def _batch(order, steps: tuple[dossier.Step, ...]) -> dossier.Batch | None:
    batch = getattr(order, "batch", None)
    if batch is None:
        return None
    definition = batch.definition
    last_day = max(
        (step["window"]["day"] for step in definition.content["steps"] if "window" in step), default=0
    )
    harvested = batch.state == "harvested" and steps
    return dossier.Batch(
        definition=definition.name,
        definition_version=definition.version,
        definition_digest=definition.digest,
        started_at=batch.started_at,
        planned_harvest_date=facility_day(batch.started_at) + timedelta(days=last_day),
        harvest_date=facility_day(max(step.performed_at for step in steps)) if harvested else None,
        state=batch.state,
        late_entry_reason=batch.late_entry_reason,
    )


def _steps(lot: Lot) -> tuple[dossier.Step, ...]:
    executions = (
        StepExecution.objects.filter(order=lot.order_id)
        .select_related("performed_by", "verified_by", "batch__definition")
        .annotate(
            readings_found=_rows(
                Reading.objects.filter(execution=OuterRef("pk"), superseded_by=None).order_by("pk"),
                "parameter", "text", "unit", "within_limits", "computed", "reason",
                value=_exact("value"), low=_exact("low"), high=_exact("high"),
                supersedes="supersedes_id", recorded_by=_named("recorded_by"),
            ),
            materials_found=_rows(
                MaterialUse.objects.filter(execution=OuterRef("pk")).order_by("pk"),
                "slot", code="lot__code", name="lot__name", lot_number="lot__lot_number",
                expiry_date=_exact("lot__expiry_date"), status="lot__status",
            ),
            equipment_found=_rows(
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
        name=defined.get("name") or _spoken(execution.step),
        performed_by=_person(execution.performed_by),
        performed_at=execution.performed_at,
        in_window=execution.in_window,
        window_reason=execution.window_reason,
        late_entry_reason=execution.late_entry_reason,
        state=execution.state,
        verified_by=_person(execution.verified_by) if execution.verified_by else None,
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
    label = labels.get(code) or _spoken(code)
    numbers = {name: _decimal(row[name]) for name in ("value", "low", "high")}
    corrects = row.pop("supersedes") is not None
    recorded_by = dossier.Person(**row.pop("recorded_by"))
    return dossier.Reading(
        **row | numbers,
        label=f"{of.rstrip(']')} {label}".lstrip(),
        corrects=corrects,
        recorded_by=recorded_by,
    )


def _results(lot: Lot) -> tuple[dossier.Result, ...]:
    rows = (
        Result.objects.filter(order=lot.order_id)
        .select_related("sample__drawn_by", "method", "run__analyst", "recorded_by", "reviewed_by")
        .order_by("attribute", "stage", "pk")
    )
    return tuple(
        dossier.Result(
            id=row.pk,
            attribute=row.attribute,
            stage=row.stage,
            sample=row.sample.name,
            drawn_by=row.sample.drawn_by.username,
            method=row.method.code,
            method_name=row.method.name,
            method_version=row.method.version,
            run=row.run_id,
            analyst=row.run.analyst.username if row.run else "",
            qualifier=row.qualifier,
            value=row.value,
            raw_value=row.raw_value,
            decimals=row.decimals,
            text=row.text,
            unit=row.unit,
            missing=row.missing,
            notes=row.notes,
            late_entry_reason=row.late_entry_reason,
            performed_at=row.performed_at,
            recorded_by=_person(row.recorded_by),
            reviewed_by=_person(row.reviewed_by) if row.reviewed_by else None,
            state=row.state,
            supersedes=row.supersedes_id,
            reason=row.reason,
            retest_of=row.retest_of_id,
        )
        for row in rows
    )


def _deviations(lot: Lot) -> tuple[dossier.Deviation, ...]:
    return tuple(
        dossier.Deviation(
            number=row.number,
            kind=row.kind,
            title=row.title,
            state=row.state,
            classification=row.classification,
            impact=row.impact,
            opened_at=row.opened_at,
        )
        for row in Deviation.objects.filter(chain=lot.chain).order_by("pk")
    )


def _containers(lot: Lot) -> tuple[dossier.Container, ...]:
    of_this = {"container": OuterRef("pk")}
    rows = (
        Container.objects.filter(order=lot.order_id)
        .annotate(
            labels_found=_rows(
                Label.objects.filter(**of_this).order_by("pk"),
                "template", "copy", "reprint_reason", "state", printed_by=_named("printed_by"),
            ),
            origins_found=_rows(
                Lineage.objects.filter(child=OuterRef("pk")).order_by("pk"),
                code="parent__code", volume_ml=_exact("volume_ml"), viable_cells=_exact("viable_cells"),
            ),
            handovers_found=_rows(
                CustodyEvent.objects.filter(**of_this).order_by("pk"),
                "kind", "gave", "place", "condition", "temperature_reason", "late_entry_reason",
                took=_named("took"), second=_named("second"),
                temperature_c=_exact("temperature_c"),
            ),
        )
        .order_by("pk")
    )  # fmt: skip
    return tuple(_container(row) for row in rows)


def _container(row: "WithAnnotations[Container, ContainerRows]") -> dossier.Container:
    return dossier.Container(
        code=row.code,
        kind=row.kind,
        number=row.number,
        group_size=row.group_size,
        state=row.state,
        volume_ml=row.volume_ml,
        viable_cells=row.viable_cells,
        expiry_date=row.expiry_date,
        labels=tuple(
            dossier.Label(**label | {"printed_by": dossier.Person(**label["printed_by"])})
            for label in row.labels_found
        ),
        origins=tuple(
            dossier.Origin(
                code=origin["code"],
                volume_ml=_decimal(origin["volume_ml"]),
                viable_cells=_decimal(origin["viable_cells"]),
            )
            for origin in row.origins_found
        ),
        handovers=tuple(_handover(found) for found in row.handovers_found),
    )


def _handover(row: dict) -> dossier.Handover:
    second = row["second"]["username"] and dossier.Person(**row["second"])
    took = dossier.Person(**row["took"])
    return dossier.Handover(
        **row | {"took": took, "second": second, "temperature_c": _decimal(row["temperature_c"])}
    )


def _scans(lot: Lot) -> tuple[dossier.Scan, ...]:
    return tuple(
        dossier.Scan(
            purpose=row.purpose,
            expected=row.expected,
            read=row.read,
            matches=row.matches,
            scanned_by=_person(row.scanned_by),
            recorded_at=row.recorded_at,
        )
        for row in Scan.objects.filter(order=lot.order_id).select_related("scanned_by").order_by("pk")
    )


def _rows(queryset, *names: str, **expressions) -> ArraySubquery:
    """Rows that belong to each row of the outer query, as dictionaries, without a query of their own."""
    return ArraySubquery(queryset.values(row=JSONObject(**{name: name for name in names}, **expressions)))


def _named(name: str) -> JSONObject:
    return JSONObject(username=f"{name}__username", printed_name=f"{name}__printed_name")


def _exact(name: str) -> Cast:
    """As text: a number of JSON would come back as a float."""
    return Cast(name, TextField())


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _person(user: User) -> dossier.Person:
    return dossier.Person(username=user.username, printed_name=user.printed_name)


def _spoken(code: str) -> str:
    return code.replace("_", " ").capitalize()
