"""Controls as their pages ask for them: lots, the readings that stand, the value in force."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.shortcuts import get_object_or_404

from assays.models import AssignedValue, Computation, ControlLot, ControlReading, Run
from assays.states import RunState


def control_lots():
    return ControlLot.objects.select_related("registered_by")


def control_lot(pk: int) -> ControlLot:
    return get_object_or_404(control_lots(), pk=pk)


def assigned_value(pk: int) -> AssignedValue:
    found = AssignedValue.objects.select_related(
        "lot", "proposed_by", "approval", "bridged_from__lot", "bridged_from__approval"
    )
    return get_object_or_404(found, pk=pk)


def values_of_lot(lot: ControlLot):
    """Newest first."""
    return lot.values.select_related("proposed_by", "approval", "bridged_from__lot").order_by("-pk")


def values_in_force(lots: Collection[int]) -> dict[int, AssignedValue]:
    """By lot: the one approved last."""
    approved = AssignedValue.objects.filter(lot__in=lots, approval__isnull=False).select_related("approval")
    return {value.lot_id: value for value in approved.order_by("approval__signed_at", "pk")}


def readings_that_stand():
    """Of the last computation of runs that were not rejected, invalid ones too: a failed control is no less real."""
    later = Computation.objects.filter(run=OuterRef("run"), number__gt=OuterRef("computation__number"))
    found = ControlReading.objects.exclude(run__state=RunState.REJECTED).filter(~Exists(later))
    return found.select_related("run__analyst", "run__instrument", "run__method", "lot")


def reviewed_readings(lot: ControlLot):
    """What a value of the lot may rest on."""
    found = readings_that_stand().filter(lot=lot, run__state=RunState.REVIEWED, value__isnull=False)
    return found.order_by("measured_at", "pk")


def readings_of_lot(
    lot: ControlLot, *, before: datetime | None = None, instrument: str = "", analyst: str = ""
):
    """Newest first."""
    found = readings_that_stand().filter(lot=lot)
    if before:
        found = found.filter(measured_at__lt=before)
    if instrument:
        found = found.filter(run__instrument__code=instrument)
    if analyst:
        found = found.filter(run__analyst__username=analyst)
    return found.order_by("-measured_at", "-pk")


def who_and_where(lot: ControlLot) -> dict[str, list[tuple[str, str]]]:
    """The analysts and instruments that read this lot."""
    runs = Run.objects.filter(control_readings__lot=lot)
    people = runs.order_by("analyst__printed_name").values_list("analyst__username", "analyst__printed_name")
    places = runs.order_by("instrument__code").values_list("instrument__code", "instrument__name")
    return {"analysts": list(people.distinct()), "instruments": list(places.distinct())}


def names_without_lot() -> dict[tuple[str, str, str], int]:
    """Controls that runs read and nobody has registered a lot of: (method, name, unit) and in how many runs."""
    known = {
        (lot.method_code, name)
        for lot in ControlLot.objects.filter(ended_at=None)
        for name in (lot.name, lot.trial_name)
    }
    unknown = readings_that_stand().filter(lot=None).values_list("run__method__code", "name", "unit")
    return {
        (code, name, unit): count
        for code, name, unit, count in unknown.annotate(count=Count("pk")).order_by()
        if (code, name) not in known
    }


def lots_at(method_code: str, names: Collection[str], at: datetime) -> dict[str, ControlLot]:
    """Which lot a name meant when it was measured: the one in use, else the one on trial under that name."""
    living = ControlLot.objects.filter(method_code=method_code, opened_at__lte=at).filter(
        Q(ended_at=None) | Q(ended_at__gt=at)
    )
    on_trial = living.filter(Q(in_use_from=None) | Q(in_use_from__gt=at), trial_name__in=names)
    in_use = living.filter(in_use_from__lte=at, name__in=names)
    found = {lot.trial_name: lot for lot in on_trial.order_by("pk")}
    return found | {lot.name: lot for lot in in_use.order_by("pk")}
