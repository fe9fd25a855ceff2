"""The rows of a table of values by name and quantity, of samples and of what the method names itself."""

from collections.abc import Iterable

from assays.readers import ValueRow

from .calculation import Material


def rows_named(material: Material, name: str, quantity: str) -> tuple[ValueRow, ...]:
    """Replicates of one quantity, in the order of the file, those that were masked among them."""
    return tuple(row for row in material.values if (row.sample_name, row.quantity) == (name, quantity))


def instrument_names(material: Material, sample: str, condition: str) -> list[str]:
    """What the instrument called a sample in one condition."""
    return [
        name
        for name, named in material.names.items()
        if (named.sample, named.condition) == (sample, condition)
    ]


def samples_of(material: Material) -> dict[str, str]:
    """Sample and stage, in the order of their names."""
    return dict(sorted((named.sample, named.stage) for named in material.names.values()))


def lacking(material: Material, names: Iterable[str], quantities: Iterable[str]) -> str:
    """Which of the names and quantities that the method asks for the table does not have, or nothing."""
    there = {row.sample_name for row in material.values}
    for name in names:
        if name not in there:
            return f"The table has no rows of {name}, which the method asks for."
    found = {row.quantity for row in material.values}
    for quantity in quantities:
        if quantity not in found:
            return f"The table has no quantity “{quantity}”, which the method asks for."
    return ""
