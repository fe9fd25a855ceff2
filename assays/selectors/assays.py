"""Independent assays that were reviewed and wait to be combined with those still to come."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from assays.models import MappedSample, Method, Result, Run
from assays.rules.calculations.combined_assays import Assay
from assays.states import ResultState, RunState


def earlier_assays(run: Run) -> dict[str, tuple[Assay, ...]]:
    """By sample of the run: valid, similar assays of the same order at the same stage by the same method version that
    were reviewed before this run was imported and are part of no final result. A reviewed run stays as it is, so this
    is the same at any time."""
    if not needs_several(run.method):
        return {}
    own = {
        (name.sample.order_id, name.sample.stage): name.sample.name
        for name in run.mapped_samples.select_related("sample")
        if name.sample is not None
    }
    names = (
        MappedSample.objects.filter(
            run__method=run.method,
            run__state=RunState.REVIEWED,
            run__review__signed_at__lt=run.recorded_at,
            sample__order__in={order for order, _ in own},
        )
        .select_related("sample", "run")
        .prefetch_related("run__computations")
        .order_by("run_id", "pk")
    )
    final = _with_final_results({name.run_id for name in names})
    found: dict[str, dict[int, Assay]] = defaultdict(dict)
    closed: dict[str, set[int]] = defaultdict(set)
    for name in names:
        place = (name.sample.order_id, name.sample.stage) if name.sample else None
        kept = _kept(name.run, name.sample.name if name.sample else "")
        if place not in own or not kept:
            continue
        if (name.run_id, name.sample_id) in final:
            closed[own[place]] |= _combined(name.run_id, kept)
        found[own[place]][name.run.pk] = Assay(
            run=name.run.pk, log_ratio=kept["log_ratio"], variance=kept["variance"], df=kept["df"]
        )
    return {
        sample: tuple(one for pk, one in assays.items() if pk not in closed[sample])
        for sample, assays in found.items()
        if set(assays) - closed[sample]
    }


def taken_from(run: Run) -> tuple[int, int] | None:
    """An assay that this run combines although it is part of the final result of another run, and that run."""
    for result in run.results.filter(state=ResultState.RECORDED).select_related("sample"):
        combined = _combined(run.pk, _kept(run, result.sample.name))
        others = (
            Result.objects.filter(order=result.order_id, stage=result.stage, attribute=result.attribute)
            .filter(review__isnull=False, run__isnull=False)
            .exclude(run=run)
            .select_related("run", "sample")
            .prefetch_related("run__computations")
        )
        for other in others if combined else ():
            if other.run and (
                both := combined & _combined(other.run.pk, _kept(other.run, other.sample.name))
            ):
                return min(both), other.run.pk
    return None


def combining_runs(orders: Iterable[int], method: Method) -> dict[tuple[int, str], str]:
    """By order and stage: the run that made a result of several assays and waits for its review."""
    if not needs_several(method):
        return {}
    names = MappedSample.objects.filter(
        sample__order__in=orders, run__state=RunState.COMPUTED, run__method__code=method.code
    )
    return {
        (name.sample.order_id, name.sample.stage): f"run {name.run_id}"
        for name in names.select_related("sample", "run").prefetch_related("run__computations")
        if name.sample and _combined(name.run_id, _kept(name.run, name.sample.name))
    }


def needs_several(method: Method) -> bool:
    rules = method.rules
    return rules.calculation is not None and rules.calculation.assays_of(rules.settings) > 1


def _kept(run: Run, sample_name: str) -> dict[str, Any]:
    return (run.outcome or {}).get("assays", {}).get(sample_name, {})


def _combined(run: int, kept: Mapping[str, Any]) -> set[int]:
    """The runs whose assays are in the result of this one, itself among them."""
    return {run, *kept["closes"]} if kept.get("combined") else set()


def _with_final_results(runs: Collection[int]) -> set[tuple[int, int]]:
    """Runs and samples; one whose result was superseded before its review made none."""
    found = Result.objects.filter(run__in=runs, review__isnull=False)
    return set(found.values_list("run_id", "sample_id"))
