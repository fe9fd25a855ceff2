"""Readings of controls held against the values in force, of any number of lots in as many queries as of one."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery

from assays.kernel.control_rules import Target
from assays.models import ControlLot, ControlReading, Run
from assays.rules.controls import BEFORE, Judged, Standing, judge

from .controls import readings_that_stand, values_in_force

Levels = dict[int, dict[int, Decimal]]  # by run: the value of each lot that it read


def controls_of_run(run: Run) -> list[Standing]:
    """As the review kept them; before it, those of the last computation as they stand now."""
    if run.controls is not None:
        return [Standing.revived(facts) for facts in run.controls]
    readings = readings_that_stand().filter(run=run).order_by("name")
    return [standing for _, standing in _each_as_the_last(readings)]


def newest_of_lots(lots: Iterable[ControlLot]) -> dict[int, tuple[ControlReading, Standing]]:
    """By lot: its newest reading. Lots that no run has read are left out."""
    newest = readings_that_stand().filter(lot=OuterRef("pk")).order_by("-measured_at", "-pk").values("pk")[:1]
    measured = ControlLot.objects.filter(pk__in=[lot.pk for lot in lots])
    readings = readings_that_stand().filter(pk__in=measured.values_list(Subquery(newest)))
    return {shown[0].lot_id: shown for shown in _each_as_the_last(readings) if shown[0].lot_id}


def judged(readings: Collection[ControlReading], lot: ControlLot) -> list[Standing]:
    """Readings of one lot, oldest first, each beside the other controls of its run."""
    levels = _levels_of({reading.run_id for reading in readings})
    targets = _targets_of(levels)
    found = _judge([levels[reading.run_id] for reading in readings], targets, lot.pk)
    return [
        _standing(reading, targets.get(lot.pk), one) for reading, one in zip(readings, found, strict=True)
    ]


def _each_as_the_last(readings: QuerySet[ControlReading]) -> list[tuple[ControlReading, Standing]]:
    """Each reading as the last of its lot up to then."""
    earlier = Q(measured_at__lt=OuterRef("measured_at")) | Q(
        measured_at=OuterRef("measured_at"), pk__lte=OuterRef("pk")
    )
    runs = readings_that_stand().filter(earlier, lot=OuterRef("lot")).order_by("-measured_at", "-pk")
    looked_at = ArraySubquery(runs.values("run")[: BEFORE + 1])
    found = list(readings.annotate(runs_up_to_it=looked_at))
    levels = _levels_of({run for reading in found for run in reading.runs_up_to_it})
    targets = _targets_of(levels)
    shown: list[tuple[ControlReading, Standing]] = []
    for reading in found:
        up_to_it = [levels[run] for run in reversed(reading.runs_up_to_it)]
        last = _judge(up_to_it, targets, reading.lot_id)[-1:]
        shown.append((reading, _standing(reading, targets.get(reading.lot_id), last[0] if last else None)))
    return shown


def _levels_of(runs: Collection[int]) -> Levels:
    levels: Levels = defaultdict(dict)
    read = readings_that_stand().filter(run__in=runs, lot__isnull=False, value__isnull=False)
    for run, lot, value in read.values_list("run", "lot", "value"):
        levels[run][lot] = value
    return levels


def _targets_of(levels: Levels) -> dict[int, Target]:
    lots = {lot for level in levels.values() for lot in level}
    return {pk: value.target for pk, value in values_in_force(lots).items()}


def _judge(
    runs: list[dict[int, Decimal]], targets: dict[int, Target], lot: int | None
) -> list[Judged | None]:
    return judge(runs, targets, lot) if lot is not None and lot in targets else [None] * len(runs)


def _standing(reading: ControlReading, target: Target | None, judged: Judged | None) -> Standing:
    return Standing(
        name=reading.name,
        lot_id=reading.lot_id,
        lot_number=reading.lot.lot_number if reading.lot else "",
        value=reading.value,
        missing=reading.missing,
        unit=reading.unit,
        target=target,
        judged=judged,
    )
