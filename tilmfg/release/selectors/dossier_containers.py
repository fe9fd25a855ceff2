"""The containers of a dossier: labels, what they were filled from, who had them; and the scans."""

from typing import TYPE_CHECKING, TypedDict

from django.db.models import OuterRef

from tilmfg.identity.models import Container, CustodyEvent, Label, Lineage, Scan

from .. import dossier
from ..models import Lot
from .dossier_rows import decimal, exact, named, person, rows

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class ContainerRows(TypedDict):
    """Annotated: a container's labels, where its contents came from, who had it."""

    labels_found: list[dict]
    origins_found: list[dict]
    handovers_found: list[dict]


def containers_of(lot: Lot) -> tuple[dossier.Container, ...]:
    of_this = {"container": OuterRef("pk")}
    found = (
        Container.objects.filter(order=lot.order_id)
        .annotate(
            labels_found=rows(
                Label.objects.filter(**of_this).order_by("pk"),
                "template", "copy", "reprint_reason", "state", printed_by=named("printed_by"),
            ),
            origins_found=rows(
                Lineage.objects.filter(child=OuterRef("pk")).order_by("pk"),
                code="parent__code", volume_ml=exact("volume_ml"), viable_cells=exact("viable_cells"),
            ),
            handovers_found=rows(
                CustodyEvent.objects.filter(**of_this).order_by("pk"),
                "kind", "gave", "place", "condition", "temperature_reason", "late_entry_reason",
                took=named("took"), second=named("second"),
                temperature_c=exact("temperature_c"),
            ),
        )
        .order_by("pk")
    )  # fmt: skip
    return tuple(_container(row) for row in found)


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
                volume_ml=decimal(origin["volume_ml"]),
                viable_cells=decimal(origin["viable_cells"]),
            )
            for origin in row.origins_found
        ),
        handovers=tuple(_handover(found) for found in row.handovers_found),
    )


def _handover(row: dict) -> dossier.Handover:
    second = row["second"]["username"] and dossier.Person(**row["second"])
    took = dossier.Person(**row["took"])
    return dossier.Handover(
        **row | {"took": took, "second": second, "temperature_c": decimal(row["temperature_c"])}
    )


def scans_of(lot: Lot) -> tuple[dossier.Scan, ...]:
    return tuple(
        dossier.Scan(
            purpose=row.purpose,
            expected=row.expected,
            read=row.read,
            matches=row.matches,
            scanned_by=person(row.scanned_by),
            recorded_at=row.recorded_at,
        )
        for row in Scan.objects.filter(order=lot.order_id).select_related("scanned_by").order_by("pk")
    )
