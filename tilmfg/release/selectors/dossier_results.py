"""The results of a dossier, with those that they replaced."""

from assays.models import Result

from .. import dossier
from ..models import Lot
from .dossier_rows import person


def results_of(lot: Lot) -> tuple[dossier.Result, ...]:
    found = (
        Result.objects.filter(order=lot.order_id)
        .select_related(
            "sample__drawn_by",
            "method",
            "run__analyst",
            "recorded_by",
            "reviewed_by",
            "second_reading__read_by",
        )
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
            recorded_by=person(row.recorded_by),
            reviewed_by=person(row.reviewed_by) if row.reviewed_by else None,
            state=row.state,
            supersedes=row.supersedes_id,
            reason=row.reason,
            retest_of=row.retest_of_id,
            second_reading=_second_reading(row),
        )
        for row in found
    )


def _second_reading(row: Result) -> dossier.SecondReading | None:
    again = getattr(row, "second_reading", None)
    if again is None:
        return None
    return dossier.SecondReading(
        text=again.text, read_by=person(again.read_by), recorded_at=again.recorded_at
    )
