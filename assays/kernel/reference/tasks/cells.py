"""Cell assays: specific lysis and flow cytometry."""

from itertools import chain
from statistics import fmean
from typing import Any

from assays.kernel.cytotoxicity import et_ratio_at, lytic_units, specific_lysis_percent
from assays.kernel.flow import events_needed, percent_of, poisson_cv_percent
from assays.kernel.proportions import clopper_pearson
from assays.kernel.reference.names import name
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import fields, list_of, number, one_of, share, whole
from assays.kernel.reference.tables import Role, Shape, Table, number_of
from assays.kernel.reference.tasks.limits import lower_and_upper
from assays.kernel.status import Status, UnableToAnswer, Unanswered

LYSIS_ROLES = ("spontaneous", "maximum", "experimental")


@task(
    "specific_lysis",
    roles={"role": Role(), "et_ratio": Role(), "replicates": Role(Shape.MANY)},
    settings={},
    optional={
        "lytic_unit": fields(
            {
                "percent": number(),
                "effectors": number(above=0),
                "targets": number(above=0),
                "interpolation": one_of("linear_in_ln_et"),
            }
        )
    },
)
def specific_lysis(table: Table, settings: Settings) -> dict[str, Any]:
    """Specific lysis at each ratio, and lytic units: `cytotoxicity`."""
    readings = _readings(table)
    for control in ("spontaneous", "maximum"):
        if not any(readings[control]):
            raise UnableToAnswer(Status.BAD_INPUT, f"No well shows {control} release.")
    spontaneous, maximum = (fmean(chain(*readings[role])) for role in ("spontaneous", "maximum"))
    lysis = [
        specific_lysis_percent(experimental=fmean(own), spontaneous=spontaneous, maximum=maximum)
        for own in readings["experimental"]
    ]
    found: dict[str, Any] = {
        f"items.{item}.percent_specific_lysis": value for item, value in enumerate(lysis, start=1)
    }
    found["spontaneous_percent_of_maximum"] = (
        100 * spontaneous / maximum
        if maximum
        else Unanswered("The maximum release is zero.", Status.NOT_EVALUABLE)
    )
    if settings["lytic_unit"]:
        experimental = table.select(lambda row: row["role"] == "experimental")
        found |= _lytic_unit(experimental.numbers("et_ratio").tolist(), lysis, settings["lytic_unit"])
    return found


def _readings(table: Table) -> dict[str, list[list[float]]]:
    """The replicates that were read, of each row by its role."""
    readings: dict[str, list[list[float]]] = {role: [] for role in LYSIS_ROLES}
    rows = zip(table.cells("role"), table.cells("replicates"), strict=True)
    for row, (role, cells) in enumerate(rows, start=1):
        if role not in readings:
            raise UnableToAnswer(Status.BAD_INPUT, f"The role of row {row} is {role!r}.")
        own = [number_of(cell, f"A replicate of row {row}") for cell in cells if cell]
        if not own:
            raise UnableToAnswer(Status.BAD_INPUT, f"Row {row} has no reading.")
        readings[role].append(own)
    return readings


def _lytic_unit(ratios: list[float], lysis: list[float | Unanswered], unit: Settings) -> dict[str, Any]:
    killed = [value for value in lysis if not isinstance(value, Unanswered)]
    if len(killed) < len(lysis):
        return dict.fromkeys(("lytic_unit.et_ratio", "lytic_unit.units"), lysis[0])
    ratio = et_ratio_at(unit["percent"], ratios, killed)
    units: Any = ratio
    if isinstance(ratio, float):
        units = lytic_units(et_ratio=ratio, effectors=unit["effectors"], targets=unit["targets"])
    return {"lytic_unit.et_ratio": ratio, "lytic_unit.units": units}


@task(
    "flow_percentages",
    roles={"gate": Role(), "events": Role(), "parent": Role(required=False)},
    settings={"percentages": list_of(fields({"gate": name, "of": name}))},
    optional={
        "subtract": list_of(fields({"signal": whole(least=1), "background": whole(least=1)})),
        "clopper_pearson": list_of(whole(least=1)),
        "confidence_level": share,
        "poisson_cv": list_of(name),
        "events_for_cv_percent": list_of(number(above=0)),
    },
)
def flow_percentages(table: Table, settings: Settings) -> dict[str, Any]:
    """Percentages of gates with exact limits, and the precision of counting: `flow`, `proportions`."""
    events = _events(table)
    counts = [(_of(events, item["gate"]), _of(events, item["of"])) for item in settings["percentages"]]
    percents = [percent_of(*count) for count in counts]
    found: dict[str, Any] = {f"items.{i}.percent": value for i, value in enumerate(percents, start=1)}
    found |= _exact_limits(counts, settings)
    for i, pair in enumerate(settings["subtract"] or (), start=1):
        signal, background = (_item(percents, pair[word]) for word in ("signal", "background"))
        missing = [value for value in (signal, background) if isinstance(value, Unanswered)]
        found[f"subtracted.{i}.percent"] = missing[0] if missing else signal - background
    for i, gate in enumerate(settings["poisson_cv"] or (), start=1):
        found[f"poisson.{i}.cv_percent"] = poisson_cv_percent(_of(events, gate))
    for i, cv in enumerate(settings["events_for_cv_percent"] or (), start=1):
        found[f"events_needed.{i}"] = events_needed(cv)
    return found


def _events(table: Table) -> dict[str, int]:
    gates = table.names("gate")
    if len(set(gates)) < len(gates):
        raise UnableToAnswer(Status.BAD_INPUT, "A gate occurs twice.")
    return dict(zip(gates, table.wholes("events"), strict=True))


def _of(events: dict[str, int], gate: str) -> int:
    if gate not in events:
        raise UnableToAnswer(Status.BAD_INPUT, f"There is no gate {gate}.")
    return events[gate]


def _item(items: list[Any], number: int) -> Any:
    if number > len(items):
        raise UnableToAnswer(Status.BAD_INPUT, f"There are {len(items)} percentages, not {number}.")
    return items[number - 1]


def _exact_limits(counts: list[tuple[int, int]], settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in settings["clopper_pearson"] or ():
        if settings["confidence_level"] is None:
            raise UnableToAnswer(Status.BAD_INPUT, "The setting params.confidence_level is missing.")
        path = f"items.{item}.clopper_pearson"
        try:
            limits = clopper_pearson(*_item(counts, item), confidence=settings["confidence_level"])
            found |= lower_and_upper(path, limits, lambda limit: 100 * limit)
        except UnableToAnswer as refused:
            found |= lower_and_upper(path, refused.answer)
    return found


TASKS = (specific_lysis, flow_percentages)
