"""Proportions and survival."""

from itertools import compress
from typing import Any

from assays.kernel.proportions import clopper_pearson, wilson
from assays.kernel.reference.names import name
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import flag, one_of, share, some_of
from assays.kernel.reference.tables import Role, Table
from assays.kernel.reference.tasks.limits import lower_and_upper
from assays.kernel.status import Status, UnableToAnswer
from assays.kernel.survival import Band, FlatRule, estimate_survival, survival_quantile

INTERVALS = {"clopper_pearson": clopper_pearson, "wilson": wilson}


@task(
    "binomial_interval",
    roles={"events": Role(), "n": Role()},
    settings={
        "confidence_level": share,
        "methods": some_of(*INTERVALS),
        "scale": one_of("percent", "proportion"),
    },
)
def binomial_interval(table: Table, settings: Settings) -> dict[str, Any]:
    """Proportions with the limits asked for: `proportions`."""
    scale, factor = settings["scale"], 100 if settings["scale"] == "percent" else 1
    found: dict[str, Any] = {}
    for item, (events, n) in enumerate(zip(table.wholes("events"), table.wholes("n"), strict=True), start=1):
        path = f"items.{item}"
        for method in settings["methods"]:
            try:
                limits = INTERVALS[method](events, n, confidence=settings["confidence_level"])
            except UnableToAnswer as refused:
                found[f"{path}.{scale}"] = refused.answer
                found |= lower_and_upper(f"{path}.{method}", refused.answer)
                continue
            found[f"{path}.{scale}"] = factor * events / n
            found |= lower_and_upper(f"{path}.{method}", limits, lambda limit: factor * limit)
    return found


@task(
    "kaplan_meier",
    roles={"time": Role(), "event": Role(), "stratum": Role(required=False)},
    settings={
        "event_value": name,
        "overall": flag,
        "confidence_level": share,
        "ci": some_of(*Band),
        "quantile": share,
        "flat_rule": one_of(*FlatRule),
    },
)
def kaplan_meier(table: Table, settings: Settings) -> dict[str, Any]:
    """Quantiles of the product-limit estimate with their bands: `survival`."""
    times = table.numbers("time").tolist()
    events = [event == settings["event_value"] for event in table.names("event")]
    strata = table.names("stratum") if table.has("stratum") else None
    if strata is None and not settings["overall"]:
        raise UnableToAnswer(Status.BAD_INPUT, "Neither overall nor by stratum: nothing is asked for.")
    found = _quantiles("all", times, events, settings) if settings["overall"] else {}
    for stratum in dict.fromkeys(strata or ()):
        own = [name == stratum for name in strata or ()]
        members = list(compress(times, own)), list(compress(events, own))
        found |= _quantiles(f"strata.{stratum}", *members, settings)
    return found


def _quantiles(path: str, times: list[float], events: list[bool], settings: Settings) -> dict[str, Any]:
    survival = estimate_survival(times, events)
    found: dict[str, Any] = {}
    for band in settings["ci"]:
        quantile = survival_quantile(
            survival,
            q=settings["quantile"],
            band=Band(band),
            confidence=settings["confidence_level"],
            flat=FlatRule(settings["flat_rule"]),
        )
        found |= {
            f"{path}.{band}.n": survival.n,
            f"{path}.{band}.events": survival.events,
            f"{path}.{band}.median": quantile.estimate,
            f"{path}.{band}.lower": quantile.lower,
            f"{path}.{band}.upper": quantile.upper,
        }
    return found


TASKS = (binomial_interval, kaplan_meier)
