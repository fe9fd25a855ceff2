"""Rounding, and comparison with a limit after it."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from operator import ge, gt, le, lt
from typing import Any

from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import bad, one_of, some_of
from assays.kernel.reference.tables import Role, Table
from assays.kernel.rounding import Ties, as_text, decimals_of, round_to_decimals, round_to_significant
from assays.kernel.status import Status, UnableToAnswer

OPERATORS: dict[str, Callable[[Decimal, Decimal], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt}


@task(
    "round_and_compare",
    roles={
        "value": Role(),
        "limit": Role(required=False),
        "operator": Role(required=False),
        "unit": Role(required=False),
        "significant": Role(required=False),
    },
    settings={
        "to": one_of("limit_decimals", "unit", "significant"),
        "modes": some_of("half_up", "half_even"),
    },
)
def round_and_compare(table: Table, settings: Settings) -> dict[str, Any]:
    """Decimal texts rounded and compared with their limits: `rounding`."""
    found: dict[str, Any] = {}
    rows = zip(table.decimals("value"), _roundings(table, settings["to"]), _limits(table), strict=True)
    for item, (value, rounding, limit) in enumerate(rows, start=1):
        for mode in settings["modes"]:
            rounded = rounding(value, ties=Ties(mode))
            found[f"items.{item}.{mode}.rounded"] = as_text(rounded)
            if limit:
                conforms, against = limit
                found[f"items.{item}.{mode}.conforms"] = conforms(rounded, against)
    return found


def _roundings(table: Table, to: str) -> Iterator[Callable[..., Decimal]]:
    """How each row is to be rounded."""
    if to == "significant":
        for digits in table.wholes("significant", least=1, most=100):
            yield partial(round_to_significant, digits=digits)
        return
    places = map(decimals_of, table.decimals("limit")) if to == "limit_decimals" else _unit_places(table)
    for decimals in places:
        yield partial(round_to_decimals, decimals=decimals)


def _unit_places(table: Table) -> Iterator[int]:
    """Decimals of each unit: 2 for 0.01, 0 for 1, −1 for 10."""
    for row, unit in enumerate(table.decimals("unit"), start=1):
        if unit <= 0 or unit != Decimal(1).scaleb(unit.adjusted()):
            raise bad(f"The unit of row {row}", str(unit), "a power of ten")
        yield -unit.adjusted()


def _limits(table: Table) -> list[tuple[Callable[[Decimal, Decimal], bool], Decimal] | None]:
    """The comparison and the exact limit of each row that has an operator."""
    operators = table.cells("operator")
    for operator in operators:
        if operator and operator not in OPERATORS:
            raise UnableToAnswer(Status.UNSUPPORTED, f"The operator {operator!r} is not known.")
    limits = table.decimals("limit") if any(operators) else [Decimal(0)] * len(table)
    return [
        (OPERATORS[operator], limit) if operator else None
        for operator, limit in zip(operators, limits, strict=True)
    ]


TASKS = (round_and_compare,)
