"""What the chain-of-identity report of one order says: every room's events, and identity's own records."""

from datetime import datetime

from tilmfg.documents.contents import (
    ChainOfIdentityReport,
    ContainerLine,
    CustodyLine,
    Heading,
    Identifier,
    LabelLine,
    ScanLine,
    SignatureLine,
    Transfer,
)
from tilmfg.quality.models import Deviation
from tilmfg.records.models import Event, Signature
from tilmfg.records.signature_status import Status, status

from . import event_words
from .label_content import PRODUCT, is_provisional
from .models import CustodyEvent, Label, Lineage, Scan, TherapyOrder


def report_content(order: TherapyOrder, *, generated_at: datetime) -> ChainOfIdentityReport:
    events = list(Event.objects.filter(chain=order.chain).select_related("actor").order_by("pk"))
    return ChainOfIdentityReport(
        heading=Heading(
            document_id=f"COI-{order.lot_number}",
            lot_number=order.lot_number,
            coi_id=order.coi_id,
            check_character=order.check_character,
            generated_at=generated_at,
        ),
        product=PRODUCT,
        site=str(order.site),
        state=order.get_state_display(),
        identifiers=identifiers(order),
        events=tuple(map(event_words.line, events)),
        containers=tuple(
            ContainerLine(
                code=it.code,
                name=it.get_kind_display(),
                volume_ml=it.volume_ml,
                viable_cells=it.viable_cells,
                state=it.get_state_display(),
            )
            for it in order.containers.order_by("pk")
        ),
        transfers=transfers(order),
        scans=scans(order),
        labels=labels(order, events),
        custody=custody(order),
        signatures=tuple(
            signature_line(it, status(it))
            for it in Signature.objects.filter(chain=order.chain).order_by("pk")
        ),
    )


def signature_line(signature: Signature, stands: Status) -> SignatureLine:
    return SignatureLine(
        printed_name=signature.printed_name,
        meaning=signature.get_meaning_display(),
        signed_at=signature.signed_at,
        reason=signature.reason,
        digest=signature.digest,
        invalid=stands.because,
    )


def identifiers(order: TherapyOrder) -> tuple[Identifier, ...]:
    """The crosswalk; who the pseudonym is stands in the vault and in no report."""
    kind = "Chain-of-identity id"
    lines = [
        Identifier(
            kind=f"{kind}, provisional" if is_provisional(order.coi_id) else kind,
            value=f"{order.coi_id} {order.check_character}",
            assigned_by=order.placed_by.printed_name,
            assigned_at=order.placed_at,
        ),
        Identifier(
            kind="Lot number",
            value=order.lot_number,
            assigned_by=order.placed_by.printed_name,
            assigned_at=order.placed_at,
        ),
        Identifier(
            kind="Patient pseudonym",
            value=order.patient.pseudonym,
            assigned_by="",
            assigned_at=order.patient.recorded_at,
        ),
        Identifier(kind="Treatment site", value=order.site.code, assigned_by="", assigned_at=None),
    ]
    earlier = order.previous
    if earlier:
        lines.append(
            Identifier(
                kind="Previous order of this patient",
                value=f"{earlier.coi_id} {earlier.check_character}",
                assigned_by=earlier.placed_by.printed_name,
                assigned_at=earlier.placed_at,
            )
        )
    return tuple(lines)


def transfers(order: TherapyOrder) -> tuple[Transfer, ...]:
    return tuple(
        Transfer(
            parent_code=it.parent.code,
            child_code=it.child.code,
            volume_ml=it.volume_ml,
            viable_cells=it.viable_cells,
        )
        for it in Lineage.objects.filter(order=order).select_related("parent", "child").order_by("pk")
    )


def scans(order: TherapyOrder) -> tuple[ScanLine, ...]:
    resolutions = {
        deviation.subject_id: f"{deviation.number}, {deviation.get_state_display().lower()}"
        for deviation in Deviation.objects.filter(chain=order.chain, subject_kind="identity.scan")
    }
    return tuple(
        ScanLine(
            scanned_at=it.recorded_at,
            actor=it.scanned_by.printed_name,
            place="",
            purpose=it.occasion,
            expected=it.expected,
            read=it.read,
            matches=it.matches,
            resolution=resolutions.get(it.pk, ""),
        )
        for it in Scan.objects.filter(order=order).select_related("scanned_by").order_by("pk")
    )


def labels(order: TherapyOrder, events: list[Event]) -> tuple[LabelLine, ...]:
    """When and by whom a label was applied or destroyed stands in its events."""
    fates = {(it.name, it.subject_id): it for it in events if it.subject_kind == "identity.label"}

    def fate(name: str, label: Label) -> tuple[datetime | None, str]:
        event = fates.get((name, label.pk))
        return (event.recorded_at, event.actor.printed_name) if event else (None, "")

    lines = []
    for it in order.labels.select_related("container", "printed_by").defer("pdf").order_by("pk"):
        applied_at, applied_by = fate("identity.label.applied", it)
        destroyed_at, destroyed_by = fate("identity.label.destroyed", it)
        lines.append(
            LabelLine(
                container_code=it.container.code,
                template_version=it.template,
                copy=it.copy,
                printed_at=it.printed_at,
                printed_by=it.printed_by.printed_name,
                applied_at=applied_at,
                applied_by=applied_by,
                verified_by="",
                destroyed_at=destroyed_at,
                destroyed_by=destroyed_by,
            )
        )
    return tuple(lines)


def custody(order: TherapyOrder) -> tuple[CustodyLine, ...]:
    changes = CustodyEvent.objects.filter(order=order).select_related("container", "took", "second")
    return tuple(
        CustodyLine(
            handed_over_at=it.performed_at,
            given_by=it.gave,
            taken_by=f"{it.took}, with {it.second}" if it.second else it.took.printed_name,
            place=it.place,
            subject=it.container.code,
            condition=it.condition,
            temperature_c=it.temperature_c,
        )
        for it in changes.order_by("performed_at", "pk")
    )
