"""Control rules and charts."""

from decimal import Decimal
from typing import Any

import numpy as np

from assays.kernel.control_charts import capability, ewma, ewma_limits, mean_chart
from assays.kernel.control_rules import Target, Westgard, nelson, westgard
from assays.kernel.reference.names import name
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import fields, list_of, mapping_of, number, one_of, some_of, whole
from assays.kernel.reference.tables import Role, Shape, Table, decimal_of
from assays.kernel.rounding import as_decimal
from assays.kernel.status import Status, UnableToAnswer, Unanswered


@task(
    "westgard",
    roles={"run": Role(), "levels": Role(Shape.NAMED)},
    settings={
        "levels": mapping_of(fields({"mean": number(), "sd": number(above=0)}), name),
        "rules": some_of(*Westgard),
    },
)
def westgard_rules(table: Table, settings: Settings) -> dict[str, Any]:
    """The runs at which each rule fires: `control_rules.westgard`."""
    numbers = table.wholes("run")
    if len(set(numbers)) < len(numbers):
        raise UnableToAnswer(Status.BAD_INPUT, "A run number occurs twice.")
    runs = [_present(cells) for cells in table.cells("levels")]
    for level in settings["levels"]:
        if not any(level in cells for cells in table.cells("levels")):
            raise UnableToAnswer(Status.BAD_INPUT, f"The control {level} is not in the table.")
    targets = {
        level: Target(as_decimal(given["mean"]), as_decimal(given["sd"]))
        for level, given in settings["levels"].items()
    }
    return {
        f"rules.{rule}": [numbers[i] for i in westgard(runs, targets, Westgard(rule))]
        for rule in settings["rules"]
    }


def _present(cells: dict[str, str]) -> dict[str, Decimal]:
    """The controls that were measured in a run."""
    return {level: decimal_of(cell, f"The control {level}") for level, cell in cells.items() if cell}


@task(
    "nelson",
    roles={"value": Role()},
    settings={
        "mean": number(),
        "sd": number(above=0),
        "rules": list_of(whole(least=1, most=8), unique=True),
    },
)
def nelson_rules(table: Table, settings: Settings) -> dict[str, Any]:
    """The values that complete a pattern of each rule: `control_rules.nelson`."""
    values = table.decimals("value")
    target = Target(as_decimal(settings["mean"]), as_decimal(settings["sd"]))
    return {f"rules.{rule}": [i + 1 for i in nelson(values, target, rule)] for rule in settings["rules"]}


@task(
    "ewma_chart",
    roles={"value": Role()},
    settings={
        "lam": number(above=0, most=1),
        "target": number(),
        "sd": number(above=0),
        "k": number(),
        "limits": one_of("steady_state"),
    },
)
def ewma_chart(table: Table, settings: Settings) -> dict[str, Any]:
    """Moving averages and their steady-state limits: `control_charts.ewma`."""
    means = ewma(table.numbers("value").tolist(), start=settings["target"], weight=settings["lam"])
    lower, upper = ewma_limits(
        target=settings["target"], sd=settings["sd"], weight=settings["lam"], k=settings["k"]
    )
    points = {f"points.{i}.ewma": mean for i, mean in enumerate(means, start=1)}
    return {"limits.lower": lower, "limits.upper": upper, **points}


@task(
    "xbar_chart_capability",
    roles={"value": Role(), "subgroup": Role()},
    settings={
        "baseline": fields({"first_subgroups": whole(least=1)}),
        "sigma": one_of("rbar_d2"),
        "k": number(),
        "spec": fields({"lower": number(), "upper": number(), "target": number()}),
    },
)
def xbar_chart_capability(table: Table, settings: Settings) -> dict[str, Any]:
    """Limits from the baseline, and the capability: `control_charts.mean_chart` and `capability`."""
    subgroups: dict[str, list[float]] = {}
    for subgroup, value in zip(table.names("subgroup"), table.numbers("value").tolist(), strict=True):
        subgroups.setdefault(subgroup, []).append(value)
    if len({len(values) for values in subgroups.values()}) > 1:
        raise UnableToAnswer(Status.BAD_INPUT, "The subgroups are not of one size.")
    first = settings["baseline"]["first_subgroups"]
    if first > len(subgroups):
        raise UnableToAnswer(Status.BAD_INPUT, f"There are {len(subgroups)} subgroups, not {first}.")
    values = np.array(list(subgroups.values()))
    chart = mean_chart(values[:first], k=settings["k"])
    spec = settings["spec"]
    found: dict[str, Any] = {
        "center": chart.center,
        "sd_within": chart.sd_within,
        "limits.lower": chart.lower,
        "limits.upper": chart.upper,
        "out_of_limits": _outside(list(subgroups), values.mean(1), chart.lower, chart.upper),
    }
    indices = ("Cp", "Cpl", "Cpu", "Cpk", "Cpm")
    try:
        fits = capability(center=chart.center, sd=chart.sd_within, **spec)
    except UnableToAnswer as refused:
        return found | {f"capability.{index}": refused.answer for index in indices}
    return found | {f"capability.{index}": getattr(fits, index.lower()) for index in indices}


def _outside(names: list[str], means: np.ndarray, lower: float, upper: float) -> list[int] | Unanswered:
    """Numbers of the subgroups whose mean is outside the limits."""
    if not all(name.removeprefix("-").isdecimal() for name in names):
        return Unanswered("The subgroups have names that are no whole numbers.", Status.BAD_INPUT)
    return [int(name) for name, mean in zip(names, means, strict=True) if mean < lower or mean > upper]


TASKS = (westgard_rules, nelson_rules, ewma_chart, xbar_chart_capability)
