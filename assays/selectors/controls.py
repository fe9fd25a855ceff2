"""Controls as their pages ask for them: lots, the readings that stand, the value in force."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

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


def lots_of_the_same_control(lot: ControlLot):
    """The others, the newest first."""
    same = ControlLot.objects.filter(method_code=lot.method_code, name=lot.name)
    return same.exclude(pk=lot.pk).order_by("-opened_at", "-pk")


def lot_in_use_beside(lot: ControlLot) -> ControlLot | None:
    """The one that this lot would take over from."""
    return lots_of_the_same_control(lot).filter(in_use_from__isnull=False, ended_at=None).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A lot on trial and the one in use, in the reviewed runs that read both."""

    other: ControlLot
    count: int
    mean: Decimal | None
    other_mean: Decimal | None

    @property
    def ratio(self) -> Decimal | None:
        return self.mean / self.other_mean if self.mean is not None and self.other_mean else None


def beside_the_lot_in_use(lot: ControlLot) -> Beside | None:
    """None unless the lot is on trial beside another one."""
    other = lot_in_use_beside(lot) if lot.state == "on_trial" else None
    if other is None:
        return None
    own = dict(reviewed_readings(lot).values_list("run", "value"))
    others = dict(reviewed_readings(other).filter(run__in=own).values_list("run", "value"))
    count = len(others)
    return Beside(
        other=other,
        count=count,
        mean=sum((own[run] for run in others), Decimal(0)) / count if count else None,
        other_mean=sum(others.values(), Decimal(0)) / count if count else None,
    )


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
