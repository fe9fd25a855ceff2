"""Lots of material for the reagents that a method names."""

from collections.abc import Iterable

from django.db.models.functions import Lower, Upper

from assays.models import Run, RunReagent
from tilmfg.facility.models import MaterialLot
from tilmfg.records.days import facility_today


def lots_scanned(codes: Iterable[str]) -> dict[str, MaterialLot]:
    """By code in capitals, in one query."""
    wanted = {code.strip().upper() for code in codes if code.strip()}
    if not wanted:
        return {}
    lots = MaterialLot.objects.annotate(scanned=Upper("code")).filter(scanned__in=wanted)
    return {lot.code.upper(): lot for lot in lots}


def lots_to_choose(reagents: Iterable[str]) -> dict[str, list[MaterialLot]]:
    """By reagent its lots that may be used today, the one that expires first before the others."""
    wanted = {reagent.lower(): reagent for reagent in reagents}
    lots = MaterialLot.objects.annotate(kind=Lower("material")).filter(
        kind__in=wanted, status=MaterialLot.Status.RELEASED, expiry_date__gte=facility_today()
    )
    found: dict[str, list[MaterialLot]] = {reagent: [] for reagent in wanted.values()}
    for lot in lots.order_by("expiry_date", "pk"):
        found[wanted[lot.material.lower()]].append(lot)
    return found


def reagents_of(run: Run) -> list[RunReagent]:
    return list(run.reagents.select_related("lot"))
