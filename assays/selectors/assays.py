"""Independent assays that were reviewed and wait to be combined with those still to come."""

from collections import defaultdict

from assays.models import MappedSample, Run
from assays.rules.calculations.combined_assays import Assay
from assays.states import RunState


def earlier_assays(run: Run) -> dict[str, tuple[Assay, ...]]:
    """By sample of the run: valid, similar assays of the same order at the same stage by the same method version that
    were reviewed before this run was imported and are part of no result. A reviewed run stays as it is, so this is the
    same at any time."""
    rules = run.method.rules
    if rules.calculation is None or rules.calculation.assays_of(rules.settings) < 2:
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
    found: dict[str, dict[int, Assay]] = defaultdict(dict)
    closed: dict[str, set[int]] = defaultdict(set)
    for name in names:
        place = (name.sample.order_id, name.sample.stage) if name.sample else None
        kept = (name.run.outcome or {}).get("assays", {}).get(name.sample.name if name.sample else "")
        if place not in own or not kept:
            continue
        closed[own[place]] |= {*kept["closes"], *([name.run.pk] if kept["combined"] else [])}
        found[own[place]][name.run.pk] = Assay(
            run=name.run.pk, log_ratio=kept["log_ratio"], variance=kept["variance"], df=kept["df"]
        )
    return {
        sample: tuple(one for pk, one in assays.items() if pk not in closed[sample])
        for sample, assays in found.items()
        if set(assays) - closed[sample]
    }
