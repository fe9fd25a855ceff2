"""The wells of a plate by what they are: controls by name, samples by name and dilution, each read or not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing
from assays.kernel.replicates import Replicates, summarise
from assays.rules.plates import WellFacts

from .calculation import Material
from .criteria import at_most


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Replicate wells of one thing, in units of the signal; wells that were masked or not read do not count."""

    name: str
    positions: tuple[str, ...]
    signal: Replicates


def group_of(name: str, wells: Iterable[WellFacts]) -> Group:
    own = tuple(wells)
    return Group(
        name=name, positions=tuple(well.position for well in own), signal=summarise(responses_of(own))
    )


def responses_of(wells: Iterable[WellFacts]) -> list[float]:
    """Signal minus reference of the wells that count."""
    return [float(well.response) for well in wells if not isinstance(well.response, Missing)]


def control(material: Material, name: str) -> Group:
    """The wells of a control as the layout names it."""
    return group_of(name, (well for well in material.wells if well.instrument_name == name))


def dilutions_of(material: Material) -> dict[str, dict[Decimal, list[WellFacts]]]:
    """By sample and dilution, both in the order of the plate."""
    return _by_dilution(material, {name: named.sample for name, named in material.names.items()})


def in_condition(material: Material, condition: str) -> dict[str, dict[Decimal, list[WellFacts]]]:
    """The same of the names that are in one condition."""
    names = material.names.items()
    return _by_dilution(
        material, {name: named.sample for name, named in names if named.condition == condition}
    )


def _by_dilution(material: Material, samples: Mapping[str, str]) -> dict[str, dict[Decimal, list[WellFacts]]]:
    found: dict[str, dict[Decimal, list[WellFacts]]] = {}
    for well in material.wells:
        if well.role == "sample" and well.instrument_name in samples:
            by_dilution = found.setdefault(samples[well.instrument_name], {})
            by_dilution.setdefault(well.dilution or Decimal(1), []).append(well)
    return found


def without(material: Material, names: Sequence[str]) -> str:
    """Which of these controls the plate has no well of, in words, or nothing."""
    there = {well.instrument_name for well in material.wells}
    for name in names:
        if name not in there:
            return f"The plate has no well called {name}, which the method asks for."
    return ""


def cv_criterion(group: Group, *, limit: Decimal) -> Criterion:
    """Missing of a group with fewer than two readable wells; such a run is not valid."""
    return at_most(f"{group.name}, CV", group.signal.cv_percent, limit, "%")
