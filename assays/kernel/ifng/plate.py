"""The wells of a run by what they are, checked, with the blank taken off."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from assays.kernel.ifng.values import AssayWell, Method, Role
from assays.kernel.missing import Missing
from assays.kernel.replicates import Replicates, summarise

Key = TypeVar("Key")


class UnableToCompute(ValueError):
    """The wells do not describe a run of this assay; the message names the well."""


@dataclass(frozen=True, slots=True)
class Plate:
    """Wells by role, unmasked and masked; responses after the mean blank."""

    wells: tuple[AssayWell, ...]
    blank: Replicates

    def of(self, role: Role) -> tuple[AssayWell, ...]:
        return tuple(well for well in self.wells if well.role is role)

    def response(self, well: AssayWell) -> float | Missing:
        """Response minus mean blank, in the unit of the responses."""
        if well.mask_reason:
            return Missing(f"masked: {well.mask_reason}")
        if isinstance(well.response, Missing):
            return well.response
        if isinstance(self.blank.mean, Missing):
            return Missing("no readable blank")
        return float(well.response) - self.blank.mean

    def readable(self, wells: Iterable[AssayWell]) -> tuple[tuple[AssayWell, float], ...]:
        """The wells that have a response, each with it."""
        pairs = ((well, self.response(well)) for well in wells)
        return tuple((well, response) for well, response in pairs if not isinstance(response, Missing))


def arrange_plate(wells: Sequence[AssayWell]) -> Plate:
    """Check the wells and average the blanks: response = signal − reference − mean blank, in AU.

    Raises UnableToCompute naming what is wrong. Source: the method of the release assay.
    """
    seen: set[str] = set()
    for well in wells:
        if well.position in seen:
            raise UnableToCompute(f"Well {well.position} is given twice.")
        seen.add(well.position)
        _require_complete(well)
    if not any(well.role is Role.STANDARD and well.nominal_pg_per_ml for well in wells):
        raise UnableToCompute("There is no standard well above 0 pg/mL.")
    blanks = [
        float(well.response)
        for well in wells
        if well.role is Role.BLANK and not well.mask_reason and isinstance(well.response, Decimal)
    ]
    return Plate(tuple(wells), summarise(blanks))


def limits_of(plate: Plate, method: Method) -> tuple[Decimal, Decimal]:
    """LLOQ and ULOQ in pg/mL: the method's, else the lowest standard above zero and the highest. Raises nothing.

    Source: ICH M10, calibration range.
    """
    levels = [well.nominal_pg_per_ml for well in plate.of(Role.STANDARD) if well.nominal_pg_per_ml]
    return method.lloq_pg_per_ml or min(levels), method.uloq_pg_per_ml or max(levels)


def grouped(wells: Iterable[AssayWell], key: Callable[[AssayWell], Key]) -> dict[Key, list[AssayWell]]:
    """Wells by key, keys in order of first appearance. Raises nothing."""
    groups: dict[Key, list[AssayWell]] = {}
    for well in wells:
        groups.setdefault(key(well), []).append(well)
    return groups


def _require_complete(well: AssayWell) -> None:
    if well.role in (Role.STANDARD, Role.CONTROL):
        if well.nominal_pg_per_ml is None:
            raise UnableToCompute(f"Well {well.position} is a {well.role} without a nominal concentration.")
        if well.nominal_pg_per_ml < 0:
            raise UnableToCompute(
                f"Well {well.position} has the nominal concentration {well.nominal_pg_per_ml.normalize():f}, "
                "below zero."
            )
    if well.role in (Role.CONTROL, Role.SAMPLE) and not well.name:
        raise UnableToCompute(f"Well {well.position} is a {well.role} without a name.")
    if well.role is Role.SAMPLE and well.condition is None:
        raise UnableToCompute(f"Well {well.position} is neither stimulated nor unstimulated.")
    if well.dilution_factor < 1:
        raise UnableToCompute(
            f"Well {well.position} has the dilution factor {well.dilution_factor.normalize():f}; "
            "it must be at least 1."
        )
