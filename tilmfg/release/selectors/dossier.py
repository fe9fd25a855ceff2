"""Reads a lot's dossier: the same few questions to the database, however long the record is."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Concat

from tilmfg.quality.models import Deviation
from tilmfg.records.days import facility_day, facility_today
from tilmfg.records.models import AuditEvent

from .. import dossier, rules
from ..models import Evaluation, Lot, Specification, TrailReview
from .dossier_containers import containers_of, scans_of
from .dossier_results import results_of
from .dossier_steps import steps_of

# What release itself writes, and the ground's events and signatures, do not change the record that is decided on.
NOT_OF_THE_RECORD = ("release_", "records_")
MEASURED = Q(relation__startswith="batches_") | Q(relation__startswith="assays_")


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
    results = results_of(lot)
    steps = steps_of(lot)
    return dossier.Dossier(
        record_version=lot.record_version,
        order=_order(lot.order),
        batch=_batch(lot.order, steps),
        steps=steps,
        results=results,
        specification=specification,
        evaluation=None if specification is None else evaluate(specification, results),
        deviations=_deviations(lot),
        containers=containers_of(lot),
        scans=scans_of(lot),
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
